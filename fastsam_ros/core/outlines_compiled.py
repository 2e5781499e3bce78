# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""src/outlines.cpp, where it was compiled; see `fastsam_ros.core.outlines`."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.grid import Windows, axes
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.native import LIBRARY
from fastsam_ros.core.run_lengths import RunLengths

RUNS = 4  # run lengths an image row of a mask for which room is made at first


def trace(
    coefficients: np.ndarray, prototypes: np.ndarray, boxes: np.ndarray, letterbox: Letterbox
) -> list[RunLengths]:
    """See `fastsam_ros.core.outlines.trace`."""
    windows = Windows.of(boxes, letterbox.height, letterbox.width)
    extents, counts = _trace(
        np.ascontiguousarray(coefficients, np.float32),
        np.ascontiguousarray(prototypes, np.float32), windows, letterbox)
    ends = np.cumsum(extents[:, -1])
    slices = map(slice, (ends - extents[:, -1]).tolist(), ends.tolist())
    return [RunLengths(*box, counts[cut]) for box, cut in zip(extents[:, :-1].tolist(), slices)]


def _trace(
    coefficients: np.ndarray, prototypes: np.ndarray, windows: Windows, letterbox: Letterbox
) -> tuple[np.ndarray, np.ndarray]:
    """
    What the library says.

    :return: (N, 6) int64 x, y, width, height, area and number of run lengths of each mask; and
        the run lengths of all, uint32
    """
    if coefficients.shape[1] != len(prototypes):
        raise ValueError(
            f'{coefficients.shape[1]} coefficients a segment, but {len(prototypes)} prototypes')
    rows, columns = axes(letterbox, *prototypes.shape[1:])
    sides = np.stack([windows.left, windows.top, windows.right, windows.bottom], axis=1)
    extents = np.empty((len(coefficients), 6), np.int64)
    needed = RUNS * (int(windows.first_row[-1]) + len(coefficients))
    room = -1
    while room < needed:
        room = needed
        counts = np.empty(room, np.uint32)
        needed = LIBRARY.fastsam_trace(
            len(coefficients), coefficients, sides, prototypes, *prototypes.shape,
            rows.cells, rows.parts, rows.starts, columns.cells, columns.scale, columns.offset,
            extents, counts, room)
    if needed < 0:
        raise MemoryError(f'no memory for the outlines of {len(coefficients)} segments')
    return extents, counts
