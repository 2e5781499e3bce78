# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The C++ library of src/, called through ctypes.

The one implementation on the host of what must be fast: suppression, masks and points. What its
functions compute, plain numpy under test/oracles/ defines.
"""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec

import numpy as np

from fastsam_ros.core.errors import BackendError

NAME = 'fastsam_ros._native'
ABI_VERSION = 26  # as in src/native.cpp

_INT, _DOUBLE, _FLOAT = ctypes.c_int64, ctypes.c_double, ctypes.c_float


class _Array:
    """
    What ctypes asks about an array that is passed; numpy's `ndpointer` takes twice as long.

    :param kind: of its values
    :param dimensions: how many it has
    """

    def __init__(self, kind: type, dimensions: int) -> None:
        self._dtype, self._dimensions = np.dtype(kind), dimensions

    def from_param(self, array: np.ndarray) -> ctypes.Array | ctypes.c_void_p:
        """
        The array's address.

        :raises TypeError: when it is none of this kind, or not contiguous
        """
        if not (isinstance(array, np.ndarray) and array.ndim == self._dimensions
                and (array.dtype is self._dtype or array.dtype == self._dtype)):
            raise TypeError(self._complaint(array))
        try:
            return _Address.from_buffer(array)
        except TypeError as error:  # read-only or not contiguous
            if not array.flags.c_contiguous:
                raise TypeError(self._complaint(array)) from error
            return ctypes.c_void_p(array.ctypes.data)

    def _complaint(self, array: object) -> str:
        what = f'{array.ndim}D {array.dtype}' if isinstance(array, np.ndarray) else type(array)
        return f'a contiguous {self._dimensions}D array of {self._dtype} is needed, not {what}'


_Address = ctypes.c_char * 0  # somewhere in memory
_INTS, _FLOATS, _TABLE = _Array(np.int64, 1), _Array(np.float32, 1), _Array(np.float32, 2)
_RUNS, _DEPTH, _VOLUME = _Array(np.uint32, 1), _Array(np.uint16, 2), _Array(np.float32, 3)
_DOUBLES, _SIDES = _Array(np.float64, 1), _Array(np.float64, 2)
_BYTES, _PICTURE = _Array(np.uint8, 1), _Array(np.uint8, 2)
_WINDOWS = _Array(np.int64, 2)
_FLAGS = _Array(np.bool_, 1)
_POINTER = ctypes.c_void_p  # an array, or None
# A picture, its segments and what they look like.
_LOOKS = (
    _POINTER, _INT, _INT, _INT, _INT, _WINDOWS, _INTS, _DOUBLES, _TABLE, _INT, _TABLE, _FLAGS)

# What each function takes; the sources say what it means.
_ARGUMENTS = {
    'fastsam_detect': (
        _TABLE, _INT, _INT, _POINTER, _POINTER, _FLOAT, _DOUBLE, _INT, _TABLE, _FLOATS, _TABLE,
        _INTS),
    'fastsam_clean': (_INT, _Array(np.int64, 2), _RUNS, _DOUBLE, _DOUBLE),
    'fastsam_clicks': (
        _INT, _TABLE, _FLOATS, _TABLE, _INT, _TABLE, _DOUBLE, _DOUBLE, _INT, _TABLE, _TABLE, _INT,
        _Array(np.bool_, 2), _TABLE),
    'fastsam_grow': (_INT, _TABLE, _POINTER, _INTS, _DOUBLES, _DOUBLE, _SIDES),
    'fastsam_hits': (
        _INT, _INTS, _WINDOWS, _INTS, _RUNS, _INT, _INTS, _INTS, _Array(np.bool_, 2)),
    'fastsam_join': (
        _INT, _INTS, _INTS, _Array(np.int32, 2), _Array(np.int32, 2), _DOUBLE, _DOUBLE,
        _WINDOWS, _RUNS),
    'fastsam_names': (
        _INT, _INTS, _INT, _INT, _INT, _POINTER, _INT, _INT, _TABLE, _FLOATS, _TABLE),
    'fastsam_trace': (
        _INT, _TABLE, _TABLE, _DOUBLES, _DOUBLE, _INT, _DOUBLE, _DOUBLE, _POINTER, _INTS, _INTS,
        _FLOATS, _INTS, _INTS, _DOUBLE, _DOUBLE, _WINDOWS, _RUNS, _INT),
    'fastsam_fading': (_INT, _TABLE, _DOUBLES, _WINDOWS, _SIDES),
    'fastsam_millimetres': (_TABLE, _INT, _DEPTH),
    'fastsam_measure': (
        _INT, _Array(np.int64, 2), _RUNS, _DEPTH, _VOLUME, _INT, _INT, _Array(np.float64, 1),
        _Array(np.float64, 2), _POINTER, _INT, _INTS),
    'fastsam_owners': (
        _INT, _Array(np.int64, 2), _RUNS, _POINTER, _POINTER, _INT, _INT, _DEPTH),
    'fastsam_points': (
        _DEPTH, _RUNS, _POINTER, _POINTER, _VOLUME, _INT, _POINTER, _POINTER),
    'fastsam_project': (
        _INT, _FLOATS, _FLOATS, _FLOATS, _INT, _INT, _INT, _DOUBLE, _TABLE, _INTS),
    'fastsam_overlaps': (_INT, _INTS, _INTS, _WINDOWS, _INTS, _WINDOWS, _INTS, _INTS),
    'fastsam_blend': (
        _INT, _WINDOWS, _INTS, _WINDOWS, _INTS, _INT, _INT, _WINDOWS, _INTS, _BYTES, _INT),
    'fastsam_move': (
        _VOLUME, _INT, _INT, _INT, _INT, _INT, _WINDOWS, _INTS, _INT, _WINDOWS, _INTS, _BYTES,
        _INT),
    'fastsam_enlarge': (
        _INT, _WINDOWS, _INTS, _INT, _INT, _INT, _WINDOWS, _RUNS, _INT),
    'fastsam_segmentations': (
        _INT, _POINTER, _BYTES, _INTS, _WINDOWS, _INTS, _RUNS, _POINTER),
    'fastsam_shrink': (
        _INT, _INTS, _WINDOWS, _INTS, _RUNS, _INT, _INT, _INT, _INTS, _WINDOWS, _INTS, _DOUBLES,
        _BYTES, _INT),
    'fastsam_looks': (*_LOOKS, _INT, _INTS),
    'fastsam_continue': (
        *_LOOKS, _WINDOWS, _INTS, _DOUBLES, _TABLE, _FLAGS, _INT, _INTS, _INTS, _DOUBLES, _DOUBLES,
        _DOUBLES),
    'fastsam_likenesses': (*_LOOKS, _INT, _INTS, _INTS, _TABLE, _INT, _FLOATS),
    'fastsam_compare': (_VOLUME, _INT, _INT, _INT, _PICTURE, _PICTURE, _INTS),
    'fastsam_flow': (_PICTURE, _PICTURE, _INT, _INT, _VOLUME),
    'fastsam_ious': (_INT, _TABLE, _INT, _TABLE, _TABLE),
    'fastsam_move_boxes': (_VOLUME, _INT, _INT, _FLOAT, _INT, _TABLE),
    'fastsam_match': (_INT, _TABLE, _TABLE, _INT, _TABLE, _TABLE, _INT, _FLOAT, _INTS),
    'fastsam_grey': (_POINTER, _INT, _INT, _INT, _INT, _INT, _INT, _INT, _PICTURE),
}
# They return nothing.
_PROCEDURES = {
    'fastsam_clicks', 'fastsam_compare', 'fastsam_fading', 'fastsam_ious',
    'fastsam_millimetres', 'fastsam_move_boxes', 'fastsam_names', 'fastsam_overlaps',
    'fastsam_points'}


@cache
def library() -> ctypes.CDLL:
    """
    The library, loaded once; its functions raise MemoryError when they get no memory.

    :raises BackendError: when it is missing, or of another version than these sources
    """
    found = find_spec(NAME)
    if found is None:
        raise BackendError(_advice('is missing'))
    try:
        loaded = ctypes.CDLL(found.origin)
    except OSError as error:  # built for another machine
        raise BackendError(_advice(f'cannot be loaded ({error})')) from error
    version = _version(loaded)
    if version != ABI_VERSION:
        raise BackendError(_advice(
            f'in {found.origin} is stale: it has version {version}, these sources need '
            f'{ABI_VERSION}'))
    for name, arguments in _ARGUMENTS.items():
        function = getattr(loaded, name, None)
        if function is None:
            raise BackendError(_advice(f'in {found.origin} is stale: it has no {name}'))
        function.argtypes = arguments
        if name in _PROCEDURES:
            function.restype = None
        else:
            function.restype, function.errcheck = _INT, _checked
    return loaded


def _checked(result: int, function: ctypes._CFuncPtr, arguments: tuple) -> int:
    """
    What a function of the library returns, where it does not say that it failed.

    :raises MemoryError: it got no memory for its work, or no room for its result
    """
    if result < 0:
        raise MemoryError(f'{function.__name__} got no memory')
    return result


def _version(loaded: ctypes.CDLL) -> int:
    """The version that the library was built with; 0 where it does not say."""
    try:
        ask = loaded.fastsam_abi_version
    except AttributeError:
        return 0
    ask.restype = _INT
    return ask()


def _advice(what: str) -> str:
    return (
        f'the C++ library {NAME} {what}. Build it: `make build` in the repository (or colcon '
        'build in your workspace), or `pip install .` where there is no ROS')
