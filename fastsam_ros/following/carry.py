# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are on a frame that the network has not seen: their masks move with the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fastsam_ros.following.motion import Flow, Motion
from fastsam_ros.following.small_mask import Grid, enlarged
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.view import small_masks

Masked = TypeVar('Masked')  # a dataclass with a mask, `runs`
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
    things: Iterable[Status], seen: int, motion: Motion, size: tuple[int, int], stamp: int,
    longest: float,
) -> Carried:
    """
    Move things to a newer frame.

    :param things: as the newest result of the network has them
    :param seen: stamp of its frame, ns
    :param motion: has both frames
    :param size: height and width of the image, pixels
    :param stamp: of the newer frame, ns
    :param longest: s that they are carried
    """
    if stamp == seen:
        return Carried(stamp, tuple(things))
    fresh = 0 < stamp - seen <= longest * 1e9
    flow = motion.between(seen, stamp) if fresh else None
    reason = CUT if fresh else TOO_OLD.format(longest)
    grid = Grid(*size)
    return Carried(stamp, tuple(
        status if status.state != State.FOLLOWED
        else _lost(status, reason) if flow is None
        else _carried(status, flow, grid)
        for status in things))


def moved(segments: Sequence[Masked], flow: Flow, grid: Grid) -> tuple[Masked, ...]:
    """
    Segments as they lie on a newer frame, without those that have left the picture.

    :param segments: of the older frame
    :param flow: from the newer frame to the older one
    :param grid: of both
    """
    if not segments:
        return ()
    masks = small_masks([segment.runs for segment in segments], grid)
    found = (
        replace(segment, runs=enlarged(flow.move(mask), grid))
        for segment, mask in zip(segments, masks))
    return tuple(segment for segment in found if segment.runs.area)


def _lost(status: Status, why: str) -> Status:
    return replace(status, state=State.SEARCHING, segments=(), message=why)


def _carried(status: Status, flow: Flow, grid: Grid) -> Status:
    segments = moved(status.segments, flow, grid)
    return replace(status, segments=segments) if segments else _lost(status, GONE)
