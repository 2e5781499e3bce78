# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks without specks and pinholes, and boxes that reach as far as their masks."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths
from fastsam_ros.core.masks.shaping import HOLE, SPECK, clean, grow

SIZE = 320


def cleaned(mask: np.ndarray) -> np.ndarray:
    """What `clean` should make of a mask, by OpenCV's connected components: (H, W) bool."""
    area, result = mask.sum(), mask.astype(np.uint8)
    around = np.pad(1 - result, 1, constant_values=1)
    _, labels, found, _ = cv2.connectedComponentsWithStats(around, connectivity=4)
    for number, hole in enumerate(found[1:, 4], 1):
        if number != labels[0, 0] and hole < HOLE * area:
            result[labels[1:-1, 1:-1] == number] = 1
    _, labels, found, _ = cv2.connectedComponentsWithStats(result, connectivity=8)
    pieces = found[1:, 4]
    for number, piece in enumerate(pieces, 1):
        if piece < SPECK * area and piece < pieces.max():
            result[labels == number] = 0
    return result.astype(bool)


def full(runs: RunLengths, shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[runs.window] = runs.mask()
    return mask


def test_ragged_masks_become_what_opencv_says():
    random = np.random.default_rng(0)
    masks = []
    for _ in range(150):
        shape = tuple(random.integers(1, 40, 2))
        noise = cv2.GaussianBlur(random.random(shape), (0, 0), random.uniform(0.3, 2))
        masks.append(np.asarray(noise).reshape(shape) > random.uniform(0.4, 0.6))
    found = clean([RunLengths.from_mask(mask) for mask in masks])
    changed = 0
    for mask, runs in zip(masks, found):
        wanted = RunLengths.from_mask(cleaned(mask)) if mask.any() else EMPTY
        assert (runs.x, runs.y, runs.width, runs.height, runs.area) == (
            wanted.x, wanted.y, wanted.width, wanted.height, wanted.area)
        assert runs.counts.tolist() == wanted.counts.tolist()
        changed += int(wanted.area != mask.sum())
    assert 20 < changed < 140


def test_thin_things_stay_whole():
    mask = np.zeros((60, 60), bool)
    mask[np.arange(60), np.arange(60)] = True  # pixels that touch at corners alone
    [runs] = clean([RunLengths.from_mask(mask)])
    np.testing.assert_array_equal(full(runs, mask.shape), mask)


def test_two_halves_of_a_thing_both_stay():
    mask = np.zeros((40, 90), bool)
    mask[5:35, 5:40] = mask[5:35, 50:85] = True
    whole = RunLengths.from_mask(mask)
    np.testing.assert_array_equal(clean([whole])[0].mask(), whole.mask())
    assert not len(clean([]))


def test_a_speck_in_a_hole_becomes_part_of_the_mask():
    mask = np.zeros((40, 40), bool)
    mask[5:35, 5:35] = True
    mask[15:20, 15:20] = False
    mask[17, 17] = True
    [runs] = clean([RunLengths.from_mask(mask)])
    assert runs.area == 30 * 30


def test_a_gap_that_opens_to_the_side_of_a_row_is_no_hole():
    mask = np.ones((30, 30), bool)
    mask[10, 5:] = mask[9:12, 5:8] = False  # a slot from the right, as wide as a pixel
    whole = RunLengths.from_mask(mask)
    np.testing.assert_array_equal(clean([whole])[0].mask(), whole.mask())
    mask[10, 20:] = True  # now it is closed
    [runs] = clean([RunLengths.from_mask(mask)])
    assert runs.area == 900


@pytest.fixture
def region():
    """Logits of a region from column 80 to 279 and row 60 to 299 of an image of 320 x 320."""
    prototypes = np.full((2, 80, 80), -1, np.float32)
    prototypes[0, 15:75, 20:70] = 1
    return np.array([[1, 0]], np.float32), prototypes, Letterbox.fit(SIZE, SIZE, SIZE)


def grown(region, box):
    coefficients, prototypes, letterbox = region
    return grow(coefficients, prototypes, np.array([box], np.float32), letterbox)[0].tolist()


def test_a_large_box_reaches_the_end_of_its_mask(region):
    assert grown(region, (100, 90, 240, 270)) == [80, 60, 280, 300]


def test_it_grows_by_half_of_its_side_at_most(region):
    assert grown(region, (80, 60, 190, 160)) == [80, 60, 244, 208]  # whole pixels below 245, 210


def test_small_boxes_stay(region):
    assert grown(region, (120, 120, 200, 240)) == [120, 120, 200, 240]  # 9.4 % of the image


def test_a_side_moves_only_where_most_of_the_line_goes_on(region):
    # Of its 40 prototype rows the last 21 lie below the region.
    assert grown(region, (100, 224, 240, 384 - 64))[0::2] == [80, 280]
    coefficients, prototypes, letterbox = region
    prototypes[0, 60:] = -1  # now 20 of 40 rows: no more than half
    assert grown((coefficients, prototypes, letterbox), (100, 160, 240, 320))[0::2] == [100, 240]


def test_boxes_end_at_the_image_and_not_in_the_padding():
    letterbox = Letterbox(240, 320, 240, 320)  # no padding
    prototypes = np.ones((1, 60, 80), np.float32)
    wide = Letterbox(200, 320, 240, 320)  # 20 rows of padding above and below
    for box in (letterbox, wide):
        found = grow(
            np.ones((1, 1), np.float32), prototypes,
            np.array([[40, 40, 280, 180]], np.float32), box)[0]
        assert found.tolist() == [0, 0, 320, box.height]
