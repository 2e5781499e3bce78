# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A frame as following sees it: small masks and looks of those segments that are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from fastsam_ros.core import Scene
from fastsam_ros.core.boxes import pairwise_iou
from fastsam_ros.following.looks import colours, histogram
from fastsam_ros.following.small_mask import Grid, SmallMask, shrunk

REACH = 0.05  # IoU of boxes below which masks are not compared


@dataclass(eq=False)
class View:
    """
    A frame as following sees it; masks and looks are made when they are asked for.

    :param scene: its segments
    :param stamp: of the frame, ns
    :param grid: the shrunk picture's
    :param bins: (h, w) uint8, see `looks.colours`
    """

    scene: Scene
    stamp: int
    grid: Grid
    bins: np.ndarray
    _masks: dict[int, SmallMask] = field(default_factory=dict)
    _looks: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, image: np.ndarray, scene: Scene, stamp: int) -> View:
        """
        The view of a frame.

        :param image: (H, W, 3) uint8 RGB
        :param scene: what the network found in it
        :param stamp: of the frame, ns
        """
        grid = Grid(*image.shape[:2])
        return cls(scene, stamp, grid, colours(grid.shrink(image)))

    @property
    def count(self) -> int:
        """Segments of the scene."""
        return len(self.scene)

    @cached_property
    def boxes(self) -> np.ndarray:
        """Of the segments, (N, 4) float32, pixels of the shrunk picture."""
        return self.scene.boxes / self.grid.factor

    def near(self, mask: SmallMask) -> np.ndarray:
        """Segments whose boxes overlap a mask's: (K,)."""
        return np.flatnonzero(
            pairwise_iou(np.array([mask.box], np.float32), self.boxes)[0] > REACH)

    def mask(self, index: int) -> SmallMask:
        """A segment's mask."""
        if index not in self._masks:
            (runs,) = self.scene.run_lengths([index])
            self._masks[index] = shrunk(runs, self.grid)
        return self._masks[index]

    def looks(self, index: int) -> np.ndarray:
        """What a segment looks like; see `looks.histogram`."""
        if index not in self._looks:
            mask = self.mask(index)
            x0, y0, x1, y1 = mask.box
            self._looks[index] = histogram(self.bins[y0:y1, x0:x1], mask.values > 127)
        return self._looks[index]
