# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A frame as following sees it: small masks and looks of those segments that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from fastsam_ros.core import RunLengths, Scene
from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.images import check_image
from fastsam_ros.core.masks.fading import reachable
from fastsam_ros.core.native import library
from fastsam_ros.following.looks import both_alike, compared, histograms, looks_of
from fastsam_ros.following.small_mask import Grid, SmallMask, cut_out, ious


@dataclass(eq=False)
class View:
    """
    A frame as following sees it; masks and looks are made when they are asked for.

    :param scene: its segments
    :param stamp: of the frame, ns
    :param grid: the shrunk picture's
    :param image: (H, W, 3) uint8 RGB
    :param ids: (N,) uint32 of the segments, as all of them are numbered
    """

    scene: Scene
    stamp: int
    grid: Grid
    image: np.ndarray
    ids: np.ndarray
    _masks: dict[int, SmallMask] = field(default_factory=dict)
    _looks: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._areas = np.full(self.count, np.nan)  # of those that were asked for

    @classmethod
    def of(cls, image: np.ndarray, scene: Scene, stamp: int, ids: np.ndarray) -> View:
        """
        The view of a frame.

        :param image: (H, W, 3) uint8 RGB, the frame
        :param scene: what the network found in it
        :param stamp: of the frame, ns
        :param ids: (N,) uint32 of its segments
        :raises ImageError: when it is no RGB image, or not of the scene's size
        """
        check_image(image)
        if image.shape[:2] != (scene.height, scene.width):
            raise ImageError(
                f'the image is {image.shape[1]}x{image.shape[0]} and its scene '
                f'{scene.width}x{scene.height}: give the image that the scene was made of')
        if scene.image is not None:  # nobody writes into that one
            image = scene.image
        return cls(scene, stamp, Grid(scene.height, scene.width), image, ids)

    @property
    def count(self) -> int:
        """Segments of the scene."""
        return len(self.scene)

    @cached_property
    def boxes(self) -> np.ndarray:
        """Of the segments, (N, 4) float32, pixels of the shrunk picture."""
        return self.image_boxes / np.float32(self.grid.factor)

    @cached_property
    def image_boxes(self) -> np.ndarray:
        """The same, pixels of the image."""
        return self.scene.boxes

    @cached_property
    def most_areas(self) -> np.ndarray:
        """That masks can have, (N,), pixels of the shrunk picture; known before any is made."""
        boxes = reachable(self.scene.extents, self.scene.letterbox)
        return np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) / self.grid.factor**2

    def middle(self, index: int) -> np.ndarray:
        """Of a segment's box: (2,) x, y, pixels of the shrunk picture."""
        return (self.boxes[index, :2] + self.boxes[index, 2:]) / 2

    def areas(self, indices: np.ndarray) -> np.ndarray:
        """
        Of some segments, (P,), pixels of the shrunk picture, before any is shrunk.

        :param indices: (P,) int64, any as often as you like
        """
        missing = sorted({*indices[np.isnan(self._areas[indices])].tolist()})
        if missing:
            found = [runs.area for runs in self.scene.run_lengths(missing)]
            self._areas[missing] = np.array(found) / self.grid.factor**2
        return self._areas[indices]

    def near(self, masks: Sequence[SmallMask], least: float) -> np.ndarray:
        """
        Which segments' boxes overlap those of K masks: (K, N) bool.

        :param least: IoU of boxes, 0 to 1
        """
        boxes = np.array([mask.box for mask in masks], np.float32).reshape(-1, 4)
        overlaps = np.empty((len(boxes), self.count), np.float32)
        library().fastsam_ious(len(boxes), boxes, self.count, self.boxes, overlaps)
        return overlaps > np.float32(least)

    def prepare(self, indices: Iterable[int]) -> None:
        """Make the masks of some segments at once."""
        missing = [index for index in indices if index not in self._masks]
        masks = small_masks(self.scene.run_lengths(missing), self.grid)
        self._masks.update(zip(missing, masks))

    def prepare_looks(self, indices: Iterable[int]) -> None:
        """Look at some segments at once."""
        missing = [index for index in indices if index not in self._looks]
        if missing:
            self.prepare(missing)
            masks = [self._masks[index] for index in missing]
            seen = histograms(masks, self.image, self.grid.factor)
            looks = looks_of(seen, np.asarray(self.scene.coefficients)[missing])
            self._looks.update(zip(missing, looks))

    def likenesses(
        self, looks: Sequence[tuple[np.ndarray, np.ndarray]], pairs: np.ndarray, form: bool
    ) -> np.ndarray:
        """
        How much segments look like the more similar of two looks, (P,) 0 to 1.

        :param looks: K times two of them, see `looks.looks_of`
        :param pairs: (2, P) int64, numbers of looks and indices of segments
        :param form: whether that of forms counts too, see `looks.both_alike`; or colours alone
        """
        if not pairs.size:
            return np.empty(0, np.float32)
        indices, places = np.unique(pairs[1], return_inverse=True)
        self.prepare_looks(indices.tolist())
        rows = np.array([self._looks[index] for index in indices.tolist()])
        colours, forms = compared(rows, np.array(looks).reshape(-1, rows.shape[1]))  # (n, 2 K)
        alike = both_alike(colours, forms) if form else colours
        return alike.reshape(len(rows), -1, 2).max(axis=2)[places, pairs[0]]

    def ious(self, masks: Sequence[SmallMask], pairs: np.ndarray) -> np.ndarray:
        """
        Soft intersection over union of masks and segments, (P,) 0 to 1.

        :param pairs: (2, P) int64, numbers of masks and indices of segments
        """
        indices, places = np.unique(pairs[1], return_inverse=True)
        self.prepare(indices.tolist())
        others = [self._masks[index] for index in indices.tolist()]
        return ious(masks, others, np.array([pairs[0], places]))

    def mask(self, index: int) -> SmallMask:
        """A segment's mask."""
        if index not in self._masks:
            self.prepare([index])
        return self._masks[index]

    def looks(self, index: int) -> np.ndarray:
        """What a segment looks like; see `looks.looks_of`."""
        if index not in self._looks:
            self.prepare_looks([index])
        return self._looks[index]


def small_masks(run_lengths: Sequence[RunLengths], grid: Grid) -> list[SmallMask]:
    """Masks in the shrunk picture: of each of its pixels the image's first counts."""
    if not run_lengths:
        return []
    boxes = np.array(
        [(r.x, r.y, r.width, r.height, len(r.counts)) for r in run_lengths], np.int64)
    low = -(-boxes[:, :2] // grid.factor)
    high = np.minimum(-(-(boxes[:, :2] + boxes[:, 2:4]) // grid.factor), grid.shape[::-1])
    sides = np.maximum(high - low, 0)
    values = np.zeros(int(np.prod(sides, axis=1).sum()), np.uint8)
    totals = np.empty(len(boxes), np.int64)
    library().fastsam_shrink(
        len(boxes), np.concatenate([boxes, low, sides], axis=1),
        np.concatenate([r.counts for r in run_lengths]), grid.factor, values, totals)
    return cut_out(np.concatenate([low, low + sides], axis=1), totals, values)
