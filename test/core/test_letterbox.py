# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The letterbox against ultralytics'."""

import numpy as np
import pytest

from fastsam_ros.backends.checkpoints import torchvision_is_optional
from fastsam_ros.core.letterbox import Letterbox

with torchvision_is_optional():
    from ultralytics.data.augment import LetterBox
    from ultralytics.utils.ops import scale_boxes

SIZES = [(480, 854), (480, 640), (1080, 1920), (37, 500), (500, 37), (333, 777), (1, 1),
         (640, 640), (545, 300), (300, 545)]


@pytest.mark.parametrize(('height', 'width'), SIZES)
@pytest.mark.parametrize('size', [320, 640])
def test_pixels_equal_ultralytics(height, width, size):
    image = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    expected = LetterBox((size, size), auto=True, stride=32)(image=image)
    letterbox = Letterbox.fit(height, width, size)
    out = np.empty((letterbox.input_height, letterbox.input_width, 3), np.uint8)
    letterbox.apply(image, out)
    np.testing.assert_array_equal(out, expected)
    backwards = np.ascontiguousarray(image[..., ::-1])[..., ::-1]  # as a camera's BGR is seen
    again = np.empty_like(out)
    letterbox.apply(backwards, again)
    np.testing.assert_array_equal(again, expected)


def fitted(height, width, size):
    return Letterbox.fit(height, width, size)


def fixed(height, width, size):
    return Letterbox(height, width, size, size)


@pytest.mark.parametrize('size', [320, 640])
@pytest.mark.parametrize(('make', 'auto'), [(fitted, True), (fixed, False)])
def test_the_geometry_of_many_sizes_equals_ultralytics(size, make, auto):
    reference = LetterBox((size, size), auto=auto, stride=32)
    sizes = [(side, other) for side in range(1, 1300, 61) for other in range(1, 1300, 7)]
    for height, width in [*sizes, *(pair[::-1] for pair in sizes)]:
        pixels = np.broadcast_to(np.uint8(0), (height, width, 3))
        expected = reference.get_params({'img': pixels})
        letterbox = make(height, width, size)
        assert letterbox.resized == expected['new_unpad'][::-1], (height, width)
        assert (letterbox.top, letterbox.left) == (expected['top'], expected['left'])
        across = expected['left'] + letterbox.resized[1] + expected['right']
        down = expected['top'] + letterbox.resized[0] + expected['bottom']
        assert (letterbox.input_height, letterbox.input_width) == (down, across)


def test_equal_geometries_are_one_key():
    same = Letterbox.fit(480, 640, 640), Letterbox(480, 640, 480, 640)
    assert same[0] == same[1]
    assert len({*same, Letterbox(480, 640, 640, 640)}) == 2


@pytest.mark.parametrize(('height', 'width'), SIZES[:6])
def test_boxes_come_back_as_in_ultralytics(height, width):
    letterbox = Letterbox.fit(height, width, 640)
    boxes = np.random.default_rng(0).uniform(-20, 660, (20, 4)).astype(np.float32)
    shape = letterbox.input_height, letterbox.input_width
    expected = scale_boxes(shape, boxes.copy(), (height, width))
    np.testing.assert_allclose(letterbox.boxes_to_image(boxes), expected, atol=1e-3)


def test_applies_to_any_strides():
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 4), np.uint8)[:, ::-1, :3]
    letterbox = Letterbox.fit(60, 80, 64)
    outputs = np.empty((2, letterbox.input_height, letterbox.input_width, 3), np.uint8)
    letterbox.apply(image, outputs[0])
    letterbox.apply(np.ascontiguousarray(image), outputs[1])
    np.testing.assert_array_equal(*outputs)
