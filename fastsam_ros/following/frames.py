# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A frame as the tracker takes it, and what the tracker says of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fastsam_ros.core import Scene
from fastsam_ros.following.small_mask import Grid, SmallMask, small_masks
from fastsam_ros.following.thing import Status, ThingSegment


@dataclass(frozen=True, eq=False)
class Frame:
    """
    A frame that the network has seen.

    :param image: (H, W, 3) uint8 RGB
    :param scene: what the network found; candidates below the confidence may come last
    :param stamp: of the image, ns
    :param ids: (N,) uint32 that `Tracker` gave its segments
    """

    image: np.ndarray
    scene: Scene
    stamp: int
    ids: np.ndarray


@dataclass(frozen=True, eq=False)
class Tracked:
    """
    What is known of a frame.

    :param stamp: of the frame, ns
    :param ids: (N,) uint32, identities of the scene's segments, in its order; 0 for candidates
        below the confidence that continue nothing
    :param things: how each standing prompt's thing stands, in the order in which they came
    :param grid: the shrunk picture's
    """

    stamp: int
    ids: np.ndarray
    things: tuple[Status, ...]
    grid: Grid

    @cached_property
    def segments(self) -> tuple[ThingSegment, ...]:
        """All that is seen of the things."""
        return tuple(segment for status in self.things for segment in status.segments)

    @cached_property
    def small_masks(self) -> list[SmallMask]:
        """Those of the segments in the shrunk picture; made once for all frames that follow."""
        return small_masks([segment.runs for segment in self.segments], self.grid)
