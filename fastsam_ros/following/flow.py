# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The way from a frame back to an older one, which moves masks; `motion.py` finds it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import cv2
import numpy as np

from fastsam_ros.core.native import library
from fastsam_ros.following.small_mask import FAINT, SmallMask, cut_out, windows_of

APART = 8  # points; as coarsely the movement of the whole picture is looked at
SCALE = 2  # pixels of the shrunk picture, a side, for one point of the flow; as in way.hpp


class Flow:
    """
    Where each point of a frame was in an older one.

    It is known at half the size of the masks that it moves, which is finer than it is computed,
    and a quarter of the work.

    :param movement: (h, w, 2) float32 x, y, how far each point is from where it was, in points
    :param shape: rows and columns of the shrunk picture, in which masks lie
    """

    def __init__(self, movement: np.ndarray, shape: tuple[int, int]) -> None:
        self.movement, self.shape = movement, shape

    @classmethod
    def none(cls, shape: tuple[int, int]) -> Flow:
        """
        The way from a frame to itself.

        :param shape: rows and columns of the shrunk picture
        """
        return cls(np.zeros((*points_of(shape), 2), np.float32), shape)

    @property
    def places(self) -> np.ndarray:
        """Where each point was: (h, w, 2) float32 x, y, in points."""
        return still(self.movement.shape[:2]) + self.movement

    def after(self, newer: Flow) -> Flow:
        """This way, begun at the end of a newer one."""
        before = cv2.remap(
            self.movement, newer.places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return Flow(np.add(newer.movement, before, out=before), self.shape)

    @cached_property
    def drift(self) -> np.ndarray:
        """How far the picture as a whole has come since the older frame: (2,) x, y, pixels."""
        return -SCALE * np.median(self.movement[::APART, ::APART].reshape(-1, 2), axis=0)

    def move(self, masks: Sequence[SmallMask]) -> list[SmallMask]:
        """An older frame's masks, as they are on the newer frame."""
        if not masks:
            return []
        height, width = self.shape
        windows, addresses = windows_of(masks)
        moved, totals = np.empty_like(windows), np.empty(len(masks), np.int64)
        values = np.empty(len(masks) * height * width, np.uint8)
        library().fastsam_move(
            self.movement, *self.movement.shape[:2], height, width, len(masks), windows, addresses,
            FAINT, moved, totals, values, len(values))
        return cut_out(moved, totals / 255, values)


def points_of(shape: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the flow's points in a shrunk picture."""
    rows, columns = shape
    return max(rows // SCALE, 1), max(columns // SCALE, 1)


@lru_cache(maxsize=4)
def still(shape: tuple[int, int]) -> np.ndarray:
    """Each point's own place: (h, w, 2) float32 x, y."""
    x, y = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in shape[::-1]))
    return np.stack([x, y], axis=-1)
