# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Run lengths from outlines alone, against torch's upsampling of every pixel."""

import numpy as np
from oracles import masks
import pytest
import torch
from torch.nn.functional import interpolate

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import RUNS_PER_ROW, decode
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.shaping import clean

# Image sizes whose letterbox has no padding, so that torch can stretch prototypes to the image.
SIZES = [(480, 640, 640), (96, 64, 192), (1080, 1920, 512), (64, 64, 64), (300, 900, 96)]
PLANE = np.ones((1, 12, 16), np.float32)


def smooth_noise(rng, count, height, width):
    """Logits with outlines of many shapes: (N, h, w) float32."""
    coarse = torch.from_numpy(rng.normal(size=(1, count, height // 4 + 2, width // 4 + 2)))
    smooth = interpolate(coarse, (height, width), mode='bicubic')[0].numpy()
    return (smooth + 0.1 * rng.normal(size=smooth.shape)).astype(np.float32)


def random_boxes(rng, count, height, width):
    """(N, 4) float32 x0, y0, x1, y1, among them the whole image, empty ones and thin ones."""
    corners = rng.uniform(0, 1, (count, 2, 2)) * (width, height)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    boxes[0] = 0, 0, width, height
    boxes[1] = 3, 3, 3, 9
    boxes[2] = width, height, width, height
    boxes[3] = 10.2, 0, 10.9, height
    boxes[4] = 10.2, 0, 11.2, height
    return boxes.astype(np.float32)


def upsampled(logits, boxes, height, width):
    """Masks as the paper defines them: (N, H, W) bool."""
    full = interpolate(torch.from_numpy(logits)[None].double(), (height, width), mode='bilinear')
    y, x = np.mgrid[:height, :width]
    left, top, right, bottom = boxes.T[:, :, None, None]
    inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
    return (full[0].numpy() > 0) & inside


@pytest.mark.parametrize(('height', 'width', 'size'), SIZES)
def test_equals_upsampling(height, width, size):
    rng = np.random.default_rng(height)
    letterbox = Letterbox.fit(height, width, size)
    assert (letterbox.top, letterbox.left) == (0, 0)
    assert letterbox.resized == (letterbox.input_height, letterbox.input_width)
    logits = smooth_noise(rng, 12, letterbox.input_height // 4, letterbox.input_width // 4)
    boxes = random_boxes(rng, 12, height, width)
    expected = upsampled(logits, boxes, height, width)
    decoded = decode(np.eye(12, dtype=np.float32), logits, boxes, letterbox)
    got = np.array([masks.whole(runs, height, width) for runs in decoded])
    # Where a logit is 0 up to rounding, float32 and float64 may disagree.
    assert (got != expected).sum() <= 1e-5 * expected.sum()


def test_run_lengths_are_canonical():
    rng = np.random.default_rng(1)
    letterbox = Letterbox.fit(200, 300, 320)
    logits = smooth_noise(rng, 20, letterbox.input_height // 4, letterbox.input_width // 4)
    coefficients = np.eye(20, dtype=np.float32)
    for runs in decode(coefficients, logits, random_boxes(rng, 20, 200, 300), letterbox):
        again = RunLengths.from_mask(masks.whole(runs, 200, 300))
        fields = (runs.x, runs.y, runs.width, runs.height, runs.area)
        assert fields == (again.x, again.y, again.width, again.height, again.area)
        np.testing.assert_array_equal(runs.counts, again.counts)


def test_nothing_in_nothing_out():
    letterbox = Letterbox.fit(48, 64, 64)
    assert not len(decode(np.empty((0, 1), np.float32), PLANE, np.empty((0, 4)), letterbox))
    box = np.array([[0, 0, 64, 48]], np.float32)
    (runs,) = decode(np.full((1, 1), -1, np.float32), PLANE, box, letterbox)
    assert (runs.area, runs.width, runs.height, len(runs.counts)) == (0, 0, 0, 0)


def test_full_mask_is_one_run():
    letterbox = Letterbox.fit(48, 64, 64)
    box = np.array([[8, 4, 40, 20]], np.float32)
    (runs,) = decode(np.ones((1, 1), np.float32), PLANE, box, letterbox)
    assert (runs.x, runs.y, runs.width, runs.height, runs.area) == (8, 4, 32, 16, 512)
    np.testing.assert_array_equal(runs.counts, [0, 512])


def noisy_scene(count, height, width, size):
    """Coefficients, prototypes, boxes and letterbox of an image whose letterbox has padding."""
    rng = np.random.default_rng(height)
    letterbox = Letterbox(height, width, size, size)
    prototypes = smooth_noise(rng, 32, size // 4, size // 4)
    coefficients = rng.normal(size=(count, 32)).astype(np.float32)
    return coefficients, prototypes, random_boxes(rng, count, height, width), letterbox


@pytest.mark.parametrize(('height', 'width'), [(480, 854), (854, 480), (31, 640), (2000, 700)])
@pytest.mark.parametrize('count', [1, 3, 4, 32])
def test_equals_the_definition(height, width, count):
    """With a letterbox that has padding, and any number of prototypes."""
    coefficients, prototypes, boxes, letterbox = noisy_scene(8, height, width, 320)
    scene = coefficients[:, :count], prototypes[:count], boxes, letterbox
    expected = masks.masks(*scene)
    got = np.array([masks.whole(runs, height, width) for runs in decode(*scene)])
    assert expected.any()
    assert (got != expected).sum() <= 1e-5 * expected.sum()  # they round differently


@pytest.mark.parametrize('size', [(32, 320), (320, 32), (32, 32), (96, 224)])
def test_equals_the_definition_on_few_prototypes(size):
    """Fewer than are computed side by side, or some that are left over."""
    height, width = size[0] * 3, size[1] * 3
    coefficients, prototypes, boxes, _ = noisy_scene(8, height, width, 320)
    planes = np.ascontiguousarray(prototypes[:, : size[0] // 4, : size[1] // 4])
    scene = coefficients, planes, boxes, Letterbox(height, width, *size)
    expected = masks.masks(*scene)
    got = np.array([masks.whole(runs, height, width) for runs in decode(*scene)])
    assert expected.any()
    assert (got != expected).sum() <= 1e-5 * expected.sum()


@pytest.mark.parametrize('fades', [False, True])
def test_masks_cleaned_at_once_are_those_cleaned_afterwards(fades):
    coefficients, prototypes, boxes, letterbox = noisy_scene(40, 400, 500, 320)
    scene = coefficients, prototypes, boxes, letterbox, fades
    raw, cleaned = decode(*scene), decode(*scene, clean=True)
    afterwards = clean(raw)
    assert sum(one is not other for one, other in zip(raw, afterwards)) > 10
    for one, other in zip(cleaned, afterwards):
        assert (one.x, one.y, one.width, one.height, one.area) == (
            other.x, other.y, other.width, other.height, other.area)
        np.testing.assert_array_equal(one.counts, other.counts)


def test_coefficients_that_do_not_fit_the_prototypes_are_refused():
    coefficients, prototypes, boxes, letterbox = noisy_scene(20, 100, 100, 96)
    with pytest.raises(ValueError):
        decode(coefficients[:, :31], prototypes, boxes, letterbox)


def test_more_runs_than_expected_are_all_there():
    letterbox = Letterbox.fit(64, 256, 256)
    stripes = np.where(np.arange(64) % 2, 1, -1) * np.ones((1, 16, 1))
    box = np.array([[0, 0, 256, 64]], np.float32)
    (runs,) = decode(
        np.ones((1, 1), np.float32), stripes.astype(np.float32), box, letterbox)
    assert len(runs.counts) > 64 * RUNS_PER_ROW
    expected = masks.masks(np.ones((1, 1)), stripes, box, letterbox)[0]
    np.testing.assert_array_equal(masks.whole(runs, 64, 256), expected)


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf])
def test_boxes_of_nan_do_no_harm(wrong):
    coefficients, prototypes, boxes, letterbox = noisy_scene(20, 100, 100, 96)
    boxes[6:10] = np.where(np.eye(4), wrong, boxes[6:10])
    for runs in decode(coefficients, prototypes, boxes, letterbox):
        assert runs.counts.sum() == runs.width * runs.height


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf])
def test_logits_of_nan_do_no_harm(wrong):
    coefficients, prototypes, boxes, letterbox = noisy_scene(20, 100, 100, 96)
    coefficients[6, 0] = wrong
    prototypes[3, 2:20:3, 4:20:4] = wrong
    for runs in decode(coefficients, prototypes, boxes, letterbox):
        assert runs.counts.sum() == runs.width * runs.height
        assert runs.x + runs.width <= 100
        assert runs.y + runs.height <= 100


@pytest.mark.parametrize('tiny', [1e-9, 1e-30, 1e-45])
def test_a_tiny_logit_at_the_clamped_edge_does_not_invert_a_row(tiny):
    """
    The image's last rows lie on the last prototypes, where interpolating rounds `tiny` to 0.

    Column 8 is inside by a hair, so left of it the row is inside and right of it outside.
    """
    letterbox = Letterbox(64, 64, 64, 64)
    plane = np.full((1, 16, 16), 3, np.float32)
    plane[0, 15, :9] = tiny
    plane[0, :, 9:] = -1
    box = np.array([[0, 0, 64, 64]], np.float32)
    (runs,) = decode(np.ones((1, 1), np.float32), plane, box, letterbox)
    mask = masks.whole(runs, 64, 64)
    assert mask[:, :32].all()
    assert not mask[:, 40:].any()


def test_a_mask_that_is_kept_does_not_keep_the_memory_of_all():
    scene = noisy_scene(20, 100, 100, 96)
    assert all(runs.counts.base is None for runs in decode(*scene))
