# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The boundary measure, held against scikit-image's morphology."""

import cv2
import numpy as np
import pytest
from skimage.morphology import dilation, disk

from fastsam_ros.evaluate.boundary import boundary_f

HEIGHT, WIDTH = 120, 160
RADIUS = 2  # ceil(0.008 x 200)


def blot(seed):
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH)), (0, 0), 9)
    return noise > 0.02


def outline(mask):
    """Loops, as slow as the definition."""
    edge = np.zeros_like(mask)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            below, right = min(y + 1, HEIGHT - 1), min(x + 1, WIDTH - 1)
            edge[y, x] = len({mask[y, x], mask[below, x], mask[y, right], mask[below, right]}) > 1
    return edge


@pytest.mark.parametrize('seed', range(3))
def test_what_lies_near_counts(seed):
    truth = blot(seed)
    found = np.roll(truth, (1, 4), (0, 1)) ^ (blot(seed + 10) & blot(seed + 20))
    one, other = outline(found), outline(truth)
    precision = (one & dilation(other, disk(RADIUS))).sum() / one.sum()
    recall = (other & dilation(one, disk(RADIUS))).sum() / other.sum()
    assert boundary_f(found, truth) == pytest.approx(
        2 * precision * recall / (precision + recall))
    assert 0 < boundary_f(found, truth) < 1


def test_nothing_and_all():
    nothing, something = np.zeros((HEIGHT, WIDTH), bool), blot(1)
    assert boundary_f(nothing, nothing) == boundary_f(something, something) == 1
    assert boundary_f(nothing, something) == boundary_f(something, nothing) == 0
