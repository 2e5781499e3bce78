# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of the shrunk picture: coarse enough to be quick, as fine as the network's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from fastsam_ros.core import RunLengths
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


def iou(one: SmallMask, other: SmallMask) -> float:
    """Soft intersection over union of two masks, 0 to 1."""
    shared = intersection(one, other)
    return shared / max(one.area + other.area - shared, 1e-9)


def intersection(one: SmallMask, other: SmallMask) -> float:
    """Pixels that two masks share."""
    a, b = one.box, other.box
    x0, y0, x1, y1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    if x0 >= x1 or y0 >= y1:
        return 0.0
    cuts = (m.values[y0 - m.y : y1 - m.y, x0 - m.x : x1 - m.x] for m in (one, other))
    return float(np.minimum(*cuts).sum(dtype=np.int64)) / 255



def enlarged(mask: SmallMask, grid: Grid) -> RunLengths:
    """A mask at the image's size."""
    height, width = (side * grid.factor for side in mask.values.shape)
    if not height or not width:
        return EMPTY
    large = cv2.resize(mask.values, (width, height), interpolation=cv2.INTER_LINEAR)
    x, y = mask.x * grid.factor, mask.y * grid.factor
    runs = RunLengths.from_mask(large[: grid.height - y, : grid.width - x] > 127)
    return replace(runs, x=runs.x + x, y=runs.y + y) if runs.area else runs
