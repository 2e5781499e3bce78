# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of the shrunk picture: coarse enough to be quick, as fine as the network's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from fastsam_ros.core import RunLengths
from fastsam_ros.core.native import library
from fastsam_ros.core.run_lengths import EMPTY

FAINT = 31  # of 255; less of a mask is forgotten
LONGEST = 480  # pixels; the longer side of the shrunk picture


@dataclass(frozen=True, eq=False)
class Grid:
    """
    The shrunk picture of an image.

    :param height: of the image, pixels
    :param width: of the image, pixels
    :param factor: how many pixels of the image make one of the shrunk picture, a side
    """

    height: int
    width: int

    @property
    def factor(self) -> int:
        """How many pixels of the image make one of the shrunk picture, a side."""
        return -(-max(self.height, self.width) // LONGEST)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the shrunk picture."""
        return max(self.height // self.factor, 1), max(self.width // self.factor, 1)

    def shrink(self, image: np.ndarray) -> np.ndarray:
        """An image (H, W, 3) uint8 RGB at the size of the grid."""
        rows, columns = self.shape
        whole = image[: rows * self.factor, : columns * self.factor]
        return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


@dataclass(frozen=True, eq=False)
class SmallMask:
    """
    A mask in the shrunk picture, in its window.

    :param x: left edge of the window, pixels of the shrunk picture
    :param y: top edge of the window
    :param values: (h, w) uint8, 0 to 255
    """

    x: int
    y: int
    values: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, 'values', np.ascontiguousarray(self.values))

    @cached_property
    def area(self) -> float:
        """Pixels of the shrunk picture."""
        return float(self.values.sum(dtype=np.int64)) / 255

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The window: x0, y0, x1, y1."""
        height, width = self.values.shape
        return self.x, self.y, self.x + width, self.y + height

    def blend(self, other: SmallMask, weight: float) -> SmallMask:
        """
        A mask between two.

        :param weight: of the other one, 0 to 1
        """
        boxes = np.array([self.box, other.box])
        x0, y0 = boxes[:, :2].min(axis=0)
        x1, y1 = boxes[:, 2:].max(axis=0)
        both = np.zeros((y1 - y0, x1 - x0), np.float32)
        for mask, share in ((self, 1 - weight), (other, weight)):
            a, b, c, d = mask.box
            both[b - y0 : d - y0, a - x0 : c - x0] += share * mask.values
        return SmallMask(int(x0), int(y0), both.astype(np.uint8)).trimmed()

    def trimmed(self) -> SmallMask:
        """The mask in the smallest window that holds it, without its faintest pixels."""
        if not self.values.size:
            return self
        _, values = cv2.threshold(self.values, FAINT, 255, cv2.THRESH_TOZERO)
        x, y, width, height = cv2.boundingRect(values)
        return SmallMask(self.x + x, self.y + y, values[y : y + height, x : x + width])


def ious(mask: SmallMask, others: Sequence[SmallMask]) -> np.ndarray:
    """Soft intersection over union of a mask with each of K others: (K,), 0 to 1."""
    shared = intersections(mask, others)
    areas = np.array([other.area for other in others])
    return shared / np.maximum(areas + mask.area - shared, 1e-9)


def intersections(mask: SmallMask, others: Sequence[SmallMask]) -> np.ndarray:
    """Pixels that a mask shares with each of K others: (K,)."""
    sums = np.zeros(len(others), np.int64)
    if len(others):
        windows = np.array([other.box for other in others], np.int64)
        places = np.array(
            [other.values.__array_interface__['data'][0] for other in others], np.int64)
        library().fastsam_overlaps(
            np.array(mask.box, np.int64), mask.values, len(others), windows, places, sums)
    return sums / 255


def enlarged(mask: SmallMask, grid: Grid) -> RunLengths:
    """A mask at the image's size."""
    height, width = (side * grid.factor for side in mask.values.shape)
    if not height or not width:
        return EMPTY
    large = cv2.resize(mask.values, (width, height), interpolation=cv2.INTER_LINEAR)
    x, y = mask.x * grid.factor, mask.y * grid.factor
    runs = RunLengths.from_mask(large[: grid.height - y, : grid.width - x] > 127)
    return replace(runs, x=runs.x + x, y=runs.y + y) if runs.area else runs
