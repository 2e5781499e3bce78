# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colours are stable, vivid and far apart, for colour-blind eyes too."""

import math

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from fastsam_ros.drawing.palette import colour, colours

CLEARLY_DIFFERENT = 12
IN_A_ROW = 4
# Machado, Oliveira, Fernandes 2009, severity 1, of linear RGB: what eyes see that lack a cone.
EYES = {
    'all cones': np.eye(3),
    'no red': [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    'no green': [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                 [-0.011820, 0.042940, 0.968881]],
    'no blue': [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900]],
}


def as_seen(rgb, eyes):
    """Colours in CIELAB as some eyes see them: (N, 3)."""
    values = np.asarray(rgb) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = (linear @ np.transpose(EYES[eyes])).clip(0, 1)
    gamma = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    return rgb2lab(gamma[None])[0]


def distances(lab):
    """CIEDE2000 between all pairs: (N, N), infinite on the diagonal."""
    matrix = deltaE_ciede2000(lab[:, None], lab[None])
    np.fill_diagonal(matrix, math.inf)
    return matrix


@pytest.mark.parametrize('eyes', EYES)
@pytest.mark.parametrize('start', range(1, 20))
def test_neighbouring_ids_look_different(start, eyes):
    ids = range(start, start + IN_A_ROW)
    assert distances(as_seen(colours(ids), eyes)).min() > CLEARLY_DIFFERENT


def test_no_two_of_the_first_sixteen_look_alike():
    assert distances(as_seen(colours(range(1, 17)), 'all cones')).min() > CLEARLY_DIFFERENT


def test_colours_are_neither_dark_nor_grey_nor_white():
    rgb = colours(range(500)).astype(int)
    assert rgb.max(axis=1).min() >= 128
    assert np.ptp(rgb, axis=1).min() >= 50
    assert rgb.min(axis=1).max() <= 225


def test_one_id_and_many_agree_and_large_ids_work():
    ids = [0, 1, 2, 77, 2**32 - 1]
    assert [colour(i) for i in ids] == [tuple(row) for row in colours(ids).tolist()]
    assert all(type(value) is int for value in colour(3))


def test_an_id_keeps_its_colour_whatever_others_there_are():
    assert colours([7, 3])[1].tolist() == colours([3])[0].tolist() == list(colour(3))
