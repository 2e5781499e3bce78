# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Memory of large arrays that is used again, and never while somebody looks at it."""

import tracemalloc

import numpy as np
import pytest

from fastsam_ros.core.images import copied
from fastsam_ros.core.memory import LARGEST, SMALLEST, Memory

SHAPE = 3, 200, 300


@pytest.fixture
def memory():
    return Memory(kept=2)


def place(array):
    return array.__array_interface__['data'][0]


@pytest.mark.parametrize('dtype', [np.uint8, np.float32])
def test_arrays_are_as_numpys(memory, dtype):
    array = memory.empty(SHAPE, dtype)
    assert (array.shape, array.dtype) == (SHAPE, dtype)
    assert array.flags.c_contiguous and array.flags.writeable


def test_memory_is_used_again_for_arrays_of_its_size(memory):
    array = memory.empty(SHAPE, np.uint8)
    first = place(array)
    del array
    other = memory.empty((4, 200, 300), np.uint8)
    assert place(other) != first
    assert place(memory.empty((300, 200, 3), np.uint8)) == first


@pytest.mark.parametrize('view', [
    lambda array: array[1], lambda array: array[..., ::-1].T, memoryview,
    lambda array: array.reshape(-1).view(np.float32)[5:6]])
def test_a_view_holds_it(memory, view):
    array = memory.empty(SHAPE, np.uint8)
    first, seen = place(array), view(array)
    del array
    assert place(memory.empty(SHAPE, np.uint8)) != first
    del seen
    places = {place(array) for array in [memory.empty(SHAPE, np.uint8) for _ in range(2)]}
    assert first in places


@pytest.mark.parametrize(('size', 'waiting'), [
    (SMALLEST - 1, 0), (SMALLEST, 2), (LARGEST, 2), (LARGEST + 1, 0)])
def test_so_much_waits(memory, size, waiting):
    """No more pieces than was said, and none that are small or huge."""
    tracemalloc.start()
    try:
        arrays = [memory.empty((size,), np.uint8) for _ in range(4)]
        arrays.clear()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert round(held / size) == waiting


def test_a_copy_of_an_image_is_nobody_elses(astronaut):
    first = copied(astronaut)
    second = copied(255 - astronaut)
    np.testing.assert_array_equal(first, astronaut)
    np.testing.assert_array_equal(second, 255 - astronaut)
