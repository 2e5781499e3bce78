# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""src/outlines.cpp, where it was compiled; see `fastsam_ros.core.outlines`."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec

import numpy as np
from numpy.ctypeslib import ndpointer

from fastsam_ros.core.grid import Windows, axes
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks import RunLengths

RUNS = 4  # run lengths an image row of a mask for which room is made at first


def _array(kind: type, dimensions: int) -> type:
    return ndpointer(kind, dimensions, flags='C_CONTIGUOUS')


def _load() -> ctypes.CDLL | None:
    """The library; None where there is none."""
    found = find_spec('fastsam_ros._outlines')
    if found is None:
        return None
    try:
        library = ctypes.CDLL(found.origin)
    except OSError:  # compiled for another machine
        return None
    integers, floats = _array(np.int64, 1), _array(np.float32, 1)
    library.fastsam_trace.restype = ctypes.c_int64
    library.fastsam_trace.argtypes = [
        ctypes.c_int64, _array(np.float32, 2), _array(np.int64, 2),
        _array(np.float32, 3), *[ctypes.c_int64] * 3,
        integers, floats, integers, integers, *[ctypes.c_double] * 2,
        _array(np.int64, 2), _array(np.uint32, 1), ctypes.c_int64]
    return library


LIBRARY = _load()


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
