# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are on a frame that the network has not seen: their masks move with the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fastsam_ros.core import RunLengths
from fastsam_ros.following.motion import NONSENSE, Grid, Motion, sample
from fastsam_ros.following.thing import State, Status

if TYPE_CHECKING:
    from fastsam_ros.following.tracker import Tracked

TOO_OLD = 'the network has not seen it for {:g} s'
CUT = 'the picture changed too much to tell where it is'
UNKNOWN = 'no network result to start from'


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
    age = stamp - tracked.stamp
    flow = motion.between(tracked.stamp, stamp) if 0 <= age <= longest * 1e9 else None
    reason = UNKNOWN if age <= longest * 1e9 else TOO_OLD.format(longest)
    things = tuple(
        status if status.state != State.FOLLOWED
        else _lost(status, reason) if flow is None
        else _moved(status, motion, flow, Grid(*size), tracked.stamp, stamp)
        for status in tracked.things)
    return Carried(stamp, things)


def _lost(status: Status, why: str) -> Status:
    return replace(status, state=State.SEARCHING, segments=(), message=why)


def _moved(
    status: Status, motion: Motion, flow: np.ndarray, grid: Grid, old: int, new: int
) -> Status:
    segments = []
    for segment in status.segments:
        small = sample(_small(segment.runs, grid), flow)
        if old == new or motion.agreement(old, new, small > 127) >= NONSENSE:
            runs = segment.runs if old == new else enlarged(small, grid)
            segments.append(replace(segment, runs=runs))
    segments = tuple(segment for segment in segments if segment.runs.area)
    return replace(status, segments=segments) if segments else _lost(status, CUT)


def _small(runs: RunLengths, grid: Grid) -> np.ndarray:
    whole = np.zeros((grid.height, grid.width), np.uint8)
    whole[runs.window] = runs.mask() * np.uint8(255)
    return grid.shrink(whole)


def enlarged(small: np.ndarray, grid: Grid) -> RunLengths:
    """
    A mask of the shrunk picture at the image's size.

    :param small: (h, w) uint8; above 127 is inside
    """
    size = small.shape[1] * grid.factor, small.shape[0] * grid.factor
    whole = np.zeros((grid.height, grid.width), bool)
    whole[: size[1], : size[0]] = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR) > 127
    return RunLengths.from_mask(whole)
