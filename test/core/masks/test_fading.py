# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that fade beyond their boxes, against the plain definition."""

import numpy as np
from oracles import masks
import pytest
from torch import from_numpy
from torch.nn.functional import interpolate

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import decode, decode_grown
from fastsam_ros.core.masks.fading import holding, reachable
from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths
from fastsam_ros.core.masks.shaping import grow

SIZE = 320
ONE = np.ones((1, 1), np.float32)


def blobs(height, width, seed=0):
    """Coefficients, prototypes and letterbox of masks that reach far."""
    rng = np.random.default_rng(seed)
    letterbox = Letterbox.fit(height, width, SIZE)
    shape = letterbox.input_height // 4, letterbox.input_width // 4
    coarse = from_numpy(rng.normal(2, 4, (1, 10, shape[0] // 8 + 2, shape[1] // 8 + 2)))
    planes = interpolate(coarse, shape, mode='bicubic')[0].numpy().astype(np.float32)
    return np.eye(10, dtype=np.float32), planes, letterbox


def boxes_of(side, height, width, seed=0):
    """Boxes of some share of the image's sides, a few at its border: (10, 4) float32."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 1 - side, (10, 2))
    low[:2] = 0, 1 - side
    boxes = np.concatenate([low, low + side], 1) * np.array([width, height] * 2)
    return boxes.astype(np.float32)


@pytest.mark.parametrize(('side', 'share'), [(0.25, 0.06), (0.5, 0.12)])
@pytest.mark.parametrize(('height', 'width'), [(240, 320), (480, 640), (300, 901)])
def test_masks_fade_as_they_are_defined(height, width, side, share):
    coefficients, planes, letterbox = blobs(height, width)
    extents = boxes_of(side, height, width)
    found = decode(coefficients, planes, extents, letterbox, fades=True)
    wanted = masks.fading_masks(coefficients, planes, extents, letterbox, share)
    got = np.array([masks.whole(runs, height, width) for runs in found])
    assert (got != wanted).sum() <= 1e-5 * wanted.sum()
    cut = np.array([runs.area for runs in decode(coefficients, planes, extents, letterbox)])
    assert (got.sum((1, 2)) > cut).sum() > 5


def disc(radius):
    """A mask of strength 8 around the middle of the picture, which fades out by itself."""
    y, x = np.mgrid[:80, :80] - 39.5
    return (8 * (1 - np.hypot(x, y) / radius))[None].astype(np.float32)


def test_a_box_that_holds_its_mask_changes_nothing():
    letterbox = Letterbox.fit(SIZE, SIZE, SIZE)
    extents = np.array([[60, 60, 260, 260]], np.float32)
    [cut] = decode(ONE, disc(20), extents, letterbox)
    [faded] = decode(ONE, disc(20), extents, letterbox, fades=True)
    assert cut.counts.tolist() == faded.counts.tolist()


def test_only_sides_that_the_mask_reaches_are_opened():
    letterbox = Letterbox.fit(SIZE, SIZE, SIZE)
    extents = np.array([[60, 60, 224, 260]], np.float32)  # the disc goes on to 240 on the right
    [faded] = decode(ONE, disc(20), extents, letterbox, fades=True)
    [whole] = decode(ONE, disc(20), np.array([[0, 0, 320, 320]], np.float32), letterbox)
    assert (faded.x, faded.y, faded.height) == (whole.x, whole.y, whole.height)
    assert 224 < faded.x + faded.width < whole.x + whole.width
    outside = faded.mask()[:, 224 - faded.x :]
    assert 0 < outside.sum() < outside.size / 2  # round, not straight


def test_no_mask_goes_far():
    letterbox = Letterbox.fit(SIZE, SIZE, SIZE)
    extents = np.array([[120, 120, 200, 200]], np.float32)
    planes = np.full((1, 80, 80), 1e6, np.float32)
    [runs] = decode(ONE, planes, extents, letterbox, fades=True)
    assert (runs.x, runs.y, runs.width, runs.height) == (108, 108, 104, 104)


def test_boxes_hold_what_fades():
    extents = np.array([[10, 10, 20, 20], [10, 10, 20, 20], [5, 5, 8, 8]], np.float32)
    inside, beyond = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    inside[12:14, 12:14] = beyond[8:19, 12:25] = True
    runs = [RunLengths.from_mask(inside), RunLengths.from_mask(beyond), EMPTY]
    assert holding(extents, runs).tolist() == [
        [10, 10, 20, 20], [10, 8, 25, 20], [5, 5, 8, 8]]
    assert holding(np.empty((0, 4), np.float32), []).shape == (0, 4)


@pytest.mark.parametrize('side', [0.1, 0.25, 0.5])
def test_what_grows_and_fades_stays_in_what_can_be_reached(side):
    """Masks that fill the image, so that each goes as far as one may."""
    letterbox = Letterbox.fit(480, 640, SIZE)
    shape = letterbox.input_height // 4, letterbox.input_width // 4
    everywhere = np.full((1, *shape), 9, np.float32)
    ones = np.ones((10, 1), np.float32)
    extents = boxes_of(side, 480, 640)
    boxes = grow(ones, everywhere, extents, letterbox)
    runs = decode(ones, everywhere, boxes, letterbox, fades=True)
    limits = reachable(extents, letterbox)
    farther = reachable(extents, letterbox) - extents
    for mask, (x0, y0, x1, y1) in zip(runs, limits):
        assert x0 <= mask.x and mask.x + mask.width <= np.ceil(x1)
        assert y0 <= mask.y and mask.y + mask.height <= np.ceil(y1)
    assert (np.abs(farther) <= (0.81 if side == 0.5 else 0.16) * side * 640).all()


@pytest.mark.parametrize('clean', [False, True])
@pytest.mark.parametrize('side', [0.25, 0.4, 0.5])
@pytest.mark.parametrize(('height', 'width'), [(240, 320), (300, 901), (31, 40)])
def test_all_at_once_is_the_same_as_one_after_the_other(height, width, side, clean):
    coefficients, planes, letterbox = blobs(height, width, seed=height)
    extents = boxes_of(side, height, width)
    masks_at_once, boxes = decode_grown(coefficients, planes, extents, letterbox, clean)
    grown = grow(coefficients, planes, extents, letterbox)
    runs = decode(coefficients, planes, grown, letterbox, fades=True, clean=clean)
    assert (grown != extents).any() == (side > 0.3)
    for one, other in zip(masks_at_once, runs, strict=True):
        assert (one.x, one.y, one.area) == (other.x, other.y, other.area)
        np.testing.assert_array_equal(one.counts, other.counts)
    np.testing.assert_array_equal(boxes, holding(grown, runs))
    assert (boxes != grown).any()
