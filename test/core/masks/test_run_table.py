# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks in one piece against the same masks one by one, and against pixels."""

import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths
from fastsam_ros.core.masks.run_table import RunTable

SHAPE = 9, 13


@pytest.fixture
def pixels():
    rng = np.random.default_rng(0)
    masks = rng.random((6, *SHAPE)) > np.array([0.1, 0.5, 0.9, 1, 0.97, 0.3])[:, None, None]
    masks[0] = True
    return masks


@pytest.fixture
def masks(pixels):
    return [RunLengths.from_mask(mask) for mask in pixels]


def rows(masks):
    return [
        (m.x, m.y, m.width, m.height, m.area, m.counts.tolist(), m.counts.dtype) for m in masks]


@pytest.mark.parametrize('numbers', [
    [], [3], [2, 2, 0], [-1, 4], np.array([5, 3, 1]), range(6), slice(1, 4),
    slice(None, None, -2)])
def test_it_gives_back_what_was_put_in(masks, numbers):
    table = RunTable.of(masks)
    if isinstance(numbers, slice):
        assert rows(table[numbers]) == rows(masks[numbers])
        return
    expected = rows([masks[number] for number in numbers])
    assert rows(table.take(numbers)) == expected
    assert rows(table.select(numbers)) == expected
    assert [counts.tolist() for counts in table.counts_of(numbers)] == [e[5] for e in expected]


def test_it_is_a_sequence_of_masks(masks):
    table = RunTable.of(masks)
    assert len(table) == 6
    assert rows(table) == rows(masks)
    assert rows([table[-1], table[np.int64(2)]]) == rows([masks[-1], masks[2]])
    assert table.areas.tolist() == [mask.area for mask in masks]
    with pytest.raises(IndexError):
        table[6]
    with pytest.raises(TypeError):
        table[1.5]


@pytest.mark.parametrize('numbers', [[True, False], [1.9], [6], [-7]])
@pytest.mark.parametrize('method', ['take', 'select', 'counts_of'])
def test_what_is_no_number_of_a_mask_is_refused(masks, numbers, method):
    with pytest.raises(IndexError):
        getattr(RunTable.of(masks), method)(numbers)


def test_masks_may_come_one_by_one(masks):
    assert rows(RunTable.of(mask for mask in masks)) == rows(masks)


@pytest.mark.parametrize('cuts', [[], [3], [0, 2, 2, 6]])
def test_tables_are_joined(masks, cuts):
    tables = [RunTable.of(masks[a:b]) for a, b in zip([0, *cuts], [*cuts, 6])]
    assert rows(RunTable.joined(tables)) == rows(masks)
    assert (RunTable.joined(tables) is tables[0]) == (len(tables) == 1)
    assert len(RunTable.joined([])) == 0


def test_room_that_was_left_is_let_go_of(masks):
    table = RunTable.of(masks)
    roomy = np.append(table.counts, np.ones(1000, np.uint32))
    again = RunTable(table.boxes, roomy)
    assert rows(again) == rows(masks)
    assert (again.nbytes, again.counts.base) == (table.nbytes, None)


def test_nobody_changes_a_mask_by_way_of_its_area(masks):
    with pytest.raises(ValueError, match='read-only'):
        RunTable.of(masks).areas[0] = 1


@pytest.mark.parametrize('box', [(0, 0, 13, 9), (3, 2, 9, 5), (12, 8, 13, 9)])
def test_pixels_in_a_box_are_counted(masks, pixels, box):
    x0, y0, x1, y1 = box
    numbers = np.array([5, 0, 3])
    found = RunTable.of(masks).pixels_in(np.array(box), numbers)
    np.testing.assert_array_equal(found, pixels[numbers, y0:y1, x0:x1].sum(axis=(1, 2)))


def test_a_mask_that_is_taken_out_keeps_no_other(masks):
    table = RunTable.of(masks)
    for mask in (table[2], *table, *table.take([1]), *table[:2]):
        assert not np.shares_memory(mask.counts, table.counts)
        assert mask.counts.base is None


def test_all_of_a_table_are_the_table(masks):
    table = RunTable.of(masks)
    assert RunTable.of(table) is table
    assert table.select(np.arange(6)) is table
    assert table.select([0, 1, 2, 3, 5, 4]) is not table


@pytest.mark.parametrize('made', [[], [EMPTY, EMPTY]])
def test_there_may_be_no_pixel_at_all(made):
    table = RunTable.of(made)
    assert table.boxes.shape == (len(made), 6)
    assert (table.counts.dtype, table.counts.size) == (np.uint32, 0)
    assert rows(table) == rows(made)
    assert not table.hits(np.array([0]), np.array([0]), np.arange(len(made))).any()


def test_its_memory_is_that_of_its_arrays(masks):
    table = RunTable.of(masks)
    assert table.nbytes == 6 * 6 * 8 + 4 * sum(len(mask.counts) for mask in masks)


def test_every_pixel_is_hit_where_the_mask_has_it(masks, pixels):
    y, x = np.indices(SHAPE).reshape(2, -1)
    for numbers in (np.arange(6), np.array([4, 1, 1])):
        found = RunTable.of(masks).hits(x, y, numbers)
        np.testing.assert_array_equal(found, pixels[numbers].reshape(len(numbers), -1))


def test_a_mask_without_runs_holds_no_pixel_of_its_box():
    empty = RunLengths(1, 2, 3, 4, 0, EMPTY.counts)
    whole = RunLengths.from_mask(np.ones((8, 8), bool))
    x, y = np.array([1, 2, 7]), np.array([2, 3, 7])
    found = RunTable.of([empty, whole, empty]).hits(x, y, np.arange(3))
    np.testing.assert_array_equal(found, [[False] * 3, [True] * 3, [False] * 3])
