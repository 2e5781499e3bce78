# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thing that is missing since its twin crossed it: its place no longer tells them apart."""

import numpy as np
import pytest
from test_searching import FRAME, rivals, search, square, view_of

from fastsam_ros.following.others import best_of_two, note_rivals

HERE, OVER = square(100, 100), square(130, 100)
LATE = 20  # frames; the doubt about what has vanished is over


def crossed(likest=0.9, twin=OVER):
    """A part that is missing since what lay over it, which is as much like it, has vanished."""
    part = rivals(square(100, 100), twin)
    search(part, view_of(stamp=FRAME))
    part.likest = likest
    return part


def seen_twice(part, *boxes, forms, ids=(8, 9)):
    """Whether it is found in either of two frames."""
    return [
        search(part, view_of(*boxes, form=np.array(forms), ids=ids[: len(boxes)],
                             stamp=(LATE + number) * FRAME)) for number in range(2)]


def test_one_of_two_twins_may_be_either():
    assert seen_twice(crossed(), HERE, forms=[1.0]) == [False, False]
    assert seen_twice(crossed(likest=0.84), HERE, forms=[1.0]) == [True, True]


def test_what_did_not_cross_it_leaves_it_its_place():
    part = crossed(twin=square(190, 100))
    assert seen_twice(part, HERE, forms=[1.0]) == [True, True]


def test_of_two_twins_that_are_apart_the_more_similar_is_it_if_seen_so_twice():
    for forms, place in (([1.0, 0.9], 0), ([0.9, 1.0], 1)):
        part = crossed()
        assert seen_twice(part, HERE, square(190, 100), forms=forms) == [False, True]
        assert part.index == place


@pytest.mark.parametrize('other, forms', [
    (square(190, 100), [1.0, 1.0]),  # which of the two?
    (square(190, 100), [1.0, 0.7]),  # it may be something else
    ((190, 100, 214, 160), [1.0, 0.9]),  # or a piece of its twin
    (square(110, 100), [1.0, 0.9])])  # or the same, or a piece of it
def test_they_are_not_known_to_be_apart(other, forms):
    assert seen_twice(crossed(), HERE, other, forms=forms) == [False, False]


def test_its_place_does_not_make_up_for_looks():
    assert seen_twice(crossed(), HERE, square(190, 100), forms=[0.7, 0.6]) == [False, False]


def test_what_is_its_twin_by_its_number_is_not_taken_for_it_where_it_was():
    assert seen_twice(
        crossed(), HERE, square(190, 100), forms=[1.0, 0.9], ids=(2, 9)) == [False, False]


def test_once_it_is_found_nothing_has_crossed_it():
    part = crossed()
    seen_twice(part, HERE, square(190, 100), forms=[1.0, 0.9])
    search(part, view_of(HERE, stamp=29 * FRAME))
    search(part, view_of(stamp=30 * FRAME))
    part.likest = 0.9
    assert search(part, view_of(HERE, stamp=31 * FRAME))


def test_nor_has_anything_once_it_is_found_and_nobody_remembers_its_twin():
    part = crossed()
    part.index, part.others, part.vanished = 0, set(), {}
    note_rivals([part], view_of(HERE), cut=False)
    assert not part.crossed


def test_a_twin_over_it_crosses_it_unless_the_picture_was_cut():
    for cut in (False, True):
        part = rivals(HERE, OVER)
        part.index = -1
        note_rivals([part], view_of(OVER, ids=[2]), cut)
        assert part.crossed is not cut


def test_each_part_has_a_twin_of_its_own():
    view, some = view_of(HERE, square(190, 100)), np.ones(2, bool)
    looks, own = np.array([1.0, 0.9]), np.array([[0, 1], [0, 1]])
    assert best_of_two(view, own, some, looks, some).tolist() == [False, False]
    assert best_of_two(view, own * [[0], [1]], some, looks, some).tolist() == [True, False]
