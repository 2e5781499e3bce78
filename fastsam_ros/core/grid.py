# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where an image's pixels and its segments' windows lie among the prototypes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from fastsam_ros.core.letterbox import Letterbox


@dataclass(frozen=True, eq=False)
class Axis:
    """
    One axis of the image among the prototypes.

    :param positions: (S,) float32, pixel centres in prototype pixels, clipped to the prototypes
    :param cells: (S,) int64, the prototype pixel at or before each centre; the last one is
        `size` - 2, so that a cell always has a far side
    :param parts: (S,) float32, how far into its cell each centre lies, 0 to 1
    :param starts: (size,) int64, the first image pixel of each cell, and the axis' length
    :param scale: prototype pixels an image pixel; offset: centre of image pixel 0, unclipped
    """

    positions: np.ndarray
    cells: np.ndarray
    parts: np.ndarray
    starts: np.ndarray
    scale: float
    offset: float

    @classmethod
    def of(cls, first: float, second: float, length: int, size: int) -> Axis:
        """
        Measure one axis.

        :param first: centre of image pixel 0 in prototype pixels; second: of pixel 1
        :param length: image pixels
        :param size: prototype pixels, at least 2
        """
        scale = second - first
        positions = np.clip(first + scale * np.arange(length), 0, size - 1)
        cells = np.minimum(positions.astype(np.int64), size - 2)
        starts = np.searchsorted(cells, np.arange(size))
        parts = positions.astype(np.float32) - cells.astype(np.float32)
        return cls(positions.astype(np.float32), cells, parts, starts, scale, first)

    def cells_of(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        The first and the last cell of windows along the axis.

        :param low: (N,) int64, first image pixel; high: behind the last
        """
        return self.cells[np.minimum(low, len(self.cells) - 1)], self.cells[high - 1]


def corners(rows: Axis, columns: Axis, x: Any, y: Any, stack: Callable[[list], Any]) -> tuple:
    """
    The four prototype pixels around each of some image pixels, and their shares in it.

    All is of numpy's kind or of torch's, as the axes are.

    :param x, y: (P,) int64, image pixels
    :param stack: numpy.stack or torch.stack
    :return: (4, P) int64, flat indices among the prototypes; and (4, P) float, what linear
        sampling takes of each
    """
    row, column, width = rows.cells[y], columns.cells[x], len(columns.starts)
    down, right = rows.positions[y] - row, columns.positions[x] - column
    corner = row * width + column
    return stack([corner, corner + 1, corner + width, corner + width + 1]), stack([
        (1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right])


@dataclass(frozen=True, eq=False)
class Windows:
    """
    The pixels inside each segment's box, and one running number a (segment, image row) pair.

    :param left, top, right, bottom: (N,) int64 image pixels, right and bottom exclusive
    :param first_row: (N + 1,) int64, running number of each segment's first row; then the total
    """

    left: np.ndarray
    top: np.ndarray
    right: np.ndarray
    bottom: np.ndarray
    first_row: np.ndarray

    @classmethod
    def of(cls, boxes: np.ndarray, height: int, width: int) -> Windows:
        """
        Round boxes to pixels.

        :param boxes: (N, 4) float x0, y0, x1, y1, image pixels; a pixel counts as inside from
            x0 <= x < x1
        """
        limits = np.array([width, height] * 2)
        # fmin and fmax, so that what is no number is a side of the image and no wild index.
        sides = np.fmin(np.fmax(np.ceil(boxes), 0), limits)
        left, top, right, bottom = sides.astype(np.int64).T
        hollow = (right <= left) | (bottom <= top)
        right, bottom = np.where(hollow, left, right), np.where(hollow, top, bottom)
        first_row = np.concatenate([[0], np.cumsum(bottom - top)])
        return cls(left, top, right, bottom, first_row)


@lru_cache(maxsize=64)
def axes(letterbox: Letterbox, height: int, width: int) -> tuple[Axis, Axis]:
    """
    Rows and columns of the letterbox's image among prototypes of the given size; do not write.

    :param height: of the prototypes
    :param width: of the prototypes
    """
    rows = letterbox.rows_in_prototypes(np.arange(2))
    columns = letterbox.columns_in_prototypes(np.arange(2))
    return Axis.of(*rows, letterbox.height, height), Axis.of(*columns, letterbox.width, width)
