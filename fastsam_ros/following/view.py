# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A frame as following sees it: small masks and looks of those segments that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock

import numpy as np

from fastsam_ros.core import Scene
from fastsam_ros.core.boxes import pairwise_iou
from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.images import check_image
from fastsam_ros.core.looks import unit
from fastsam_ros.core.masks.fading import reachable
from fastsam_ros.following.looks import COLOURS, LookTable
from fastsam_ros.following.small_mask import Grid, MaskTable, SmallMask, ious


@dataclass(eq=False)
class View:
    """
    A frame as following sees it; masks and looks are made when they are asked for.

    Several threads may ask: whoever binds a thing looks at the newest frame while it is followed.

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

    def __post_init__(self) -> None:
        self._areas = np.full(self.count, np.nan)  # of those that were asked for
        self.table = MaskTable(self.count)  # of those whose masks are made
        self._lock = RLock()  # while masks and looks are made

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

    def places(self) -> dict[int, int]:
        """Where each id is among the segments; 0, which those without one have, is anywhere."""
        return dict(zip(self.ids.tolist(), range(self.count)))

    @cached_property
    def middles(self) -> np.ndarray:
        """Of the segments' boxes: (N, 2) float32 x, y, pixels of the shrunk picture."""
        return (self.boxes[:, :2] + self.boxes[:, 2:]) / 2

    @cached_property
    def _look_table(self) -> LookTable:
        """What those look like that were looked at."""
        return LookTable(self.image, self.grid.factor, self.table, self.scene.coefficients)

    def areas(self, indices: np.ndarray) -> np.ndarray:
        """
        Of some segments, (P,), pixels of the shrunk picture, before any is shrunk.

        :param indices: (P,) int64, any as often as you like
        """
        missing = sorted({*indices[np.isnan(self._areas[indices])].tolist()})
        if missing:
            self._areas[missing] = self.scene.areas_of(missing) / self.grid.factor**2
        return self._areas[indices]

    def near(self, masks: Sequence[SmallMask], least: float) -> np.ndarray:
        """
        Which segments' boxes overlap those of K masks: (K, N) bool.

        :param least: IoU of boxes, 0 to 1
        """
        boxes = np.array([mask.box for mask in masks], np.float32).reshape(-1, 4)
        return pairwise_iou(boxes, self.boxes) > np.float32(least)

    def prepare(self, indices: np.ndarray) -> None:
        """
        Make the masks of some segments at once.

        :param indices: (P,) int64, any as often as you like
        """
        with self._lock:
            missing = indices[self.table.addresses[indices] == 0]
            if len(missing):
                missing = np.unique(missing)
                self.table.shrink(missing, *self.scene.rows(missing), self.grid)

    @cached_property
    def _kinds(self) -> np.ndarray:
        """The segments' coefficients as unit vectors: (N, 32) float32."""
        return unit(np.asarray(self.scene.coefficients, np.float32))

    def forms(self, looks: Sequence[np.ndarray]) -> np.ndarray:
        """
        How much the forms of all segments are alike K looks, (K, N) 0 to 1; no mask is made.

        :param looks: (D,) each, see `looks.LookTable`
        """
        return np.maximum(np.array(looks)[:, COLOURS:] @ self._kinds.T, 0)

    def likenesses(self, looks: np.ndarray, pairs: np.ndarray, form: bool) -> np.ndarray:
        """
        How much segments look like the more similar of two looks, (P,) 0 to 1.

        :param looks: (2 K, D) float32, two of each, see `looks.LookTable`
        :param pairs: (2, P) int64, numbers of looks and indices of segments
        :param form: whether that of forms counts too, or colours alone
        """
        with self._lock:
            self.prepare(pairs[1])
            return self._look_table.likenesses(looks, pairs, form)

    def scores(
        self, masks: Sequence[SmallMask], looks: np.ndarray, choosy: np.ndarray, pairs: np.ndarray,
        weights: np.ndarray, limits: np.ndarray,
    ) -> np.ndarray:
        """How surely segments go on from K masks: see `looks.LookTable.scores`."""
        with self._lock:
            self.prepare(pairs[1])
            return self._look_table.scores(
                MaskTable.of(masks), looks, choosy, pairs, weights, limits)

    def ious(self, masks: Sequence[SmallMask], pairs: np.ndarray) -> np.ndarray:
        """
        Soft intersection over union of masks and segments, (P,) 0 to 1.

        :param pairs: (2, P) int64, numbers of masks and indices of segments
        """
        self.prepare(pairs[1])
        return ious(MaskTable.of(masks), self.table, pairs)

    def mask(self, index: int) -> SmallMask:
        """A segment's mask."""
        with self._lock:
            if index not in self._masks:
                self.prepare(np.array([index]))
                self._masks[index] = self.table[index]
            return self._masks[index]

    def looks(self, indices: Sequence[int]) -> np.ndarray:
        """What K segments look like, (K, D) float32; see `looks.LookTable`."""
        indices = np.array(indices, np.int64)
        with self._lock:
            self.prepare(indices)
            self._look_table.make(indices)
            return self._look_table.rows[indices]
