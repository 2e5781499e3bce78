# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images of all kinds of strides."""

import numpy as np
import pytest

from fastsam_ros.core.images import (
    contiguous,
    copied,
    copy_pixels,
    is_bgr,
    owned,
    rectangles,
)

WAYS = {
    'packed': lambda image: image,
    'bgr': lambda image: image[..., ::-1],
    'bgr, upside down': lambda image: image[::-1, :, ::-1],
    'part of bgr': lambda image: image[:, 1:-2, ::-1],
    'mirrored': lambda image: image[:, ::-1],
    'one pixel': lambda image: image[3:4, 5:6, ::-1],
}


@pytest.fixture(params=WAYS)
def image(request):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    return WAYS[request.param](pixels)


def test_copies_are_equal_and_contiguous(image):
    assert contiguous(image).flags.c_contiguous
    np.testing.assert_array_equal(contiguous(image), image)


def test_copies_go_into_a_part_of_a_picture(image):
    height, width = image.shape[:2]
    whole = np.zeros((height + 2, width + 4, 3), np.uint8)
    copy_pixels(image, whole[1:-1, 1:-3])
    np.testing.assert_array_equal(whole[1:-1, 1:-3], image)
    whole[1:-1, 1:-3] = 0
    assert not whole.any()


def test_colours_are_turned_in_place():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    expected = pixels[..., ::-1].copy()
    copy_pixels(pixels[..., ::-1], pixels)
    np.testing.assert_array_equal(pixels, expected)


def test_a_contiguous_image_is_itself():
    pixels = np.zeros((2, 2, 3), np.uint8)
    assert contiguous(pixels) is pixels
    assert not np.shares_memory(copied(pixels), pixels)
    assert [is_bgr(view) for view in (pixels, pixels[..., ::-1])] == [False, True]


def read_only(image):
    image = image.view()
    image.flags.writeable = False
    return image


RING = {
    'array': lambda memory: memory,
    'view': read_only,
    'part of a view': lambda memory: read_only(memory[:])[:, 1:3, ::-1],
    'broadcast': lambda memory: np.broadcast_to(memory[:1], (4, 5, 3)),
    'memoryview': lambda memory: np.asarray(memoryview(memory).toreadonly()),
    'bytearray': lambda memory: np.frombuffer(
        memoryview(bytearray(60)).toreadonly(), np.uint8).reshape(4, 5, 3),
}
FIXED = {
    'array': lambda: np.zeros((4, 5, 3), np.uint8),
    'bytes': lambda: np.frombuffer(bytes(60), np.uint8).reshape(4, 5, 3),
    'part of bytes': lambda: np.frombuffer(bytes(80), np.uint8)[20:].reshape(4, 5, 3)[..., ::-1],
    'memoryview': lambda: np.frombuffer(memoryview(bytes(80))[20:], np.uint8).reshape(4, 5, 3),
}


@pytest.mark.parametrize('name', RING)
def test_what_can_be_written_into_elsewhere_is_copied(name):
    image = RING[name](np.zeros((4, 5, 3), np.uint8))
    (own,) = owned([image])
    assert not np.shares_memory(own, image)
    np.testing.assert_array_equal(own, image)


@pytest.mark.parametrize('name', FIXED)
def test_what_nobody_can_write_into_is_kept(name):
    image = FIXED[name]()
    image.flags.writeable = False
    assert owned([image])[0] is image


@pytest.mark.parametrize('size', [(1, 1), (64, 96), (480, 31)])
def test_made_images_show_something(size):
    image = rectangles(*size)
    assert image.shape == (*size, 3)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, rectangles(*size))
    assert size == (1, 1) or len(np.unique(image.reshape(-1, 3), axis=0)) > 10
