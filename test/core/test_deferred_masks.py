# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that are made when somebody asks for them."""

from dataclasses import replace

from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core import RunLengths
from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.core.masks.run_table import RunTable


def mask(number):
    return RunLengths(number, 0, 1, 1, 1, np.array([0, 1], np.uint32))


@pytest.fixture
def made():
    return []


@pytest.fixture
def masks(made):
    def make(numbers):
        made.append(numbers)
        return [mask(number) for number in numbers]

    return DeferredMasks([mask(0), mask(1)], 5, make)


def test_nothing_is_made_unasked_and_nothing_twice(masks, made):
    assert (len(masks), masks[1].x, [m.x for m in masks[:2]]) == (5, 1, [0, 1])
    assert made == []
    assert masks[3].x == masks[-2].x == 3
    assert made == [[3]]


def test_all_that_is_missing_is_made_at_once(masks, made):
    assert [m.x for m in masks] == [0, 1, 2, 3, 4]
    assert made == [[2, 3, 4]]
    with pytest.raises(IndexError):
        masks[5]


def test_rows_of_those_that_are_there_make_none(masks, made):
    table, rows = masks.rows(np.array([1, 0]))
    assert [m.x for m in table.take(rows)] == [1, 0]
    assert made == []


def test_rows_of_others_are_made_once(masks, made):
    table, rows = masks.rows(np.array([4, 1, 2, 4]))
    assert [m.x for m in table.take(rows)] == [4, 1, 2, 4]
    assert masks.rows(np.array([2]))[1].tolist() == [rows[2]]
    assert made == [[2, 4]]


def test_its_memory_is_that_of_the_masks_that_are_there(masks):
    assert masks.nbytes == 2 * (6 * 8 + 2 * 4)
    masks.rows(np.array([0, 3]))
    assert masks.nbytes == 3 * (6 * 8 + 2 * 4)


def test_without_candidates_nothing_is_copied():
    scene = made_scene([(10, 10, 60, 60), (100, 100, 200, 200)], [(9, 9, 9)] * 2)
    first = RunTable.of(scene.runs[:1])
    scene = replace(scene, runs=DeferredMasks(first, 2, None), confident=1)
    sure = scene.without_candidates
    assert (len(sure), sure.confident, sure.runs) == (1, 1, first)
    for name in ('extents', 'scores', 'coefficients', 'name_scores'):
        assert getattr(sure, name).base is not None
        np.testing.assert_array_equal(getattr(sure, name), getattr(scene, name)[:1])
    assert sure.areas.tolist() == [50 * 50]


def test_a_point_hits_a_candidate_beyond_the_box_that_its_mask_grew_out_of():
    scene = made_scene([(10, 10, 60, 60), (100, 100, 200, 200)], [(9, 9, 9)] * 2)
    far = np.zeros((SIZE, SIZE), bool)
    far[100:200, 100:210] = True
    runs = DeferredMasks(scene.runs[:1], 2, lambda _: [RunLengths.from_mask(far)])
    scene = replace(scene, runs=runs, confident=1)
    points = np.array([(205, 150), (215, 150), (30, 30)])
    assert scene.hits(points).tolist() == [[False, False, True], [True, False, False]]
