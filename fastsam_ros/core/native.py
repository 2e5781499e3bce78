# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What is written in C++, in src/: a library with a C interface that ctypes loads.

Where there was no compiler there is no library, and each of its functions is done without.
"""

from __future__ import annotations

import ctypes
from importlib.util import find_spec

import numpy as np
from numpy.ctypeslib import ndpointer

INTEGER, REAL, SHORT_REAL = ctypes.c_int64, ctypes.c_double, ctypes.c_float


def _array(kind: type, dimensions: int) -> type:
    return ndpointer(kind, dimensions, flags='C_CONTIGUOUS')


def _load() -> ctypes.CDLL | None:
    """The library; None where there is none."""
    found = find_spec('fastsam_ros._compiled')
    if found is None:
        return None
    try:
        return ctypes.CDLL(found.origin)
    except OSError:  # compiled for another machine
        return None


def _declare(library: ctypes.CDLL) -> None:
    """Say what the functions take; the sources say what it means."""
    integers, floats, planes = _array(np.int64, 1), _array(np.float32, 1), _array(np.float32, 2)
    library.fastsam_detect.restype = library.fastsam_trace.restype = INTEGER
    library.fastsam_detect.argtypes = [
        planes, INTEGER, INTEGER, SHORT_REAL, REAL, INTEGER, planes, floats, planes]
    library.fastsam_trace.argtypes = [
        INTEGER, planes, _array(np.int64, 2), _array(np.float32, 3), INTEGER, INTEGER, INTEGER,
        integers, floats, integers, integers, REAL, REAL,
        _array(np.int64, 2), _array(np.uint32, 1), INTEGER]
    _declare_space(library)


def _declare_space(library: ctypes.CDLL) -> None:
    """The functions of src/space/."""
    extents, counts = _array(np.int64, 2), _array(np.uint32, 1)
    depth, rays, points = _array(np.uint16, 2), _array(np.float32, 3), _array(np.float32, 1)
    measure, cloud, project = (
        library.fastsam_measure, library.fastsam_cloud, library.fastsam_project)
    library.fastsam_millimetres.restype = None
    library.fastsam_millimetres.argtypes = [_array(np.float32, 2), INTEGER, depth]
    measure.restype = cloud.restype = project.restype = INTEGER
    measure.argtypes = [
        INTEGER, extents, counts, depth, rays, INTEGER, INTEGER, _array(np.float64, 1),
        _array(np.float64, 2), ctypes.c_void_p, INTEGER, _array(np.int64, 1)]
    cloud.argtypes = [
        INTEGER, extents, counts, counts, ctypes.c_void_p, ctypes.c_void_p, rays, INTEGER, INTEGER,
        ctypes.c_void_p, ctypes.c_void_p]
    project.argtypes = [
        INTEGER, points, points, points, INTEGER, INTEGER, INTEGER, REAL,
        _array(np.float32, 2), _array(np.int64, 1)]


LIBRARY = _load()
if LIBRARY is not None:
    _declare(LIBRARY)
