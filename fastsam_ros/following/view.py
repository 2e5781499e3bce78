# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A frame as following sees it: small masks and looks of those segments that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from fastsam_ros.core import RunLengths, Scene
from fastsam_ros.core.boxes import pairwise_iou
from fastsam_ros.core.native import library
from fastsam_ros.following.looks import COLOURS, colours, normalised
from fastsam_ros.following.small_mask import Grid, SmallMask

REACH = 0.05  # IoU of boxes below which masks are not compared


@dataclass(eq=False)
class View:
    """
    A frame as following sees it; masks and looks are made when they are asked for.

    :param scene: its segments
    :param stamp: of the frame, ns
    :param grid: the shrunk picture's
    :param bins: (h, w) uint8, see `looks.colours`
    :param ids: (N,) uint32 of the segments, as all of them are numbered
    """

    scene: Scene
    stamp: int
    grid: Grid
    bins: np.ndarray
    ids: np.ndarray
    _masks: dict[int, SmallMask] = field(default_factory=dict)
    _looks: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, small: np.ndarray, scene: Scene, stamp: int, ids: np.ndarray) -> View:
        """
        The view of a frame.

        :param small: (h, w, 3) uint8 RGB, the shrunk picture
        :param scene: what the network found in it
        :param stamp: of the frame, ns
        :param ids: (N,) uint32 of its segments
        """
        return cls(scene, stamp, Grid(scene.height, scene.width), colours(small), ids)

    @property
    def count(self) -> int:
        """Segments of the scene."""
        return len(self.scene)

    @cached_property
    def boxes(self) -> np.ndarray:
        """Of the segments, (N, 4) float32, pixels of the shrunk picture."""
        return self.scene.boxes / self.grid.factor

    @cached_property
    def areas(self) -> np.ndarray:
        """Of the segments, (N,), pixels of the shrunk picture, before any is shrunk."""
        return np.array([runs.area for runs in self.scene.run_lengths()]) / self.grid.factor**2

    def near(self, mask: SmallMask) -> list[int]:
        """Segments whose boxes overlap a mask's, by index."""
        overlaps = pairwise_iou(np.array([mask.box], np.float32), self.boxes)[0]
        return np.flatnonzero(overlaps > REACH).tolist()

    def prepare(self, indices: Sequence[int]) -> None:
        """Make the masks and looks of some segments at once."""
        missing = [index for index in indices if index not in self._masks]
        if missing:
            masks, looks = shrunk(self.scene.run_lengths(missing), self.grid, self.bins)
            self._masks.update(zip(missing, masks))
            self._looks.update(zip(missing, looks))

    def likenesses(
        self, indices: Sequence[int], looks: Sequence[np.ndarray]
    ) -> list[tuple[int, float]]:
        """
        How much segments look like the most similar of some looks, 0 to 1, by index.

        Bhattacharyya's coefficient of histograms.

        :param indices: K segments
        :param looks: each (COLOURS,), see `looks.normalised`
        """
        self.prepare(indices)
        if not len(indices):
            return []
        rows = np.array([self._looks[index] for index in indices])
        return [*zip(indices, (rows @ np.stack(looks).T).max(axis=1).tolist())]

    def mask(self, index: int) -> SmallMask:
        """A segment's mask."""
        if index not in self._masks:
            self.prepare([index])
        return self._masks[index]

    def looks(self, index: int) -> np.ndarray:
        """What a segment looks like; see `looks.normalised`."""
        if index not in self._looks:
            self.prepare([index])
        return self._looks[index]


def small_masks(run_lengths: Sequence[RunLengths], grid: Grid) -> list[SmallMask]:
    """Masks in the shrunk picture."""
    return shrunk(run_lengths, grid, np.zeros(grid.shape, np.uint8))[0]


def shrunk(
    run_lengths: Sequence[RunLengths], grid: Grid, bins: np.ndarray
) -> tuple[list[SmallMask], np.ndarray]:
    """
    Masks in the shrunk picture, and what they look like: of each pixel the image's first counts.

    :param run_lengths: K masks
    :param bins: (h, w) uint8, see `looks.colours`
    :return: K masks and (K, COLOURS) float32
    """
    step = grid.factor
    boxes = np.array([(r.x, r.y, r.width, r.height) for r in run_lengths], np.int64)
    low = -(-boxes[:, :2] // step)
    high = np.minimum(-(-(boxes[:, :2] + boxes[:, 2:]) // step), grid.shape[::-1])
    sides = np.maximum(high - low, 0)
    lengths = np.array([[len(r.counts)] for r in run_lengths], np.int64)
    values = np.zeros(int(np.prod(sides, axis=1).sum()), np.uint8)
    counts = np.zeros((len(boxes), COLOURS), np.uint32)
    library().fastsam_shrink(
        len(boxes), np.concatenate([boxes, lengths, low, sides], axis=1),
        np.concatenate([r.counts for r in run_lengths]), step, bins, bins.shape[1], COLOURS,
        values, counts)
    masks, start = [], 0
    for (x, y), (width, height) in zip(low.tolist(), sides.tolist()):
        end = start + width * height
        masks.append(SmallMask(x, y, values[start:end].reshape(height, width)))
        start = end
    return masks, normalised(counts)
