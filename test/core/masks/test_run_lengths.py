# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Run lengths against pycocotools, which encodes column by column."""

import numpy as np
from pycocotools import mask as coco
import pytest

from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths

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
