# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures of all kinds of strides."""

import numpy as np
import pytest

from fastsam_ros.core.pixels import copy, is_backwards, packed

WAYS = {
    'packed': lambda image: image,
    'backwards': lambda image: image[..., ::-1],
    'backwards rows': lambda image: image[::-1, :, ::-1],
    'padded backwards': lambda image: image[:, 1:-2, ::-1],
    'mirrored': lambda image: image[:, ::-1],
    'one pixel': lambda image: image[3:4, 5:6, ::-1],
}


@pytest.fixture(params=WAYS)
def image(request):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    return WAYS[request.param](pixels)


def test_copies_are_equal_and_packed(image):
    assert packed(image).flags.c_contiguous
    np.testing.assert_array_equal(packed(image), image)


def test_copies_go_into_a_part_of_a_picture(image):
    height, width = image.shape[:2]
    whole = np.zeros((height + 2, width + 4, 3), np.uint8)
    copy(image, whole[1:-1, 1:-3])
    np.testing.assert_array_equal(whole[1:-1, 1:-3], image)
    whole[1:-1, 1:-3] = 0
    assert not whole.any()


def test_colours_are_turned_in_place():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    expected = pixels[..., ::-1].copy()
    copy(pixels[..., ::-1], pixels)
    np.testing.assert_array_equal(pixels, expected)


def test_a_packed_picture_is_itself():
    pixels = np.zeros((2, 2, 3), np.uint8)
    assert packed(pixels) is pixels
    assert [is_backwards(view) for view in (pixels, pixels[..., ::-1])] == [False, True]
