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


def cut_out(windows: np.ndarray, areas: np.ndarray, values: np.ndarray) -> list[SmallMask]:
    """
    Masks whose values lie one after the other.

    :param windows: (K, 4) int64 x0, y0, x1, y1
    :param areas: (K,), pixels of the shrunk picture
    :param values: uint8, contiguous
    """
    masks, start = [], 0
    for box, area in zip(map(tuple, windows.tolist()), areas.tolist()):
        x0, y0, x1, y1 = box
        end = start + (x1 - x0) * (y1 - y0)
        masks.append(_mask_of(box, area, values[start:end]))
        start = end
    return masks


def _mask_of(box: tuple[int, int, int, int], area: float, values: np.ndarray) -> SmallMask:
    """A mask with all that is known of it: its checks and properties take longer than the rest."""
    x0, y0, x1, y1 = box
    mask = object.__new__(SmallMask)
    vars(mask).update(
        x=x0, y=y0, values=values.reshape(y1 - y0, x1 - x0), area=area, box=box,
        address=values.__array_interface__['data'][0])
    return mask


class MaskTable:
    """
    Masks as the C++ library takes them; those that are not made have no address.

    :param windows: (N, 4) int64 x0, y0, x1, y1, pixels of the shrunk picture
    :param addresses: (N,) int64 of their values in memory, which the table keeps
    :param areas: (N,) float64, pixels of the shrunk picture
    """

    def __init__(self, count: int) -> None:
        self.windows = np.zeros((count, 4), np.int64)
        self.addresses, self.areas = np.zeros(count, np.int64), np.zeros(count)
        self._kept: list[np.ndarray] = []  # that hold the values
        self._masks: Sequence[SmallMask] = ()  # likewise

    @classmethod
    def of(cls, masks: Sequence[SmallMask]) -> MaskTable:
        """One that has all of some masks."""
        table = cls(len(masks))
        table.windows, table.addresses = windows_of(masks)
        table.areas = np.array([mask.area for mask in masks], np.float64)
        table._masks = masks
        return table

    def shrink(
        self, numbers: np.ndarray, masks: RunTable, rows: np.ndarray, grid: Grid
    ) -> np.ndarray:
        """
        Make some masks: of each pixel of the shrunk picture the image's first counts.

        :param numbers: (K,) int64 of those that are made
        :param masks: of the image
        :param rows: (K,) int64 of theirs
        :return: uint8, their values one after the other
        """
        sides = masks.boxes[rows, 2:4] // grid.factor + 1
        values = np.empty(int(sides.prod(axis=1).sum()), np.uint8)
        self._kept.append(values)  # before anything points into it, whatever interrupts this
        library().fastsam_shrink(
            len(rows), rows, masks.boxes, masks.ends, masks.counts, grid.factor, *grid.shape,
            numbers, self.windows, self.addresses, self.areas, values, len(values))
        return values

    def __getitem__(self, number: int) -> SmallMask:
        """
        One of those that `shrink` made.

        :raises KeyError: when it did not
        """
        address, box = int(self.addresses[number]), tuple(self.windows[number].tolist())
        x0, y0, x1, y1 = box
        length = (x1 - x0) * (y1 - y0)
        for values in self._kept:
            start = address - values.__array_interface__['data'][0]
            if 0 <= start <= len(values) - length:
                return _mask_of(box, float(self.areas[number]), values[start : start + length])
        raise KeyError(f'mask {number} is not made')


def small_masks(run_lengths: Sequence[RunLengths], grid: Grid) -> list[SmallMask]:
    """Masks in the shrunk picture: of each of its pixels the image's first counts."""
    masks = RunTable.of(run_lengths)
    table, every = MaskTable(len(masks)), np.arange(len(masks))
    values = table.shrink(every, masks, every, grid)
    return cut_out(table.windows, table.areas, values)


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
    return cut_out(found, totals / 255, values)


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
