# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colours are stable, vivid and far apart."""

import math

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from fastsam_ros.drawing.palette import colour, colours

# Seen apart at a glance; 1 is what an eye can just tell side by side.
CLEARLY_DIFFERENT = 8


def distances(rgb):
    """CIEDE2000 between all pairs: (N, N), infinite on the diagonal."""
    lab = rgb2lab(np.asarray(rgb)[None] / 255)[0]
    matrix = deltaE_ciede2000(lab[:, None], lab[None])
    np.fill_diagonal(matrix, math.inf)
    return matrix


@pytest.mark.parametrize('start', range(0, 400, 7))
def test_ten_neighbouring_ids_look_different(start):
    assert distances(colours(range(start, start + 10))).min() > CLEARLY_DIFFERENT


def test_no_two_of_the_first_hundred_are_the_same():
    assert distances(colours(range(100))).min() > 1


def test_colours_are_neither_dark_nor_grey_nor_white():
    rgb = colours(range(500)).astype(int)
    assert rgb.max(axis=1).min() >= 128
    assert np.ptp(rgb, axis=1).min() >= 50
    assert rgb.min(axis=1).max() <= 225


def test_one_id_and_many_agree_and_large_ids_work():
    ids = [0, 1, 2, 77, 2**32 - 1]
    assert [colour(i) for i in ids] == [tuple(row) for row in colours(ids).tolist()]
    assert all(type(value) is int for value in colour(3))


def test_the_formula_in_the_documentation_gives_the_same():
    """As the page computes it: plain arithmetic, one id at a time."""

    def by_hand(number):
        lightness = 0.58 + 0.30 * (number * 0.176 % 1)
        hue = 2 * math.pi * (number * 0.6180339887498949 % 1)
        a, b = 0.16 * math.cos(hue), 0.16 * math.sin(hue)
        long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        linear = (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )
        clipped = [min(max(v, 0), 1) for v in linear]
        gamma = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in clipped]
        return tuple(math.floor(255 * v + 0.5) for v in gamma)

    assert [by_hand(i) for i in range(300)] == [colour(i) for i in range(300)]
