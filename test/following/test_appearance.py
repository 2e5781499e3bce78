# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Vectors that tell one thing from others."""

from dataclasses import replace

import cv2
from made_scene import SIZE, made_scene
import numpy as np
from scipy import ndimage

from fastsam_ros.following.appearance import COLOUR, SPREAD, appearance

BOXES = [(10, 10, 90, 90), (100, 10, 200, 90), (10, 200, 120, 300)]


def histogram(pixels):
    """OpenCV's, with the bins of `following.looks`, spread by SciPy."""
    hsv = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, [12, 4, 4], [0, 180, 0, 256, 0, 256])
    for axis, (share, mode) in enumerate(zip(SPREAD, ('wrap', 'nearest', 'nearest'))):
        weights = [share / 2, 1 - share, share / 2]
        counts = ndimage.convolve1d(counts, weights, axis, mode=mode)
    return counts


def test_the_likeness_is_that_of_colours_and_of_coefficients():
    rng = np.random.default_rng(0)
    scene = made_scene(BOXES, [(200, 30, 30), (190, 40, 90), (30, 60, 200)])
    image = np.clip(scene.image.astype(int) + rng.normal(0, 40, (SIZE, SIZE, 3)), 0, 255)
    rows = rng.normal(size=(3, 32)).astype(np.float32)
    scene = replace(scene, image=image.astype(np.uint8), coefficients=rows)
    vectors = appearance(scene)
    colours = [histogram(scene.image[y0:y1, x0:x1]) for x0, y0, x1, y1 in BOXES]
    for one in range(3):
        for other in range(3):
            # OpenCV gives the root of 1 - Bhattacharyya's coefficient.
            distance = cv2.compareHist(
                colours[one], colours[other], cv2.HISTCMP_BHATTACHARYYA)
            cosine = rows[one] @ rows[other] / np.prod(np.linalg.norm(rows[[one, other]], axis=1))
            expected = COLOUR * (1 - distance**2) + (1 - COLOUR) * cosine
            np.testing.assert_allclose(vectors[one] @ vectors[other], expected, atol=1e-4)


def test_some_segments_are_those_of_all():
    scene = made_scene(BOXES, [(200, 30, 30), (30, 200, 30), (30, 30, 200)])
    np.testing.assert_array_equal(appearance(scene, [2, 0]), appearance(scene)[[2, 0]])
    assert appearance(scene, []).shape[0] == 0
