# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Soft masks moved, mixed and enlarged in C++, held against scipy and OpenCV."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from fastsam_ros.following import small_mask
from fastsam_ros.following.flow import SCALE, Flow
from fastsam_ros.following.small_mask import FAINT, Grid, SmallMask, blended, enlarged

HEIGHT, WIDTH = 90, 120


def soft_masks(count, seed=0):
    """Blots with soft edges, also at the picture's sides, and two masks without any pixel."""
    rng = np.random.default_rng(seed)
    masks = [SmallMask(5, 5, np.zeros(size, np.uint8)) for size in ((0, 0), (4, 7))]
    for _ in range(count):
        width, height = rng.integers(1, WIDTH), rng.integers(1, HEIGHT)
        noise = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 3)
        values = np.clip(noise * 600 + 100, 0, 255).astype(np.uint8)
        x, y = rng.integers(0, WIDTH - width + 1), rng.integers(0, HEIGHT - height + 1)
        masks.append(SmallMask(int(x), int(y), values))
    return masks


def whole(mask):
    picture = np.zeros((HEIGHT, WIDTH), np.uint8)
    x0, y0, x1, y1 = mask.box
    picture[y0:y1, x0:x1] = mask.values
    return picture


def check_tight(mask):
    """Nothing faint is left, the window is the smallest, and the area is that of the values."""
    assert not ((mask.values > 0) & (mask.values <= FAINT)).any()
    assert mask.area == pytest.approx(mask.values.sum() / 255)
    if mask.area:
        assert all(edge.any() for edge in (
            mask.values[0], mask.values[-1], mask.values[:, 0], mask.values[:, -1]))


@pytest.mark.parametrize('spread', [0, 60])
@pytest.mark.parametrize('shift', [(0, 0), (-3.3, 7.6), (41, -500)])
def test_masks_move_as_scipy_interpolates(spread, shift):
    rng = np.random.default_rng(3)
    noise = rng.normal(0, spread / 2, (HEIGHT // SCALE, WIDTH // SCALE, 2))
    movement = (cv2.GaussianBlur(noise, (0, 0), 4) + shift).astype(np.float32)
    places = SCALE * cv2.resize(movement, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    places += np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), axis=-1)
    masks = soft_masks(20)
    masks.append(SmallMask(20, 10, np.full((70, 90), 255, np.uint8)))
    for mask, moved in zip(masks, Flow(movement, (HEIGHT, WIDTH)).move(masks), strict=True):
        check_tight(moved)
        expected = map_coordinates(
            whole(mask).astype(float), places[..., ::-1].transpose(2, 0, 1), order=1,
            mode='grid-constant')
        found = whole(moved).astype(float)
        sure = np.abs(expected - FAINT) > 2
        assert np.abs(np.where(expected > FAINT, expected, 0) - found)[sure].max() <= 2


@pytest.mark.parametrize('weight', [0, 0.4, 1])
def test_masks_between_two(weight):
    masks, others = soft_masks(20), soft_masks(20, seed=1)[::-1]
    for mask, other, found in zip(masks, others, blended(masks, others, weight), strict=True):
        check_tight(found)
        expected = (1 - weight) * whole(mask).astype(float) + weight * whole(other)
        sure = np.abs(expected - FAINT) > 2
        found = whole(found).astype(float)
        assert np.abs(np.where(expected > FAINT, expected, 0) - found)[sure].max() <= 2


@pytest.mark.parametrize('factor', [1, 2, 3, 4])
def test_masks_grow_as_opencv_interpolates(factor, monkeypatch):
    monkeypatch.setattr(small_mask, 'LONGEST', WIDTH)
    grid = Grid(HEIGHT * factor - factor // 2, WIDTH * factor)  # the last row may not be whole
    masks = soft_masks(20)
    assert grid.factor == factor
    for mask, runs in zip(masks, enlarged(masks, grid), strict=True):
        found = np.zeros((grid.height, grid.width), bool)
        found[runs.window] = runs.mask()
        assert runs.area == found.sum()
        x0, y0, x1, y1 = (side * factor for side in mask.box)
        expected = np.zeros((HEIGHT * factor, WIDTH * factor), np.float32)
        if mask.values.size:
            expected[y0:y1, x0:x1] = cv2.resize(
                mask.values.astype(np.float32), (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        expected = expected[: grid.height]
        sure = np.abs(expected - 127.5) > 0.1
        assert ((expected > 127.5) == found)[sure].all()
        if runs.area:
            assert found[runs.window].any(axis=0)[[0, -1]].all()
            assert found[runs.window].any(axis=1)[[0, -1]].all()


@pytest.mark.parametrize('width', [61_440, 62_000, 200_000])
def test_masks_of_very_large_pictures_grow_too(width):
    grid = Grid(2000, width)
    values = np.random.default_rng(6).integers(0, 256, (3, 5), np.uint8)
    (runs,) = enlarged([SmallMask(0, 0, values)], grid)
    found = np.zeros((3 * grid.factor, 5 * grid.factor), bool)
    found[runs.window] = runs.mask()
    expected = cv2.resize(
        values.astype(np.float32), found.shape[::-1], interpolation=cv2.INTER_LINEAR)
    sure = np.abs(expected - 127.5) > 0.1
    assert found.any() and not found.all()
    assert ((expected > 127.5) == found)[sure].all()


def test_the_area_of_a_wide_mask_is_that_of_its_pixels():
    (moved,) = Flow.none((4, 480)).move([SmallMask(0, 0, np.full((4, 480), 255, np.uint8))])
    assert moved.area == moved.values.size == 4 * 480
