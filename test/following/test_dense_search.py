# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Optical flow by dense inverse search, held against true movements and OpenCV's."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.native import library
from fastsam_ros.following.motion import correlation

SIZES = [(120, 213), (119, 160), (64, 240), (240, 135), (17, 40)]


def flow(one, other):
    movement = np.full((*one.shape, 2), np.nan, np.float32)
    library().fastsam_flow(one, other, *one.shape, movement)
    return movement


def opencv(one, other):
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    dis.setFinestScale(1)
    return dis.calc(one, other, None)


def places(shape):
    return np.stack(np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape[::-1])), -1)


def pictures(size, movement, seed=0):
    """Blots, and the same where they come from when each point moves so, (h, w, 2)."""
    rng, (rows, columns) = np.random.default_rng(seed), size
    other = sum(
        side * cv2.resize(
            rng.standard_normal((rows // side + 2, columns // side + 2)), size[::-1],
            interpolation=cv2.INTER_CUBIC) for side in (4, 8, 16))
    other = cv2.normalize(other, None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)
    one = cv2.remap(
        other, places(size) + movement, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return one, other


def error(found, movement, border=8):
    """Mean distance, points, away from the border, where something new comes into the picture."""
    inside = slice(border, -border), slice(border, -border)
    return float(np.linalg.norm((found - movement)[inside], axis=-1).mean())


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('shift', [(0, 0), (3, -2), (-5, 1)])
def test_a_picture_that_is_shifted(size, shift):
    movement = np.full((*size, 2), shift, np.float32)
    border = min(16, size[0] // 2 - 1)
    found = flow(*pictures(size, movement))
    assert np.isfinite(found).all()
    assert error(found, movement, border) < 0.35


@pytest.mark.parametrize('size', [(120, 212), (128, 96), (240, 136)])
def test_a_picture_that_turns_and_grows_moves_as_opencv_says(size):
    middle = np.array(size[::-1], np.float32) / 2
    turn = np.float32([[0.06, -0.08], [0.08, 0.06]])
    movement = (places(size) - middle) @ turn
    one, other = pictures(size, movement)
    assert error(flow(one, other), movement) < 1.1 * error(opencv(one, other), movement)
    assert error(flow(one, other), opencv(one, other)) < 0.3


def test_two_parts_that_move_apart():
    movement = np.zeros((120, 200, 2), np.float32)
    movement[:, :100, 0], movement[:, 100:, 0] = -4, 4
    found = flow(*pictures((120, 200), movement))
    assert error(found[:, :90], movement[:, :90]) < 0.3
    assert error(found[:, 110:], movement[:, 110:]) < 0.3


def test_light_that_changes_is_no_movement():
    movement = np.full((120, 160, 2), (2, 1), np.float32)
    one, other = pictures((120, 160), movement)
    assert error(flow(np.minimum(one, 195) + np.uint8(60), other), movement) < 0.4


def test_walls_stand_still():
    wall = np.full((60, 80), 90, np.uint8)
    np.testing.assert_array_equal(flow(wall, wall), np.zeros((60, 80, 2)))


def test_what_lies_far_beyond_the_picture_is_found_at_its_border():
    rng = np.random.default_rng(3)
    found = flow(*rng.integers(0, 256, (2, 40, 60), np.uint8))
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 200


@pytest.mark.parametrize('size', [(40, 60), (41, 61)])
def test_pictures_are_compared_where_the_movement_leads(size):
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 256, (2, *size), np.uint8)
    movement = rng.normal(0, 30, (*size, 2)).astype(np.float32)  # beyond the border too
    x, y = (np.clip(places(size) + movement, 0, np.array(size[::-1]) - 1) + 0.5).astype(int)[
        ::2, ::2].T
    assert correlation(one, other, movement) == pytest.approx(
        np.corrcoef(one[::2, ::2].T.ravel(), other[y, x].ravel())[0, 1], abs=1e-6)
