# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are on a frame that the network has not seen: their masks move with the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fastsam_ros.core import RunLengths
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.frames import Tracked
from fastsam_ros.following.motion import Motion
from fastsam_ros.following.small_mask import Grid, enlarged, small_masks
from fastsam_ros.following.thing import State, Status

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
    tracked: Tracked, motion: Motion, size: tuple[int, int], stamp: int, longest: float
) -> Carried:
    """
    Move things to a newer frame.

    :param tracked: the newest result of the network
    :param motion: has both frames
    :param size: height and width of the newer image, pixels
    :param stamp: of the newer frame, ns
    :param longest: s that they are carried
    """
    seen, things = tracked.stamp, tracked.things
    if stamp == seen:
        return Carried(stamp, things)
    fresh = 0 < stamp - seen <= longest * 1e9
    flow = motion.between(seen, stamp) if fresh else None
    if flow is None:
        reason = CUT if fresh else TOO_OLD.format(longest)
        return Carried(stamp, tuple(_lost(status, reason) for status in things))
    found = iter(enlarged(flow.move(tracked.small_masks), Grid(*size)))
    return Carried(stamp, tuple(_carried(status, found) for status in things))


def moved(segments: Sequence[Masked], flow: Flow, grid: Grid) -> tuple[Masked, ...]:
    """
    Segments as they lie on a newer frame, without those that have left the picture.

    :param segments: of the older frame
    :param flow: from the newer frame to the older one
    :param grid: of both
    """
    masks = small_masks([segment.runs for segment in segments], grid)
    found = enlarged(flow.move(masks), grid)
    return tuple(
        replace(segment, runs=runs) for segment, runs in zip(segments, found) if runs.area)


def _lost(status: Status, why: str) -> Status:
    if status.state != State.FOLLOWED:
        return status
    return replace(status, state=State.SEARCHING, segments=(), message=why)


def _carried(status: Status, masks: Iterator[RunLengths]) -> Status:
    """A thing with its masks moved, which come next."""
    found = ((segment, next(masks)) for segment in status.segments)
    segments = tuple(replace(segment, runs=runs) for segment, runs in found if runs.area)
    return replace(status, segments=segments) if segments else _lost(status, GONE)
