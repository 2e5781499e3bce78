# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where C++ gets no memory, Python hears of it; no exception leaves a C function."""

import numpy as np
from numpy.lib.stride_tricks import as_strided
import pytest

from fastsam_ros.core.native import library
from fastsam_ros.following.looks import COLOURS
from fastsam_ros.following.motion import grey_of
from fastsam_ros.following.small_mask import SmallMask, windows_of

ENDLESS = 1 << 57  # pixels; no machine addresses that many bytes
MASK = SmallMask(0, 0, np.full((8, 8), 255, np.uint8))


@pytest.fixture
def row():
    """An image of one row that claims to be far longer than its memory."""
    return as_strided(np.zeros(3, np.uint8), (1, ENDLESS, 3), (3, 3, 1), writeable=False)


def test_the_grey_picture_of_a_row_without_end(row):
    with pytest.raises(MemoryError, match='fastsam_grey'):
        grey_of(row)


def test_the_flow_of_a_picture_without_end():
    point = np.zeros((1, 1), np.uint8)
    with pytest.raises(MemoryError, match='fastsam_flow'):
        library().fastsam_flow(point, point, 16, ENDLESS >> 7, np.zeros((1, 1, 2), np.float32))


@pytest.fixture
def looks(row):
    """Of the row's only segment, which is as long, as the library takes it."""
    windows, addresses = windows_of([MASK])
    return (
        row.ctypes.data, 3, 1, 1, ENDLESS, np.array([[0, 0, ENDLESS, 1]]), addresses, np.ones(1),
        np.zeros((1, 0), np.float32), 0, np.zeros((1, COLOURS), np.float32), np.zeros(1, bool))


def test_the_colours_of_a_row_without_end(looks):
    with pytest.raises(MemoryError, match='fastsam_looks'):
        library().fastsam_looks(*looks, 1, np.zeros(1, np.int64))


def test_what_looks_alike_in_a_row_without_end(looks):
    first, found = np.zeros(1, np.int64), np.zeros(1, np.float32)
    with pytest.raises(MemoryError, match='fastsam_likenesses'):
        library().fastsam_likenesses(
            *looks, 1, first, first, np.zeros((2, COLOURS), np.float32), 0, found)


def test_what_goes_on_in_a_row_without_end(looks):
    windows, addresses = windows_of([MASK])
    first = np.zeros(1, np.int64)
    with pytest.raises(MemoryError, match='fastsam_continue'):
        library().fastsam_continue(
            *looks, windows, addresses, np.ones(1), np.zeros((2, COLOURS), np.float32),
            np.zeros(1, bool), 1, first, first, np.ones(1), np.zeros(3), np.zeros(1))


def test_a_move_over_a_picture_without_end():
    windows, none = np.empty((0, 4), np.int64), np.empty(0, np.int64)
    with pytest.raises(MemoryError, match='fastsam_move'):
        library().fastsam_move(
            np.zeros((1, 1, 2), np.float32), 1, 1, 1, ENDLESS >> 8, 0, windows, none, 0, windows,
            none, np.empty(0, np.uint8), 0)


def test_masks_that_are_shrunk_into_less_room_than_they_need():
    one, counts = np.zeros(1, np.int64), np.array([0, 4], np.uint32)
    windows, addresses = windows_of([MASK])
    with pytest.raises(MemoryError, match='fastsam_shrink'):
        library().fastsam_shrink(
            1, one, np.array([[0, 0, 2, 2, 4, 2]]), np.array([2]), counts, 1, 2, 2, one, windows,
            addresses, np.zeros(1), np.empty(3, np.uint8), 3)


def test_masks_that_are_larger_than_the_room_for_them():
    windows, addresses = windows_of([MASK])
    with pytest.raises(MemoryError, match='fastsam_blend'):
        library().fastsam_blend(
            1, windows, addresses, windows, addresses, 128, 1, np.empty_like(windows),
            np.empty(1, np.int64), np.empty(1, np.uint8), 1)
