# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The letterbox of the GPU, on the CPU: every pixel is OpenCV's."""

import platform

import numpy as np
import pytest

from fastsam_ros.backends.tensorrt.cuda import Buffer, Memory, Stream
from fastsam_ros.backends.tensorrt.letterboxing import Letterboxing, Stored
from fastsam_ros.core.letterbox import Letterbox

SIZES = [(48, 64), (108, 192), (128, 64), (33, 50), (9, 4), (1, 70), (77, 31), (240, 320)]
# OpenCV has code of its own for other processors, which may round otherwise.
EXACT = platform.machine() == 'x86_64'


def letterboxed(kernels, image, letterbox):
    """What the kernel writes, between margins."""
    stored, stream, buffer, out = Stored.of(image), Stream(), Buffer(), Buffer()
    buffer.resize(stored.pixels.shape, np.uint8)
    np.copyto(buffer.array, stored.pixels)
    buffer.upload(stream)
    out.resize((letterbox.input_height, letterbox.input_width, 3), np.uint8)
    bgr = Memory.of(np.array([stored.bgr], np.int32))
    made = Letterboxing(stored.pixels.shape[2], letterbox)
    made.queue(kernels, stream, buffer, bgr.address, out.address)
    out.download(stream)
    stream.wait()
    found = out.array.copy()
    for memory in (buffer, out):
        memory.close()
    return found


def views(image):
    """An image as cameras give it, each (H, W, 3) RGB to whoever reads it."""
    bgr, grey = np.ascontiguousarray(image[..., ::-1]), image[..., 0].copy()
    return {
        'rgb': image, 'bgr': bgr[..., ::-1], 'turned': image[::-1, ::-1],
        'mono': np.broadcast_to(grey[..., None], image.shape)}


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('view', ['rgb', 'bgr', 'turned', 'mono'])
def test_every_pixel_is_opencvs(kernels, size, view):
    image = views(np.random.default_rng(size[0]).integers(0, 256, (*size, 3), np.uint8))[view]
    letterbox = Letterbox.fit(*size, 64)
    expected = np.empty((letterbox.input_height, letterbox.input_width, 3), np.uint8)
    letterbox.apply(image, expected)
    found = letterboxed(kernels, image, letterbox)
    assert np.abs(found.astype(int) - expected).max() <= (0 if EXACT else 1)


def test_an_image_smaller_than_the_input_is_enlarged(kernels):
    """As one of several cameras that share an input."""
    letterbox = Letterbox(30, 40, 96, 128)
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    expected = np.empty((96, 128, 3), np.uint8)
    letterbox.apply(image, expected)
    found = letterboxed(kernels, image, letterbox)
    assert np.abs(found.astype(int) - expected).max() <= (0 if EXACT else 1)


def test_of_a_grey_image_a_third_crosses_the_bus():
    grey = np.broadcast_to(np.zeros((4, 6, 1), np.uint8), (4, 6, 3))
    assert Stored.of(grey).pixels.shape == (4, 6, 1)
    assert not Stored.of(np.zeros((4, 6, 3), np.uint8)).bgr
    assert Stored.of(np.zeros((4, 6, 3), np.uint8)[..., ::-1]).bgr
