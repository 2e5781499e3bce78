# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks in the shrunk picture, held against slices of numpy."""

import numpy as np
import pytest

from fastsam_ros.core import RunLengths
from fastsam_ros.following.small_mask import (
    Grid,
    MaskTable,
    SmallMask,
    enlarged,
    intersections,
    ious,
    small_masks,
)


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
def test_of_each_square_of_pixels_the_first_counts(size):
    grid, masks = Grid(*size), blobs(*size, 25)
    small = small_masks([RunLengths.from_mask(mask) for mask in masks], grid)
    rows, columns = grid.shape
    for mask, window in zip(masks, small):
        wanted = mask[:: grid.factor, :: grid.factor][:rows, :columns]
        x0, y0, x1, y1 = window.box
        placed = np.zeros(grid.shape, bool)
        placed[y0:y1, x0:x1] = window.values == 255
        np.testing.assert_array_equal(placed, wanted)
        assert window.area == wanted.sum()


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
    table = MaskTable.of(masks)
    np.testing.assert_allclose(ious(table, table, pairs), shared / np.maximum(total, 1e-9))
    assert len(ious(table, MaskTable.of([]), np.empty((2, 0), int))) == 0


def test_a_wide_mask_shares_all_of_itself():
    wide = MaskTable.of([SmallMask(0, 0, np.full((2, 480), 255, np.uint8))])
    assert intersections(wide, wide, np.zeros((2, 1), int)).tolist() == [960]
