# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Outlines of all segments in one pass of numpy; see `fastsam_ros.core.outlines`.

It does what src/outlines.cpp does, for installations in which that was not compiled.
"""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.cells import Cells, outline_cells
from fastsam_ros.core.grid import Axis, Windows, axes
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.run_lengths import EMPTY, RunLengths


def trace(
    coefficients: np.ndarray, prototypes: np.ndarray, boxes: np.ndarray, letterbox: Letterbox
) -> list[RunLengths]:
    """See `fastsam_ros.core.outlines.trace`; of one segment at least."""
    return assemble(*toggles(coefficients, prototypes, boxes, letterbox))


def toggles(
    coefficients: np.ndarray, prototypes: np.ndarray, boxes: np.ndarray, letterbox: Letterbox
) -> tuple[np.ndarray, Windows, np.ndarray, int]:
    """
    Where masks begin and end along the image's rows; see `trace`.

    :return: keys, the windows, the segment of each row number, and the bits that a column takes
        in a key; a key is (row number << bits) + column, sorted, begin and end in turn
    """
    rows, columns = axes(letterbox, *prototypes.shape[1:])
    windows = Windows.of(boxes, letterbox.height, letterbox.width)
    cells, edges = outline_cells(coefficients, prototypes, windows, rows, columns)
    segment = np.repeat(np.arange(len(boxes)), np.diff(windows.first_row))
    shift = letterbox.width.bit_length()  # a row's toggles lie at 0 to width
    row_number, x = _crossings(cells, windows, rows, columns)
    number = np.arange(len(segment)) << shift
    starts_inside = _starts_inside(edges, windows, segment, rows)
    open_at_end = starts_inside ^ (np.bincount(row_number, minlength=len(number)) % 2 == 1)
    begin = (number + windows.left[segment])[starts_inside]
    end = (number + windows.right[segment])[open_at_end]
    # All three are nearly in order, which suits timsort.
    keys = np.sort(np.concatenate([begin, (row_number << shift) + x, end]), kind='stable')
    return keys, windows, segment, shift


def _starts_inside(
    edges: np.ndarray, windows: Windows, segment: np.ndarray, rows: Axis
) -> np.ndarray:
    """Whether each row begins inside its mask, at the prototype column left of its window."""
    y = np.arange(len(segment)) + (windows.top - windows.first_row[:-1])[segment]
    at = segment * edges.shape[1] + rows.cells[y]
    return _lerp(edges.take(at), edges.take(at + 1), rows.parts[y]) > 0


def _crossings(
    cells: Cells, windows: Windows, rows: Axis, columns: Axis
) -> tuple[np.ndarray, np.ndarray]:
    """All zero crossings inside the windows: row numbers and pixel columns where they act."""
    start, segment = rows.starts[cells.row], cells.segment
    # A row of the table for each cell, a column for each image row that the cell may have.
    step = np.arange(np.diff(rows.starts).max(initial=0), dtype=np.int32)
    part = rows.parts.take(rows.starts[:-1, None] + step, mode='clip')[cells.row]
    low = np.maximum(windows.top[segment] - start, 0)
    high = np.minimum(rows.starts[cells.row + 1], windows.bottom[segment]) - start
    inside = step >= low.astype(np.int32)[:, None]
    inside &= step < high.astype(np.int32)[:, None]
    near, far, beside, beyond = cells.corners[:, :, None]
    left, right = _lerp(near, far, part), _lerp(beside, beyond, part)
    enters = right > 0
    inside &= (left > 0) ^ enters
    crossing = np.flatnonzero(inside)
    cell = crossing // max(len(step), 1)
    left, right = (side.ravel()[crossing].astype(np.float64) for side in (left, right))
    x = (left / (left - right) + (cells.column - columns.offset)[cell]) / columns.scale
    # Inside means above 0: entering, the pixel on the crossing is still out; leaving, it is out.
    x = np.where(enters.ravel()[crossing], np.floor(x) + 1, np.ceil(x)).astype(np.int64)
    x = np.minimum(np.maximum(x, windows.left[segment][cell]), windows.right[segment][cell])
    number = windows.first_row[segment] + start - windows.top[segment]  # of the cell's first row
    return crossing + (number - np.arange(len(start)) * len(step))[cell], x


def _lerp(near: np.ndarray, far: np.ndarray, part: np.ndarray) -> np.ndarray:
    # One formula for both sides of a cell, so that neighbours agree to the last bit.
    return near + (far - near) * part


def assemble(
    keys: np.ndarray, windows: Windows, segment: np.ndarray, shift: int
) -> list[RunLengths]:
    """Run lengths of all segments, from what `toggles` gives."""
    result = [EMPTY] * len(windows.left)
    x0, x1 = keys[::2], keys[1::2]
    there = x0 < x1  # what begins and ends at one pixel is nothing
    if not there.all():
        x0, x1 = x0[there], x1[there]
    if not len(x0):
        return result
    row = x0 >> shift
    x0, x1 = x0 - (row << shift), x1 - (row << shift)
    segment = segment[row]
    y = row + (windows.top - windows.first_row[:-1])[segment]
    first = np.flatnonzero(np.diff(segment, prepend=-1))
    last = np.append(first[1:], len(segment)) - 1
    left, right = np.minimum.reduceat(x0, first), np.maximum.reduceat(x1, first)
    width, height = right - left, y[last] - y[first] + 1
    area = np.add.reduceat(x1 - x0, first)
    times = last - first + 1
    offset = y * np.repeat(width, times) - np.repeat(y[first] * width + left, times)
    counts, slices = _counts(x0 + offset, x1 + offset, first, last, width * height)
    fields = (a.tolist() for a in (segment[first], left, y[first], width, height, area))
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
