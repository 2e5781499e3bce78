# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How alike, where, and how often something must be seen to be what was missing."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.following.association import follow, part_of
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.others import DOUBT, note_rivals
from fastsam_ros.following.searching import FAR, LEAST, NEAR, needed
from fastsam_ros.following.view import View

RED = (220, 30, 30)
FRAME = 40_000_000  # ns
PLACE = (100, 100)


def square(x, y, side=60):
    return (x, y, x + side, y + side)


def view_of(*boxes, form=1.0, stamp=0, ids=None):
    """Red boxes that have the ids 1, 2, 3 ...; the cosine of their forms with that of others."""
    scene = made_scene(boxes, [RED] * len(boxes))
    coefficients = np.zeros((len(boxes), 32), np.float32)
    coefficients[:, 0], coefficients[:, 1] = form, np.sqrt(1 - form**2)
    scene = replace(scene, coefficients=coefficients)
    ids = np.arange(1, len(boxes) + 1) if ids is None else np.array(ids)
    return View.of(scene.image, scene, stamp, ids.astype(np.uint32))


def missing(likest=0.0):
    """A part that was lost at `PLACE`; how much what was beside it looked like it."""
    part = part_of(view_of(square(*PLACE)), 0, 1)
    part.likest = likest
    search(part, view_of(stamp=FRAME))
    return part


def search(part, view):
    """Whether something of a frame is the part."""
    follow([part], view, Flow.none(view.grid.shape))
    return part.index >= 0


@pytest.mark.parametrize('likest, steady, least', [
    (0.2, 0.9, LEAST), (0.6, 0.9, 0.75), (0.8, 0.9, 0.85), (0.8, 0.7, 0.75)])
def test_it_is_more_like_itself_than_like_what_was_beside_it(likest, steady, least):
    part = missing(likest)
    part.steady = steady
    assert needed(part) == pytest.approx(least)


@pytest.mark.parametrize('x, least', [(145, LEAST), (175, FAR)])
def test_further_away_it_must_be_more_alike(x, least):
    for looks, found in ((least - 0.02, False), (least + 0.02, True)):
        view = view_of(square(x, 100), form=looks**2, stamp=2 * FRAME)
        assert search(missing(), view) == found


def test_where_it_should_be_it_may_be_less_alike():
    view = view_of(square(100, 100), form=(NEAR + 0.02) ** 2, stamp=2 * FRAME)
    assert search(missing(0.9), view)
    assert not search(missing(0.9), view_of(square(150, 100), form=0.7, stamp=2 * FRAME))


def test_what_had_its_like_beside_it_is_seen_twice_before_it_is_found():
    def looked(stamp, **fields):
        return view_of(square(150, 100), form=0.8, stamp=stamp * FRAME, **fields)

    part = missing(0.7)
    assert [search(part, looked(n)) for n in (2, 3)] == [False, True]
    assert search(missing(0.6), looked(2))
    part = missing(0.7)  # under another id, and after a frame in which it was not seen
    assert [search(part, looked(n, ids=[7 + n])) for n in (2, 3)] == [False, False]
    assert not search(part, view_of(stamp=4 * FRAME))
    assert not search(part, looked(5, ids=[10]))
    part = missing(0.7)
    assert [search(part, looked(n, ids=[0])) for n in (2, 3)] == [False, False]


def test_what_is_very_like_it_is_found_at_once():
    part = missing(0.7)
    assert search(part, view_of(square(150, 100), form=0.9, stamp=2 * FRAME))


def test_it_learns_how_much_it_looks_like_itself():
    part = part_of(view_of(square(*PLACE)), 0, 1)
    before = part.steady
    for n in range(1, 4):
        search(part, view_of(square(*PLACE), stamp=n * FRAME))
    assert before < part.steady < 1


def rivals(*boxes, others=(2,)):
    """A part of id 1 and its look-alikes, noticed in a frame of those boxes."""
    view = view_of(*boxes)
    part = part_of(view, 0, 1)
    part.others = {*others}
    note_rivals([part], view, False)
    return part


def test_a_rival_lies_over_it_and_is_as_large():
    assert rivals(square(100, 100), square(130, 100)).rivals == {2}
    assert rivals(square(100, 100), square(190, 100)).rivals == set()
    assert rivals(square(100, 100), (100, 100, 124, 160)).rivals == set()
    assert rivals(square(100, 100), square(130, 100), others=[3]).rivals == set()


def test_once_a_rival_has_vanished_nobody_knows_which_of_both_is_seen():
    part = rivals(square(100, 100), square(130, 100))
    search(part, view_of(stamp=FRAME))
    part.likest = 0.8  # its form tells it from the other
    one = [square(100, 100)]
    assert not search(part, view_of(*one, ids=[9], stamp=2 * FRAME))
    late = round(1 + DOUBT * 1e9 / FRAME) * FRAME
    assert not search(part, view_of(*one, ids=[9], stamp=late - FRAME))
    assert search(part, view_of(*one, ids=[9], stamp=late + FRAME))


def test_a_rival_that_is_seen_again_ends_the_doubt():
    part = rivals(square(100, 100), square(130, 100))
    search(part, view_of(stamp=FRAME))
    part.likest = 0.8  # its form tells it from the other
    assert part.vanished == {2: FRAME}
    again = view_of(square(100, 100), square(200, 100), ids=[9, 2], stamp=2 * FRAME)
    assert search(part, again) and part.index == 0 and not part.vanished


def test_doubt_ends_although_its_look_alike_is_forgotten():
    part = rivals(square(100, 100), square(130, 100))
    search(part, view_of(stamp=FRAME))
    part.likest = 0.8  # its form tells it from the other
    part.others.clear()
    late = round(1 + DOUBT * 1e9 / FRAME) * FRAME
    assert search(part, view_of(square(100, 100), ids=[9], stamp=late + FRAME))


def test_after_a_cut_there_is_no_doubt():
    part = rivals(square(100, 100), square(130, 100))
    note_rivals([part], view_of(stamp=FRAME), True)
    assert part.vanished == {}


@pytest.mark.parametrize('box, form, made', [
    (square(150, 100), 1.0, [0]), (square(240, 240), 1.0, []), (square(150, 100), 0.3, [])])
def test_of_what_cannot_be_it_no_mask_is_made(box, form, made):
    view, asked = view_of(box, form=form, stamp=2 * FRAME), []

    def make(numbers):
        asked.extend(numbers)
        return [view.scene.runs[number] for number in numbers]

    later = replace(view.scene, runs=DeferredMasks([], 1, make))
    search(missing(), View.of(later.image, later, view.stamp, view.ids))
    assert asked == made


def test_what_is_long_comes_back_where_half_of_it_was():
    part = part_of(view_of((20, 100, 220, 112)), 0, 1)
    assert not search(part, view_of(stamp=FRAME))
    assert search(part, view_of((110, 100, 310, 112), stamp=2 * FRAME))
