# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of the shrunk picture: coarse enough to be quick, as fine as the network's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from fastsam_ros.core import RunLengths
from fastsam_ros.core.images import is_bgr
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.native import library

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
        """An image (H, W, 3) uint8 RGB, any strides, at the size of the grid."""
        if is_bgr(image):  # which OpenCV would copy, value by value
            return cv2.cvtColor(self.shrink(image[..., ::-1]), cv2.COLOR_BGR2RGB)
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

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """The window: x0, y0, x1, y1."""
        height, width = self.values.shape
        return self.x, self.y, self.x + width, self.y + height

    @cached_property
    def address(self) -> int:
        """Where the values lie in memory."""
        return self.values.__array_interface__['data'][0]


def cut_out(
    windows: np.ndarray, totals: np.ndarray, values: np.ndarray
) -> list[SmallMask]:
    """
    Masks whose values lie one after the other.

    :param windows: (K, 4) int64 x0, y0, x1, y1
    :param totals: (K,) int64 sums of the values
    :param values: uint8, contiguous
    """
    masks, start = [], 0
    first = values.__array_interface__['data'][0]
    for box, total in zip(map(tuple, windows.tolist()), totals.tolist()):
        x0, y0, x1, y1 = box
        end = start + (x1 - x0) * (y1 - y0)
        mask = object.__new__(SmallMask)  # whose checks and properties take longer than the rest
        vars(mask).update(
            x=x0, y=y0, values=values[start:end].reshape(y1 - y0, x1 - x0), area=total / 255,
            box=box, address=first + start)
        masks.append(mask)
        start = end
    return masks


class MaskTable:
    """
    Masks as the C++ library takes them.

    :param windows: (N, 4) int64 x0, y0, x1, y1, pixels of the shrunk picture
    :param addresses: (N,) int64 of their values in memory, which somebody else keeps
    :param areas: (N,), pixels of the shrunk picture
    """

    def __init__(self, count: int) -> None:
        self.windows = np.zeros((count, 4), np.int64)
        self.addresses, self.areas = np.zeros(count, np.int64), np.zeros(count)

    @classmethod
    def of(cls, masks: Sequence[SmallMask]) -> MaskTable:
        """One that has all of some masks, as long as these live."""
        table = cls(len(masks))
        table.put(slice(None), masks)
        return table

    def put(self, numbers: Sequence[int] | slice, masks: Sequence[SmallMask]) -> None:
        """Take some masks in, which had no window and no area before."""
        self.windows[numbers], self.addresses[numbers] = windows_of(masks)
        self.areas[numbers] = [mask.area for mask in masks]


def windows_of(masks: Sequence[SmallMask]) -> tuple[np.ndarray, np.ndarray]:
    """Windows (K, 4) int64 x0, y0, x1, y1 of masks and (K,) int64 addresses of their values."""
    boxes = np.array([mask.box for mask in masks], np.int64).reshape(-1, 4)
    return boxes, np.array([mask.address for mask in masks], np.int64)


def blended(
    masks: Sequence[SmallMask], others: Sequence[SmallMask], weight: float
) -> list[SmallMask]:
    """
    Masks between each of K and another, without their faintest pixels.

    :param others: K
    :param weight: of these, 0 to 1
    """
    windows, addresses = windows_of(masks)
    other_windows, other_addresses = windows_of(others)
    sides = (np.maximum(windows, other_windows)[:, 2:] - np.minimum(
        windows, other_windows)[:, :2])
    values = np.empty(int(sides.prod(axis=1).sum()), np.uint8)
    found, totals = np.empty_like(windows), np.empty(len(masks), np.int64)
    library().fastsam_blend(
        len(masks), windows, addresses, other_windows, other_addresses, round(256 * weight),
        FAINT, found, totals, values, len(values))
    return cut_out(found, totals, values)


def ious(masks: MaskTable, others: MaskTable, pairs: np.ndarray) -> np.ndarray:
    """
    Soft intersection over union of pairs of masks: (P,), 0 to 1.

    :param pairs: (2, P) int64, numbers of masks and of others
    """
    both = intersections(masks, others, pairs)
    return both / np.maximum(masks.areas[pairs[0]] + others.areas[pairs[1]] - both, 1e-9)


def intersections(masks: MaskTable, others: MaskTable, pairs: np.ndarray) -> np.ndarray:
    """
    Pixels that pairs of masks share: (P,).

    :param pairs: as in `ious`
    """
    firsts, seconds = np.ascontiguousarray(pairs, np.int64)
    sums = np.zeros(len(firsts), np.int64)
    library().fastsam_overlaps(
        len(sums), firsts, seconds, masks.windows, masks.addresses, others.windows,
        others.addresses, sums)
    return sums / 255


def shared(mask: SmallMask, others: Sequence[SmallMask]) -> np.ndarray:
    """Pixels that a mask shares with each of K others: (K,)."""
    numbers = np.arange(len(others))
    return intersections(
        MaskTable.of([mask]), MaskTable.of(others), np.array([np.zeros_like(numbers), numbers]))


def enlarged(masks: Sequence[SmallMask], grid: Grid) -> list[RunLengths]:
    """Masks at the image's size, interpolated."""
    windows, addresses = windows_of(masks)
    # A row of the image has at most as many runs as the window has columns, and two to begin with.
    room = int(((windows[:, 3] - windows[:, 1]) * grid.factor * (
        windows[:, 2] - windows[:, 0] + 3)).sum()) + 3 * len(masks)
    boxes, counts = np.empty((len(masks), 6), np.int64), np.empty(room, np.uint32)
    library().fastsam_enlarge(
        len(masks), windows, addresses, grid.factor, grid.height, grid.width, boxes, counts, room)
    return list(RunTable(boxes, counts))
