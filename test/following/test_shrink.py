# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks in the shrunk picture, held against slices of numpy."""

import cv2
from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core import RunLengths
from fastsam_ros.following.looks import COLOURS, colours, find_colours
from fastsam_ros.following.small_mask import Grid, SmallMask, enlarged, ious
from fastsam_ros.following.view import View, histograms, small_masks


def blobs(height, width, count, seed=0):
    rng = np.random.default_rng(seed)
    masks = np.zeros((count, height, width), bool)
    for mask in masks:
        y, x = rng.integers(0, height), rng.integers(0, width)
        mask[y : y + rng.integers(1, 90), x : x + rng.integers(1, 90)] = True
        mask &= rng.random((height, width)) < rng.uniform(0.3, 1)
        mask[y, x] = True
    return masks


@pytest.mark.parametrize('size', [(480, 854), (97, 480), (481, 961), (60, 40), (723, 1289)])
def test_masks_and_their_colours(size):
    grid, masks = Grid(*size), blobs(*size, 25)
    bins = np.random.default_rng(1).integers(0, COLOURS, grid.shape).astype(np.uint8)
    small = small_masks([RunLengths.from_mask(mask) for mask in masks], grid)
    looks = histograms(small, bins)
    rows, columns = grid.shape
    for mask, window, seen in zip(masks, small, looks):
        wanted = mask[:: grid.factor, :: grid.factor][:rows, :columns]
        x0, y0, x1, y1 = window.box
        placed = np.zeros(grid.shape, bool)
        placed[y0:y1, x0:x1] = window.values == 255
        np.testing.assert_array_equal(placed, wanted)
        assert window.area == wanted.sum()
        counts = np.sqrt(np.bincount(bins[wanted], minlength=COLOURS))
        np.testing.assert_allclose(seen, counts / max(np.linalg.norm(counts), 1e-9), rtol=1e-5)


@pytest.mark.parametrize('size', [(480, 854), (481, 961), (60, 40)])
def test_pictures_in_memory_of_either_order(size):
    rgb = np.random.default_rng(3).integers(0, 256, (*size, 3), np.uint8)
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    small = Grid(*size).shrink(rgb)
    assert small.shape == (*Grid(*size).shape, 3)
    again = Grid(*size).shrink(bgr[..., ::-1])
    np.testing.assert_array_equal(again, small)
    assert again.flags.c_contiguous


def test_what_is_enlarged_lies_where_it_was():
    grid = Grid(480, 854)
    mask = np.zeros((480, 854), bool)
    mask[101:301, 203:401] = True
    small = small_masks([RunLengths.from_mask(mask)], grid)
    (again,) = enlarged(small, grid)
    assert abs(again.x - 203) <= 1
    assert abs(again.y - 101) <= 1
    assert abs(again.area - mask.sum()) < 0.02 * mask.sum()


def test_overlaps_of_soft_masks():
    rng = np.random.default_rng(2)
    masks = []
    for _ in range(30):
        x, y, width, height = rng.integers(0, 40, 4)
        masks.append(SmallMask(int(x), int(y), rng.integers(0, 256, (height, width), np.uint8)))
    planes = np.zeros((len(masks), 80, 80))
    for plane, mask in zip(planes, masks):
        x0, y0, x1, y1 = mask.box
        plane[y0:y1, x0:x1] = mask.values / 255
    pairs = rng.integers(0, 30, (2, 200))
    shared, total = (
        count(*planes[pairs]).sum(axis=(1, 2)) for count in (np.minimum, np.maximum))
    np.testing.assert_allclose(ious(masks, masks, pairs), shared / np.maximum(total, 1e-9))
    assert len(ious(masks, [], np.empty((2, 0), int))) == 0


@pytest.mark.parametrize('step', [1, 2, 3])
def test_colours_are_those_of_opencv(step):
    image = np.random.default_rng(3).integers(0, 256, (301, 402, 3), np.uint8)
    image[:100] //= 8
    image[100:200, :, 1:] = image[100:200, :, :1]  # grey
    chosen = image[::step, ::step][: 301 // step, : 402 // step]
    hue, saturation, value = cv2.split(cv2.cvtColor(
        np.ascontiguousarray(chosen), cv2.COLOR_RGB2HSV))
    wanted = hue // 15 * 16 + saturation // 64 * 4 + value // 64
    for seen in (image, np.ascontiguousarray(image[..., ::-1])[..., ::-1]):
        bins = np.zeros(chosen.shape[:2], np.uint8)
        find_colours(seen, step, (0, 0, *bins.shape[::-1]), bins)
        np.testing.assert_array_equal(bins, wanted)
    window = np.zeros_like(bins)
    find_colours(image, step, (20, 10, 70, 40), window)
    bins[:10] = bins[40:] = bins[:, :20] = bins[:, 70:] = 0
    np.testing.assert_array_equal(window, bins)


def test_colours_are_looked_at_where_masks_lie():
    """One segment after the other, from everywhere in the picture, as if all were seen at once."""
    rng = np.random.default_rng(3)
    boxes = [(5, 9, 60, 40), (200, 210, 300, 310), (100, 20, 160, 300), (5, 9, 60, 40)]
    small = rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    scene = made_scene(boxes, [(1, 1, 1)] * 4, image=small)
    one = View.of(small, scene, 0, np.zeros(4, np.uint32))
    bins = colours(small)
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        counts = np.bincount(bins[y0:y1, x0:x1].ravel(), minlength=COLOURS)
        np.testing.assert_allclose(
            one.looks(index), np.sqrt(counts) / np.linalg.norm(np.sqrt(counts)), rtol=1e-5)
