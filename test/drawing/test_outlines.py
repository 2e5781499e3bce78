# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Lines against their definition, pixel by pixel, and the sides where a box cut a mask."""

import numpy as np
import pytest
from scipy import ndimage

from fastsam_ros.core.masks.run_lengths import RunLengths, label_map
from fastsam_ros.drawing.outlines import cut_sides, outlines
from fastsam_ros.drawing.style import STYLE

OPAQUE = round(255 * STYLE.line_opacity)


def disc(height, width, x, y, radius):
    rows, columns = np.mgrid[:height, :width]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def largest_first(masks):
    return [RunLengths.from_mask(mask) for mask in sorted(masks, key=lambda mask: -mask.sum())]


def define(ranks, reach):
    """Say the same by scipy: what is next to another rank, blurred; the highest rank nearby."""
    square = 2 * reach
    edge = (ndimage.maximum_filter(ranks, square, mode='nearest')
            != ndimage.minimum_filter(ranks, square, mode='nearest'))
    blurred = ndimage.gaussian_filter(edge * 255.0, 0.7 * reach, mode='mirror')
    strength = np.minimum(1.75 * blurred, 255) * STYLE.line_opacity
    return ndimage.maximum_filter(ranks, 4 * reach + 1, mode='nearest'), strength


@pytest.mark.parametrize('size, reach', [((90, 120), 1), ((1500, 1510), 2), ((2600, 2700), 3)])
def test_lines_are_what_their_definition_says(size, reach):
    rng = np.random.default_rng(reach)
    masks = [disc(*size, *rng.integers(35, 85, 2), radius) for radius in (31, 22, 13, 9, 5)]
    runs = largest_first(masks)
    ranks = label_map(runs, *size)
    owners, strength = outlines(ranks, runs)
    expected_owners, expected = define(ranks[:140, :140], reach)
    inside = slice(0, 120), slice(0, 120)
    assert np.array_equal(owners[inside], expected_owners[inside])
    # OpenCV's blur is of bytes, and its kernel ends where scipy's goes on.
    assert np.abs(strength[inside] - expected[inside]).max() < 12
    assert np.abs(strength[inside] - expected[inside]).mean() < 0.5
    assert strength.max() == OPAQUE


@pytest.mark.parametrize('size, half', [
    ((400, 500), 1), ((1499, 2000), 1), ((1500, 2000), 2), ((3000, 2499), 2), ((2500, 9000), 2),
    ((2501, 9000), 3)])
def test_a_line_is_a_thousandth_of_the_shorter_side(size, half):
    assert STYLE.half_line(*size) == half


@pytest.mark.parametrize('touching, side, depth, cut', [
    (40, 100, 100, True), (39, 100, 100, False),  # twice the chord of an ellipse: 2 * 100 / 10
    (16, 10, 100, True), (15, 10, 100, False),  # a few pixels are no side
    (400, 100, 0, True), (399, 100, 0, False)])
def test_a_side_is_cut_where_it_is_longer_than_a_things_chord(touching, side, depth, cut):
    assert STYLE.is_cut(touching, side, depth) == cut


def turned(mask, quarter):
    return np.ascontiguousarray(np.rot90(mask, quarter))


def cut_disc(quarter):
    """A disc of which a box cut a side: the lower, right, upper or left one."""
    mask = disc(200, 200, 100, 100, 60)
    mask[130:] = False
    return turned(mask, quarter)


@pytest.mark.parametrize('quarter, sides', [
    (0, (slice(129, 131), slice(40, 161))), (1, (slice(39, 160), slice(129, 131))),
    (2, (slice(69, 71), slice(39, 160))), (3, (slice(40, 161), slice(69, 71)))])
def test_a_cut_side_is_the_line_along_it(quarter, sides):
    runs = RunLengths.from_mask(cut_disc(quarter))
    ranks = label_map([runs], 200, 200)
    assert cut_sides(ranks, 1, runs, 1) == [sides]


@pytest.mark.parametrize('quarter', range(4))
def test_there_is_no_line_along_a_cut_side_but_that_of_what_lies_on_it(quarter):
    small = turned(disc(200, 200, 100, 124, 5), quarter)
    runs = largest_first([cut_disc(quarter), small])
    ranks = label_map(runs, 200, 200)
    strength = turned(outlines(ranks, runs)[1], -quarter)
    assert not strength[125:136, 70:90].any() and not strength[125:136, 110:130].any()
    assert strength[38:42, 100].any() and strength[100, 38:42].any(), 'the arc keeps its line'
    assert strength[128:131, 100].any(), 'so does the small one, which touches the side'


def test_at_the_border_of_the_picture_a_cut_side_begins_with_it():
    runs = RunLengths.from_mask(cut_disc(2)[70:])
    ranks = label_map([runs], 130, 200)
    assert cut_sides(ranks, 1, runs, 3) == [(slice(0, 3), slice(39, 160))]


def test_what_is_small_or_fills_its_box_is_not_cut():
    small, door = (np.zeros((60, 60), bool) for _ in range(2))
    small[10:25, 10:25] = disc(15, 15, 7, 2, 9)
    door[10:50, 10:50] = True
    for mask in (small, door):
        runs = RunLengths.from_mask(mask)
        assert cut_sides(label_map([runs], 60, 60), 1, runs, 1) == []
