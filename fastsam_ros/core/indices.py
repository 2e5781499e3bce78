# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are meant: as numpy and lists are indexed, but never silently another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Indices = None | int | slice | Sequence[int] | np.ndarray  # all, one, or some; see `resolve`


def resolve(chosen: Indices, count: int) -> np.ndarray:
    """
    The numbers of the segments that are meant: (K,) int64, 0 to N - 1, in that order.

    :param chosen: None for all, a number, a slice, numbers in any order, or (N,) bool; negative
        numbers count from the end
    :param count: N, how many there are
    :raises IndexError: for anything else, or a number out of range
    """
    if chosen is None or isinstance(chosen, slice):
        return np.arange(count)[chosen or slice(None)]
    array = np.atleast_1d(np.asarray(chosen))
    if array.dtype == bool and array.shape == (count,):
        return np.flatnonzero(array)
    if not array.size and array.ndim == 1:
        return np.empty(0, np.int64)
    if array.ndim != 1 or array.dtype.kind not in 'iu':
        raise IndexError(
            f'segments are chosen by whole numbers, a slice or {count} booleans, not by '
            f'an array of shape {array.shape} and type {array.dtype}')
    wrong = (array < -count) | (array >= count)
    if wrong.any():
        raise IndexError(f'there is no segment {array[wrong][0]}: there are {count}')
    return np.where(array < 0, array + count, array).astype(np.int64)
