# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The cells of four prototype pixels that an outline passes through, of all segments at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.grid import Axis, Windows
from fastsam_ros.core.products import multiply

BAND = 12  # rows of prototypes looked at together; the segments that miss them cost nothing


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
    parts = []
    for first in range(0, height - 1, BAND):
        last = min(first + BAND, height - 1)
        chosen = np.flatnonzero((top < last) & (bottom >= first) & (windows.bottom > windows.top))
        logits = np.empty((len(chosen), last + 1 - first, width), np.float32)
        multiply(
            coefficients[chosen], prototypes[:, first : last + 1].transpose(1, 0, 2),
            logits.transpose(1, 0, 2))
        edges[chosen, first : last + 1] = np.take_along_axis(
            logits, left[chosen, None, None], axis=2)[:, :, 0]
        mixed = _mixed(logits)
        rest, column = np.divmod(mixed, width)
        index, row = np.divmod(rest, last + 1 - first)
        segment, row = chosen[index], row + first
        keep = (column >= left[segment]) & (column <= right[segment])
        keep &= (row >= top[segment]) & (row <= np.minimum(bottom, last - 1)[segment])
        keep = np.flatnonzero(keep)
        corners = logits.ravel().take(mixed[keep] + np.array([[0], [width], [1], [width + 1]]))
        parts.append((segment[keep], row[keep], column[keep], corners))
    segment, row, column, corners = zip(*parts)
    return Cells(*map(np.concatenate, (segment, row, column)), np.hstack(corners)), edges


def _mixed(logits: np.ndarray) -> np.ndarray:
    """
    Cells whose corners' logits differ in sign: their flat indices.

    Cells across the ends of rows and maps are among these, in the last column or row.

    :param logits: (N, h, w) float32
    """
    width = logits.shape[2]
    inside = (logits.ravel() > 0).view(np.uint8)
    above, below = inside[:-width], inside[width:]
    sides = above ^ below
    return np.flatnonzero(sides[:-1] | sides[1:] | (above[:-1] ^ above[1:]))
