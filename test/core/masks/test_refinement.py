# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Outlines that follow the image where the prototypes are too coarse to."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.refinement import guided_filter, refine
from fastsam_ros.core.masks.run_lengths import RunLengths

SIZE = 320


@pytest.fixture
def disc():
    """A bright disc on dark ground, its mask, and logits that come out ragged."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    mask = np.hypot(x - 150, y - 170) < 80
    image = np.where(mask[..., None], 200, 60).astype(np.uint8).repeat(3, 2)
    noise = np.random.default_rng(0).normal(0, 1.5, (80, 80))
    y, x = np.mgrid[:80, :80] + 0.5
    logits = 20 - np.hypot(x - 37.5, y - 42.5) + cv2.GaussianBlur(noise, (0, 0), 1)
    return image, mask, logits.astype(np.float32)


def iou(runs: RunLengths, mask: np.ndarray) -> float:
    found = np.zeros_like(mask)
    found[runs.window] = runs.mask()
    return (found & mask).sum() / (found | mask).sum()


def test_a_ragged_outline_finds_the_edge(disc):
    image, mask, logits = disc
    letterbox = Letterbox.fit(SIZE, SIZE, SIZE)
    plain = RunLengths.from_mask(cv2.resize(logits, (SIZE, SIZE)) > 0)
    refined = refine(logits, np.array([0, 0, SIZE, SIZE]), letterbox, image)
    assert iou(plain, mask) < 0.975 < 0.985 < iou(refined, mask)


def test_a_picture_without_edges_changes_little(disc):
    _, mask, logits = disc
    grey = np.full((SIZE, SIZE, 3), 90, np.uint8)
    refined = refine(
        logits, np.array([0, 0, SIZE, SIZE]), Letterbox.fit(SIZE, SIZE, SIZE), grey)
    assert iou(refined, cv2.resize(logits, (SIZE, SIZE)) > 0) > 0.95


def test_the_mask_stays_in_its_box(disc):
    image, _, logits = disc
    letterbox = Letterbox.fit(SIZE, SIZE, SIZE)
    box = refine(logits, np.array([100.5, 120, 180, 200]), letterbox, image)
    assert (box.x, box.y, box.x + box.width, box.y + box.height) == (101, 120, 180, 200)
    assert refine(logits, np.array([50, 50, 50, 60]), letterbox, image).area == 0
    beyond = refine(logits - 100, np.array([0, 0, SIZE, SIZE]), letterbox, image)
    assert beyond.area == 0


def test_views_and_borders(disc):
    image, mask, logits = disc
    letterbox = Letterbox.fit(SIZE, SIZE, SIZE)
    whole = np.array([0, 0, SIZE, SIZE])
    backwards = refine(logits, whole, letterbox, image[..., ::-1][..., ::-1])
    np.testing.assert_array_equal(
        backwards.counts, refine(logits, whole, letterbox, image).counts)
    assert refine(logits + 100, whole, letterbox, image).area == SIZE * SIZE


def test_the_filter_is_that_of_the_paper():
    random = np.random.default_rng(0)
    guide, values = random.random((2, 30, 40)).astype(np.float32)
    radius, epsilon = 3, 1e-2
    wanted = np.zeros((30, 40))
    slopes, offsets = np.zeros((2, 30, 40))
    padded = [np.pad(a, radius, mode='symmetric') for a in (guide, values)]
    for y in range(30):
        for x in range(40):
            g, v = (a[y:y + 7, x:x + 7].astype(float) for a in padded)
            slopes[y, x] = ((g * v).mean() - g.mean() * v.mean()) / (g.var() + epsilon)
            offsets[y, x] = v.mean() - slopes[y, x] * g.mean()
    padded = [np.pad(a, radius, mode='symmetric') for a in (slopes, offsets)]
    for y in range(30):
        for x in range(40):
            a, b = (p[y:y + 7, x:x + 7].mean() for p in padded)
            wanted[y, x] = a * guide[y, x] + b
    np.testing.assert_allclose(guided_filter(guide, values, radius, epsilon), wanted, atol=1e-4)
