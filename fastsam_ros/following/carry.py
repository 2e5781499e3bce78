# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are on a frame that the network has not seen: their masks move with the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastsam_ros.following.motion import Flow, Motion
from fastsam_ros.following.small_mask import Grid, enlarged
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.view import small_masks

if TYPE_CHECKING:
    from fastsam_ros.following.tracker import Tracked

TOO_OLD = 'the network has not seen it for {:g} s'
CUT = 'the picture changed too much to tell where it is'
GONE = 'it has left the picture'


@dataclass(frozen=True, eq=False)
class Carried:
    """
    Things on a camera's frame.

    :param stamp: of the frame, ns
    :param things: as `Tracked.things`, their masks moved to this frame; what cannot be said is
        SEARCHING, without a mask. `seen` is when the network saw it
    """

    stamp: int
    things: tuple[Status, ...]


def carry(
    tracked: Tracked | None, motion: Motion, size: tuple[int, int], stamp: int, longest: float
) -> Carried:
    """
    Move things to a newer frame.

    :param tracked: the newest result of the network; None: none
    :param motion: has both frames
    :param size: height and width of the image, pixels
    :param stamp: of the frame, ns
    :param longest: s that they are carried
    """
    if tracked is None:
        return Carried(stamp, ())
    if stamp == tracked.stamp:
        return Carried(stamp, tracked.things)
    fresh = 0 < stamp - tracked.stamp <= longest * 1e9
    flow = motion.between(tracked.stamp, stamp) if fresh else None
    reason = CUT if fresh else TOO_OLD.format(longest)
    grid = Grid(*size)
    return Carried(stamp, tuple(
        status if status.state != State.FOLLOWED
        else _lost(status, reason) if flow is None
        else _moved(status, flow, grid)
        for status in tracked.things))


def _lost(status: Status, why: str) -> Status:
    return replace(status, state=State.SEARCHING, segments=(), message=why)


def _moved(status: Status, flow: Flow, grid: Grid) -> Status:
    """A thing, its masks moved along."""
    masks = small_masks([segment.runs for segment in status.segments], grid)
    segments = tuple(
        replace(segment, runs=enlarged(flow.move(mask), grid))
        for segment, mask in zip(status.segments, masks))
    segments = tuple(segment for segment in segments if segment.runs.area)
    return replace(status, segments=segments) if segments else _lost(status, GONE)
