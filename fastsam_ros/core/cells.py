# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The cells of four prototype pixels that an outline passes through, of all segments at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.grid import Axis, Windows
from fastsam_ros.core.products import multiply

BAND = 16  # rows of prototypes looked at together; the segments that miss them cost nothing


@dataclass(frozen=True, eq=False)
class Cells:
    """
    Cells inside windows whose corners' logits differ in sign.

    :param segment: (M,) int64, whose outline it is
    :param row: (M,) int64, of the upper corners, prototype pixels
    :param column: (M,) int64, of the left corners, prototype pixels
    :param corners: (4, M) float32, logits: upper left, lower left, upper right, lower right
    """

    segment: np.ndarray
    row: np.ndarray
    column: np.ndarray
    corners: np.ndarray


def outline_cells(
    coefficients: np.ndarray,
    prototypes: np.ndarray,
    windows: Windows,
    rows: Axis,
    columns: Axis,
) -> tuple[Cells, np.ndarray]:
    """
    Compute the logits inside the windows' rows, and keep those on outlines.

    :param coefficients: (N, 32) float32
    :param prototypes: (32, h, w) float32
    :return: the cells; and (N, h) float32, the logits at the prototype column left of each window
    """
    _, height, width = prototypes.shape
    top, bottom = rows.cells_of(windows.top, windows.bottom)
    left, right = columns.cells_of(windows.left, windows.right)
    edges = np.zeros((len(coefficients), height), np.float32)
    inside = _column_bits(left, right, width)
    parts = []
    for first in range(0, height - 1, BAND):
        last = min(first + BAND, height - 1)
        chosen = np.flatnonzero((top < last) & (bottom >= first) & (windows.bottom > windows.top))
        logits = np.empty((len(chosen), last + 1 - first, width), np.float32)
        multiply(
            coefficients[chosen], prototypes[:, first : last + 1].transpose(1, 0, 2),
            logits.transpose(1, 0, 2))
        edges[chosen, first : last + 1] = logits[np.arange(len(chosen)), :, left[chosen]]
        mixed = _mixed(logits)
        mixed &= inside[chosen, None]
        row = np.arange(first, last)
        mixed[(row < top[chosen, None]) | (row > bottom[chosen, None])] = 0
        index, row, column = _set_bits(mixed)
        at = (index * logits.shape[1] + row) * width + column
        corners = logits.ravel().take(at + np.array([[0], [width], [1], [width + 1]]))
        parts.append((chosen[index], row + first, column, corners))
    segment, row, column, corners = zip(*parts)
    return Cells(*map(np.concatenate, (segment, row, column)), np.hstack(corners)), edges


def _mixed(logits: np.ndarray) -> np.ndarray:
    """
    Cells whose corners' logits differ in sign, a bit each: an eighth of the memory to go through.

    :param logits: (N, h, w) float32
    :return: (N, h - 1, ceil(w / 8)) uint8, the first column in the highest bit; the bits from
        column w - 1 on mean nothing
    """
    inside = np.packbits(logits > 0, axis=2)
    beside = inside << 1  # each bit where its left neighbour was
    beside[..., :-1] |= inside[..., 1:] >> 7
    across = inside ^ beside
    return across[:, :-1] | across[:, 1:] | (inside[:, :-1] ^ inside[:, 1:])


def _column_bits(left: np.ndarray, right: np.ndarray, width: int) -> np.ndarray:
    """(N, ceil(width / 8)) uint8, a bit a column: set from left to right, both inclusive."""
    column = np.arange(width)
    return np.packbits((column >= left[:, None]) & (column <= right[:, None]), axis=1)


def _set_bits(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The indices along all three axes of the bits that are set in (N, h, b) uint8, in order."""
    some = np.flatnonzero(bits)
    which, bit = np.divmod(np.flatnonzero(np.unpackbits(bits.ravel()[some])), 8)
    line, byte = np.divmod(some[which], bits.shape[2])
    return *np.divmod(line, bits.shape[1]), byte * 8 + bit
