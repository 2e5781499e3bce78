# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Run lengths against pycocotools, which encodes column by column."""

import numpy as np
from pycocotools import mask as coco
import pytest

from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths, hits

MASKS = {
    'one pixel': ['....', '.#..', '....'],
    'a hole': ['#####', '#...#', '#####'],
    'two parts': ['##..', '....', '..##'],
    'rows that touch': ['.##', '##.', '###'],
    'all': ['###', '###'],
}


def parse(rows):
    return np.array([[c == '#' for c in row] for row in rows])


@pytest.mark.parametrize('name', MASKS)
def test_round_trip(name):
    mask = parse(MASKS[name])
    runs = RunLengths.from_mask(mask)
    back = np.zeros_like(mask)
    back[runs.window] = runs.mask()
    np.testing.assert_array_equal(back, mask)
    assert runs.counts.sum() == runs.width * runs.height


def test_every_pixel_is_hit_where_the_mask_has_it():
    masks = [np.pad(parse(rows), ((1, 5 - len(rows)), (2, 6 - len(rows[0]))))
             for rows in MASKS.values()]
    y, x = np.indices(masks[0].shape).reshape(2, -1)
    found = hits([RunLengths.from_mask(mask) for mask in masks], x, y)
    np.testing.assert_array_equal(found, [mask.ravel() for mask in masks])


def test_a_mask_without_runs_holds_no_pixel_of_its_box():
    empty = RunLengths(1, 2, 3, 4, 0, np.empty(0, np.uint32))
    whole = RunLengths.from_mask(np.ones((8, 8), bool))
    x, y = np.array([1, 2, 7]), np.array([2, 3, 7])
    np.testing.assert_array_equal(
        hits([empty, whole, empty], x, y), [[False] * 3, [True] * 3, [False] * 3])


@pytest.mark.parametrize('name', MASKS)
def test_area_and_box_agree_with_pycocotools(name):
    mask = parse(MASKS[name])
    encoded = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    runs = RunLengths.from_mask(mask)
    assert runs.area == coco.area(encoded)
    assert [runs.x, runs.y, runs.width, runs.height] == coco.toBbox(encoded).tolist()


def test_counts_begin_with_background():
    np.testing.assert_array_equal(RunLengths.from_mask(parse(['.##', '##.'])).counts, [1, 4, 1])
    np.testing.assert_array_equal(RunLengths.from_mask(parse(['##', '.#'])).counts, [0, 2, 1, 1])


def test_empty_mask():
    assert RunLengths.from_mask(np.zeros((3, 4), bool)) is EMPTY
    assert EMPTY.mask().shape == (0, 0)


@pytest.mark.parametrize('box', [(0, 0, 9, 9), (2, 1, 4, 3), (3, 3, 3, 9), (-5, -5, 3, 2)])
def test_count_inside_equals_counting(box):
    mask = parse(['......', '.####.', '.#..#.', '.####.', '......'])
    x0, y0, x1, y1 = np.maximum(box, 0)
    assert RunLengths.from_mask(mask).count_inside(*box) == mask[y0:y1, x0:x1].sum()
