# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colours under masks, held against OpenCV."""

import cv2
import numpy as np
import pytest

from fastsam_ros.following.looks import COLOURS, MOST, histograms
from fastsam_ros.following.small_mask import SmallMask


def image_of(height, width):
    """Colours of all kinds, dark ones and grey ones."""
    image = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    image[: height // 3] //= 8
    image[height // 3 : height // 2, :, 1:] = image[height // 3 : height // 2, :, :1]
    return image


def soft_masks(height, width):
    """Masks anywhere, one at each side of the picture, and an empty one."""
    rng = np.random.default_rng(5)
    masks = [SmallMask(0, 0, np.full((height, width), 255, np.uint8)),
             SmallMask(3, 4, np.zeros((0, 0), np.uint8))]
    for side in (3, 20, 44, 45, 46, 70):
        x, y = int(rng.integers(width - side)), int(rng.integers(height - side))
        masks.append(SmallMask(x, y, rng.integers(0, 256, (side, side), np.uint8)))
    return masks


def expected(mask, bins, apart):
    """The root of the shares of each bin."""
    x0, y0, x1, y1 = mask.box
    chosen = (mask.values > 127)[::apart, ::apart]
    counts = np.sqrt(np.bincount(bins[y0:y1:apart, x0:x1:apart][chosen], minlength=COLOURS))
    return counts / max(np.linalg.norm(counts), 1e-9)


def bins_of(image):
    hue, saturation, value = cv2.split(
        cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HSV))
    return hue // 15 * 16 + saturation // 64 * 4 + value // 64


@pytest.mark.parametrize('step', [1, 2, 3])
def test_colours_are_those_of_opencv(step):
    image = image_of(301, 402)
    bins = bins_of(image[::step, ::step])
    masks = soft_masks(301 // step, 402 // step)
    wide = np.zeros((301, 407, 3), np.uint8)
    wide[:, :402] = image
    bgr = np.ascontiguousarray(image[..., ::-1])[..., ::-1]
    for rgb in (image, bgr, wide[:, :402], np.asfortranarray(image)):
        for mask, seen in zip(masks, histograms(masks, rgb, step, image.size), strict=True):
            np.testing.assert_allclose(seen, expected(mask, bins, 1), rtol=1e-5)


def test_of_large_masks_some_pixels_are_looked_at():
    image = image_of(100, 150)
    masks = [
        SmallMask(20, 10, np.full((height, width), 255, np.uint8))
        for height, width in ((32, MOST // 32), (33, MOST // 32), (90, 128))]
    for mask, seen, apart in zip(masks, histograms(masks, image), (1, 2, 3), strict=True):
        np.testing.assert_allclose(seen, expected(mask, bins_of(image), apart), rtol=1e-5)
