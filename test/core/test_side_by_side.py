# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Work that is shared out to threads, and masks that are made so."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
import multiprocessing
from threading import Event, get_ident

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core import side_by_side as module
from fastsam_ros.core.masks import decoding
from fastsam_ros.core.side_by_side import shares, side_by_side

PATIENCE = 30.0  # s


def begun_by(begun):
    """Who begins this, once somebody else has begun the other."""
    begun.set()
    return get_ident()


def waiting_for(begun):
    assert begun.wait(PATIENCE)
    return get_ident()


def test_another_thread_works_beside_the_caller():
    begun = Event()
    first, other = side_by_side([partial(waiting_for, begun), partial(begun_by, begun)])
    assert first == get_ident() != other


def test_the_caller_does_what_no_other_thread_has_begun(monkeypatch):
    end, begun = Event(), Event()
    with ThreadPoolExecutor(1) as busy:
        monkeypatch.setattr(module, 'helpers', lambda: busy)
        busy.submit(lambda: begun.set() or end.wait(PATIENCE))
        assert begun.wait(PATIENCE)
        assert side_by_side([get_ident] * 3) == [get_ident()] * 3
        end.set()


def test_results_come_in_order_and_errors_too():
    assert side_by_side([partial(int, n) for n in range(9)]) == list(range(9))
    for pieces in ([int, partial(int, 'a')], [partial(int, 'a'), int]):
        with pytest.raises(ValueError, match="'a'"):
            side_by_side(pieces)


def _in_a_fork(answers):
    begun = Event()
    answers.put(side_by_side([partial(waiting_for, begun), partial(begun_by, begun)])[0] != 0)


def test_a_process_that_was_forked_off_has_threads_of_its_own():
    side_by_side([int, int])
    context = multiprocessing.get_context('fork')
    answers = context.Queue()
    child = context.Process(target=_in_a_fork, args=(answers,))
    child.start()
    try:
        assert answers.get(timeout=PATIENCE)
    finally:
        child.join(PATIENCE)


@pytest.mark.parametrize('cores, expected', [(1, 1), (2, 2), (3, 3), (64, 4)])
def test_parts_cost_about_the_same(monkeypatch, cores, expected):
    monkeypatch.setattr(module, 'cores', lambda: cores)
    costs = np.random.default_rng(0).uniform(0, 1, 100)
    parts = shares(costs, 16)
    assert len(parts) == expected
    assert [n for part in parts for n in range(100)[part]] == list(range(100))
    assert max(abs(costs[part].sum() - costs.sum() / expected) for part in parts) < 1


@pytest.mark.parametrize('count, expected', [(0, 1), (31, 1), (32, 2), (47, 2), (48, 3)])
def test_few_are_not_worth_a_thread(monkeypatch, count, expected):
    monkeypatch.setattr(module, 'cores', lambda: 8)
    parts = shares(np.zeros(count), 16)
    assert len(parts) == expected
    assert [n for part in parts for n in range(count)[part]] == list(range(count))


@pytest.mark.parametrize('clean', [False, True])
def test_masks_are_the_same_whoever_makes_them(monkeypatch, clean):
    rng = np.random.default_rng(2)
    corners = rng.integers(0, 200, (70, 2))
    boxes = np.concatenate([corners, corners + rng.integers(1, 120, (70, 2))], axis=1)
    scene = made_scene(boxes, [(0, 0, 0)] * 70)
    coefficients, prototypes = (
        rng.normal(size=shape).astype(np.float32) for shape in ((70, 32), scene.prototypes.shape))
    made = []
    for cores in (1, 4):
        monkeypatch.setattr(module, 'cores', lambda cores=cores: cores)
        made.append(decoding.decode_grown(
            coefficients, prototypes, scene.extents, scene.letterbox, clean))
    (table, moved), (other, other_moved) = made
    np.testing.assert_array_equal(table.boxes, other.boxes)
    np.testing.assert_array_equal(table.counts, other.counts)
    np.testing.assert_array_equal(moved, other_moved)
