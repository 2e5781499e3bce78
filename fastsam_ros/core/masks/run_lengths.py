# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks as run lengths: small, lossless, and free to overlap; and label maps made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

TABLE = 256  # entries of a lookup table for uint8, as cv2.LUT takes it


@dataclass(frozen=True, eq=False, init=False)
class RunLengths:
    """
    One mask: a tight box and the runs in it.

    :param x: left edge of the box, image pixels
    :param y: top edge of the box, image pixels
    :param width: of the box, pixels; 0 for an empty mask
    :param height: of the box, pixels; 0 for an empty mask
    :param area: pixels of the mask
    :param counts: (R,) uint32, lengths of runs inside the box, row by row, background first; they
        sum to width x height
    """

    x: int
    y: int
    width: int
    height: int
    area: int
    counts: np.ndarray

    def __init__(
        self, x: int, y: int, width: int, height: int, area: int, counts: np.ndarray
    ) -> None:
        # As the dataclass would, in a quarter of the time: an image has hundreds.
        values = self.__dict__
        values['x'], values['y'], values['width'], values['height'] = x, y, width, height
        values['area'], values['counts'] = area, counts

    def mask(self) -> np.ndarray:
        """The box's pixels: (height, width) bool."""
        values = np.arange(len(self.counts)) % 2 == 1
        return np.repeat(values, self.counts).reshape(self.height, self.width)

    @property
    def window(self) -> tuple[slice, slice]:
        """Where the box lies in an image: rows, columns."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def count_inside(self, x0: int, y0: int, x1: int, y1: int) -> int:
        """Pixels of the mask that lie in a box of the image; x1 and y1 are exclusive."""
        x0, x1 = (min(max(x - self.x, 0), self.width) for x in (x0, x1))
        y0, y1 = (min(max(y - self.y, 0), self.height) for y in (y0, y1))
        if x1 - x0 == self.width and y1 - y0 == self.height:
            return self.area
        if x1 <= x0 or y1 <= y0:
            return 0
        row, column = np.divmod(np.cumsum(self.counts, dtype=np.int64), self.width)
        # Pixels of the box before each run's end; runs alternate, background first.
        before = np.clip(row - y0, 0, y1 - y0) * (x1 - x0)
        here = (row >= y0) & (row < y1)
        before += here * np.clip(column - x0, 0, x1 - x0)
        return int(before[1::2].sum() - before[: len(before) // 2 * 2 : 2].sum())

    @classmethod
    def from_mask(cls, mask: np.ndarray) -> RunLengths:
        """
        The run lengths of a whole mask.

        :param mask: (H, W) bool
        """
        rows = np.flatnonzero(mask.any(axis=1))
        if not len(rows):
            return EMPTY
        columns = np.flatnonzero(mask.any(axis=0))
        y, x = int(rows[0]), int(columns[0])
        inner = mask[y : rows[-1] + 1, x : columns[-1] + 1]
        flat = np.concatenate([[False], inner.ravel()])
        edges = np.flatnonzero(flat[1:] != flat[:-1])
        counts = np.diff(edges, prepend=0, append=inner.size)
        area = int(counts[1::2].sum())
        return cls(x, y, inner.shape[1], inner.shape[0], area, counts.astype(np.uint32))


EMPTY = RunLengths(0, 0, 0, 0, 0, np.empty(0, np.uint32))


def label_map(run_lengths: Sequence[RunLengths], height: int, width: int) -> np.ndarray:
    """
    Which mask is on top at each pixel, smaller ones above larger ones.

    :param run_lengths: N masks
    :param height: of the image, pixels
    :param width: of the image, pixels
    :return: (height, width) uint8, or uint16 from 256 masks on: 0 for none, else n + 1
    """
    order = sorted(range(len(run_lengths)), key=lambda n: -run_lengths[n].area)
    ranks = np.zeros((height, width), np.uint8 if len(order) < TABLE else np.uint16)
    for rank, n in enumerate(order, 1):
        runs = run_lengths[n]
        if runs.area:
            window = ranks[runs.window]
            # Ranks only grow, so the larger of two is the smaller mask.
            np.maximum(window, _filled(runs, rank, ranks.dtype), out=window)
    if order == [*range(len(order))]:
        return ranks  # they were sorted already
    return look_up(ranks, np.array([0, *(n + 1 for n in order)], ranks.dtype))


def _filled(runs: RunLengths, value: int, dtype: np.dtype) -> np.ndarray:
    """The box's pixels, `value` inside of the mask and 0 outside: (height, width)."""
    values = np.zeros(len(runs.counts), dtype)
    values[1::2] = value
    return np.repeat(values, runs.counts).reshape(runs.height, runs.width)


def look_up(indices: np.ndarray, table: np.ndarray) -> np.ndarray:
    """
    `table[indices]`, at the speed of memory when the indices are bytes.

    :param indices: (H, W) uint8 or uint16
    :param table: (N,) or (N, 3), uint8 for indices that are bytes
    """
    if indices.dtype != np.uint8:
        return table[indices]
    padded = np.zeros((TABLE, *table.shape[1:]), np.uint8)
    padded[: len(table)] = table
    if table.ndim == 1:
        return cv2.LUT(indices, padded)
    planes = np.ascontiguousarray(padded.T)  # one after the other: half the time of three at once
    return cv2.merge([cv2.LUT(indices, plane) for plane in planes])
