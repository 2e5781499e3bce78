# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
From mask logits at prototype size to run lengths at the image's size, without any pixels.

A mask is a coefficient row times the prototypes, upsampled bilinearly to the image, cut to its
box and thresholded at 0 (YOLACT, arXiv:1904.02689). Bilinear interpolation keeps the sign inside
a cell of four prototype pixels that agree, and along an image row it is linear inside a cell, so
it crosses zero there at most once. So only the cells on an outline are visited, and each crossing
is solved for. The result is the run lengths of the very mask that upsampling would give; the cost
grows with the outlines' lengths and not with the areas. All segments go through in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks import EMPTY, RunLengths


@dataclass(frozen=True, eq=False)
class Axis:
    """
    One axis of the image among the prototypes.

    :param positions: (S,) float32, pixel centres in prototype pixels, clipped to the prototypes
    :param cells: (S,) int64, the prototype pixel at or before each centre; the last one is
        `size` - 2, so that a cell always has a far side
    :param starts: (size,) int64, the first image pixel of each cell, and the axis' length
    :param scale: prototype pixels an image pixel; offset: centre of image pixel 0, unclipped
    """

    positions: np.ndarray
    cells: np.ndarray
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
        return cls(positions.astype(np.float32), cells, starts, scale, first)


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
        left, top, right, bottom = np.clip(np.ceil(boxes), 0, limits).astype(np.int64).T
        hollow = (right <= left) | (bottom <= top)
        right, bottom = np.where(hollow, left, right), np.where(hollow, top, bottom)
        first_row = np.concatenate([[0], np.cumsum(bottom - top)])
        return cls(left, top, right, bottom, first_row)


def axes(letterbox: Letterbox, height: int, width: int) -> tuple[Axis, Axis]:
    """
    Rows and columns of the letterbox's image among prototypes of the given size.

    :param height: of the prototypes
    :param width: of the prototypes
    """
    rows = letterbox.rows_in_prototypes(np.arange(2))
    columns = letterbox.columns_in_prototypes(np.arange(2))
    return Axis.of(*rows, letterbox.height, height), Axis.of(*columns, letterbox.width, width)


def trace(logits: np.ndarray, boxes: np.ndarray, letterbox: Letterbox) -> list[RunLengths]:
    """
    The masks of all segments as run lengths.

    :param logits: (N, h, w) float32, coefficients times prototypes
    :param boxes: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param letterbox: of the image
    :return: N run lengths, in order
    """
    if not len(logits):
        return []
    rows, columns = axes(letterbox, *logits.shape[1:])
    windows = Windows.of(boxes, letterbox.height, letterbox.width)
    line = letterbox.width + 1  # a row's toggles lie at 0 to width, so rows never share a key
    toggles = _toggles(logits, windows, rows, columns, line)
    return _assemble(toggles[0::2], toggles[1::2], windows, line)


def _toggles(
    logits: np.ndarray, windows: Windows, rows: Axis, columns: Axis, line: int
) -> np.ndarray:
    """Where masks begin and end, as sorted keys row number x line + column; even in each row."""
    row_number, x = _crossings(logits, windows, rows, columns)
    crossings = row_number * line + x
    number = np.arange(windows.first_row[-1])
    segment = np.repeat(np.arange(len(logits)), np.diff(windows.first_row))
    starts_inside = _starts_inside(logits, windows, segment, rows, columns)
    open_at_end = starts_inside ^ (np.bincount(row_number, minlength=len(number)) % 2 == 1)
    begin = (number * line + windows.left[segment])[starts_inside]
    end = (number * line + windows.right[segment])[open_at_end]
    keys = np.sort(np.concatenate([begin, crossings, end]))
    if (keys[1:] == keys[:-1]).any():  # what begins and ends at one pixel is nothing
        keys, times = np.unique(keys, return_counts=True)
        keys = keys[times % 2 == 1]
    return keys


def _starts_inside(
    logits: np.ndarray, windows: Windows, segment: np.ndarray, rows: Axis, columns: Axis
) -> np.ndarray:
    """Whether each row begins inside its mask, at the prototype column left of its window."""
    height, width = logits.shape[1:]
    y = windows.top[segment] + np.arange(len(segment)) - windows.first_row[segment]
    cell = rows.cells[y]
    column = columns.cells[np.minimum(windows.left, len(columns.cells) - 1)]
    at = (segment * height + cell) * width + column[segment]
    flat = logits.ravel()
    return _lerp(flat[at], flat[at + width], rows.positions[y] - cell) > 0


def _crossings(
    logits: np.ndarray, windows: Windows, rows: Axis, columns: Axis
) -> tuple[np.ndarray, np.ndarray]:
    """All zero crossings inside the windows: row numbers and pixel columns where they act."""
    segment, row_cell, column_cell = _outline_cells(logits, windows, rows, columns)
    first = np.maximum(rows.starts[row_cell], windows.top[segment])
    times = np.maximum(
        np.minimum(rows.starts[row_cell + 1], windows.bottom[segment]) - first, 0)
    of = np.repeat(np.arange(len(segment)), times)  # one entry a (cell, image row)
    y = np.arange(len(of)) - np.repeat(np.cumsum(times) - times - first, times)
    left, right = _sides(logits, segment, row_cell, column_cell, of, rows.positions[y])
    crossing = np.flatnonzero((left > 0) != (right > 0))
    of, y, left, right = of[crossing], y[crossing], left[crossing], right[crossing]
    segment = segment[of]
    position = column_cell[of] + left.astype(np.float64) / (left.astype(np.float64) - right)
    x = (position - columns.offset) / columns.scale
    # Inside means above 0: entering, the pixel on the crossing is still out; leaving, it is out.
    x = np.where(left > 0, np.ceil(x), np.floor(x) + 1).astype(np.int64)
    x = np.clip(x, windows.left[segment], windows.right[segment])
    return windows.first_row[segment] + y - windows.top[segment], x


def _outline_cells(
    logits: np.ndarray, windows: Windows, rows: Axis, columns: Axis
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells in a window whose four corners disagree: segment, row and column of each."""
    inside = (logits > 0).view(np.uint8)
    corners = inside[:, :, :-1] + inside[:, :, 1:]
    corners = corners[:, :-1] + corners[:, 1:]
    mixed = np.flatnonzero(corners - np.uint8(1) < 3)  # 0 wraps round to 255
    rest, column = np.divmod(mixed, corners.shape[2])
    segment, row = np.divmod(rest, corners.shape[1])
    last_y, last_x = len(rows.cells) - 1, len(columns.cells) - 1
    top, bottom = rows.cells[np.minimum(windows.top, last_y)], rows.cells[windows.bottom - 1]
    left, right = columns.cells[np.minimum(windows.left, last_x)], columns.cells[windows.right - 1]
    keep = (row >= top[segment]) & (row <= bottom[segment])
    keep &= (column >= left[segment]) & (column <= right[segment])
    return segment[keep], row[keep], column[keep]


def _sides(
    logits: np.ndarray,
    segment: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    of: np.ndarray,
    positions: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Logits on the left and the right side of cells, at the height of image rows."""
    height, width = logits.shape[1:]
    flat = logits.ravel()
    at = (segment * height + row) * width + column
    part = positions - row[of].astype(np.float32)
    left = _lerp(flat[at][of], flat[at + width][of], part)
    right = _lerp(flat[at + 1][of], flat[at + width + 1][of], part)
    return left, right


def _lerp(near: np.ndarray, far: np.ndarray, part: np.ndarray) -> np.ndarray:
    # One formula for both sides of a cell, so that neighbours agree to the last bit.
    return near + (far - near) * part.astype(np.float32)


def _assemble(
    starts: np.ndarray, ends: np.ndarray, windows: Windows, line: int
) -> list[RunLengths]:
    """Run lengths from where each row's runs start and end, given as sorted keys."""
    count = len(windows.left)
    if not len(starts):
        return [EMPTY] * count
    row, x0 = np.divmod(starts, line)
    x1 = ends - row * line
    segment = np.searchsorted(windows.first_row, row, side='right') - 1
    y = row - windows.first_row[segment] + windows.top[segment]
    there, first = np.unique(segment, return_index=True)
    last = np.append(first[1:], len(segment)) - 1
    left, right = np.minimum.reduceat(x0, first), np.maximum.reduceat(x1, first)
    width, height = right - left, y[last] - y[first] + 1
    area = np.add.reduceat(x1 - x0, first)
    times = last - first + 1
    base = np.repeat(y[first] * width + left, times)
    offset = y * np.repeat(width, times) - base
    counts, slices = _counts(x0 + offset, x1 + offset, first, last, width * height)
    result = [EMPTY] * count
    fields = (a.tolist() for a in (there, left, y[first], width, height, area))
    for (index, *box), cut in zip(zip(*fields), slices):
        result[index] = RunLengths(*box, counts[cut])
    return result


def _counts(
    starts: np.ndarray, ends: np.ndarray, first: np.ndarray, last: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, list[slice]]:
    """Alternating run lengths of all segments in one array, and where each segment's lie."""
    joined = np.zeros(len(starts) + 1, bool)  # runs that touch across a row's end are one
    joined[1:-1] = starts[1:] == ends[:-1]
    joined[first] = False
    begins = np.flatnonzero(~joined[:-1])
    closes = np.flatnonzero(~joined[1:])
    edges = np.stack([starts[begins], ends[closes]], axis=1).ravel()
    stop = 2 * np.searchsorted(begins, last, side='right')
    edges = np.insert(edges, stop, sizes)  # each segment's last run reaches its box's end
    stop = stop + np.arange(1, len(stop) + 1)
    start = np.append(0, stop[:-1])
    counts = np.diff(edges, prepend=0)
    counts[start] = edges[start]
    tail = counts[stop - 1] > 0
    bounds = zip(start.tolist(), (stop - 1 + tail).tolist())
    return counts.astype(np.uint32), [slice(*pair) for pair in bounds]
