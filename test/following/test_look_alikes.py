# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things of one colour that hide, cross and come back: which is which, and when nobody knows."""

from dataclasses import replace

import cv2
from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core import Prompt
from fastsam_ros.following import others
from fastsam_ros.following.association import follow, part_of
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.others import forget_duplicates, judge, show_others
from fastsam_ros.following.thing import State
from fastsam_ros.following.tracker import Tracker
from fastsam_ros.following.view import View

RED = (220, 30, 30)
FRAME = 100_000_000  # ns
THING = (100, 100, 160, 160)


def square(x, y, side=60):
    return (x, y, x + side, y + side)


def scene_of(*boxes, forms=(), **fields):
    """Red boxes; of each the cosine of its form with that of the others that have none given."""
    scene = made_scene(boxes, [RED] * len(boxes), **fields)
    cosines = np.array([*forms, *[1.0] * (len(boxes) - len(forms))])
    coefficients = np.zeros((len(boxes), 32), np.float32)
    coefficients[:, 0], coefficients[:, 1] = cosines, np.sqrt(1 - cosines**2)
    return replace(scene, coefficients=coefficients)


class Camera:
    """The first box of the first frame is what is followed."""

    def __init__(self, *boxes, period=FRAME, **fields):
        self.tracker, self.stamp, self.period = Tracker(), 0, period
        x0, y0, x1, y1 = boxes[0]
        scene = self.take(scene_of(*boxes, **fields))
        self.tracker.bind('it', scene.answer([Prompt(box=(x0, y0, x1, y1))]))

    def take(self, scene):
        self.stamp += self.period
        self.tracker.update(scene.image, scene, self.stamp)
        return scene

    def sees(self, *boxes, **fields):
        """The box that is FOLLOWED; None: it is searched for."""
        self.take(scene_of(*boxes, **fields))
        (thing,) = self.tracker.newest.things
        if thing.state != State.FOLLOWED:
            return None
        runs = thing.segments[0].runs
        return (runs.x, runs.y, runs.x + runs.width, runs.y + runs.height)


def test_what_comes_back_has_its_form_too():
    camera, back = Camera(square(20, 20)), square(90, 20)
    assert camera.sees() is None
    assert camera.sees(back, forms=[0.6]) is None
    assert camera.sees(back) == back


def test_it_comes_back_where_it_can_have_come_to():
    camera, far = Camera(square(20, 20)), square(240, 240)
    camera.sees()
    states = [camera.sees(far) for _ in range(12)]
    assert states[:7] == [None] * 7
    assert far in states[7:]


def test_after_a_cut_it_may_be_anywhere():
    camera, far = Camera(square(20, 20)), square(240, 240)
    camera.take(replace(scene_of(), image=np.random.default_rng(0).integers(
        0, 255, (SIZE, SIZE, 3), np.uint8)))
    assert camera.sees(far) == far


@pytest.mark.parametrize('box, found', [
    (square(340, 100), True),  # beside where it was in the picture
    (square(185, 160), True),  # beside where it was in the world
    (square(300, 240), False)])
def test_where_it_should_be_stays_in_the_picture_or_goes_with_it(box, found):
    noise = np.random.default_rng(0).integers(0, 255, (SIZE, 2 * SIZE), np.uint8)
    wide = cv2.GaussianBlur(cv2.equalizeHist(cv2.GaussianBlur(noise, None, 6)), None, 2)

    def view(x, *boxes):
        """The camera at x; the boxes lie in the world."""
        scene = scene_of(*[(x0 - x, y0, x1 - x, y1) for x0, y0, x1, y1 in boxes])
        picture = np.repeat(wide[:, x : x + SIZE, None], 3, axis=2)
        for runs in scene.runs:
            picture[runs.window][runs.mask()] = RED
        return replace(scene, image=picture)

    camera = Camera(square(200, 100), period=1)  # no time for anything to go anywhere
    camera.take(view(0, square(200, 100)))
    for x in range(20, 200, 20):
        camera.take(view(x))
    camera.take(view(180, box))
    state = camera.tracker.newest.things[0].state
    assert state == (State.FOLLOWED if found else State.SEARCHING)


@pytest.mark.parametrize('beside, found', [((), True), ((square(150, 100),), False)])
def test_it_looks_more_like_itself_than_what_was_beside_it(beside, found):
    camera = Camera(THING, *beside, forms=[1, 0.9][: 1 + len(beside)])
    camera.sees(THING, *beside, forms=[1, 0.9][: 1 + len(beside)])
    camera.sees()
    new = square(60, 190)
    assert camera.sees(new, forms=[0.8]) == (new if found else None)
    assert camera.sees(new) == new


def test_its_twin_is_not_taken_for_it_when_they_cross():
    camera = Camera(THING, square(150, 100))
    for x in (150, 142, 135):
        assert camera.sees(THING, square(x, 100)) == THING
    for x in (127, 119, 111):
        assert camera.sees(square(x, 100)) is None


def test_what_holds_its_twin_too_is_not_taken_for_it():
    both = (100, 100, 205, 160)
    camera = Camera(THING, square(150, 100))
    camera.sees(THING, square(150, 100))
    assert camera.sees(both, square(145, 100)) is None
    alone = Camera(THING)
    alone.sees(THING)
    assert alone.sees(both, square(145, 100)) == both


def test_what_is_hidden_for_a_while_did_not_get_smaller():
    camera = Camera(square(100, 100, 100))
    for _ in range(12):
        assert camera.sees((100, 100, 160, 200)) == (100, 100, 160, 200)
    assert camera.sees((100, 100, 128, 200)) is None
    small = Camera(square(100, 100, 100))
    for side in range(100, 50, -2):
        assert small.sees(square(100, 100, side)) == square(100, 100, side)


@pytest.fixture
def view():
    """Something of two pieces, what looks like it, and what does not; ids 1 to 4."""
    boxes = [square(20, 20, 80), (20, 20, 60, 100), square(95, 20, 70), square(200, 200)]
    colours = [RED, RED, RED, (30, 30, 220)]
    scene = made_scene(boxes, colours)
    return View.of(scene.image, scene, 0, np.arange(1, 5, dtype=np.uint32))


def test_what_lies_beside_and_looks_alike_is_another(view):
    part = part_of(view, 0, 1)
    judge([part], view, [0], np.ones((1, 4), bool))
    assert part.others == {3}
    assert part.likest == pytest.approx(1)
    shown = show_others([part], view, np.array([[0] * 4, range(4)]))
    assert shown.tolist() == [False, False, True, False]


def test_parts_are_judged_each_by_its_own_neighbours(view):
    red, blue = part_of(view, 0, 1), part_of(view, 3, 4)
    judge([blue, red], view, [3, 0], np.array([[True] * 4, [False, False, True, False]]))
    assert (red.others, red.judged) == ({3}, {3})
    assert (blue.others, blue.judged) == (set(), {1, 2, 3})
    assert blue.likest < 0.5 < red.likest
    pairs = np.array([[0, 1, 1, 0], [2, 0, 2, 3]])
    assert show_others([blue, red], view, pairs).tolist() == [False, False, True, False]


def numbered(scene):
    """The view of a scene whose segments have the ids 1, 2, 3 ..."""
    return View.of(scene.image, scene, 0, np.arange(1, len(scene) + 1, dtype=np.uint32))


def test_what_holds_a_look_alike_shows_it_however_large_it_is():
    view = numbered(scene_of(square(20, 20), square(120, 20), (0, 0, 300, 200)))
    part = part_of(view, 0, 1)
    judge([part], view, [0], np.array([[False, True, False]]))
    assert show_others([part], view, np.array([[0, 0], [1, 2]])).tolist() == [True, True]


@pytest.mark.parametrize('area, width, shown', [
    (3600, 28, False), (3600, 32, True), (7200, 56, False), (7200, 64, True)])
def test_what_holds_one_that_is_much_smaller_is_the_thing_and_a_little_more(area, width, shown):
    other, holder = (85, 20, 85 + width, 80), (20, 20, 85 + width, 80)
    view = numbered(scene_of(square(20, 20), other, holder, square(200, 200, 20)))
    parts = [part_of(view, 3, 4), part_of(view, 0, 1)]
    parts[1].others, parts[1].area = {2}, area
    assert show_others(parts, view, np.array([[1], [2]])).tolist() == [shown]


def test_all_segments_of_a_look_alike_show_it_however_small_it_is():
    other = [(85, 20, 113, 80), (85, 20, 118, 80), (85, 20, 135, 80)]
    view = numbered(scene_of(square(20, 20), *other))
    part = part_of(view, 0, 1)
    part.others = {2}
    pairs = np.array([[0, 0, 0], [1, 2, 3]])
    assert show_others([part], view, pairs).tolist() == [True, True, False]


def test_what_has_the_colours_is_a_look_alike_whatever_its_form():
    view = numbered(scene_of(square(20, 20), square(120, 20), forms=(1, 0.5)))
    part = part_of(view, 0, 1)
    judge([part], view, [0], np.array([[False, True]]))
    assert part.others == {2}
    assert part.likest == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_what_is_half_alike_is_remembered_as_the_likest():
    blue = (110, 50, 180, 90)
    scene = made_scene([square(20, 20), (110, 20, 180, 80), blue], [RED, RED, (30, 30, 220)])
    view = numbered(scene)
    part = part_of(view, 0, 1)
    judge([part], view, [0], np.array([[False, True, False]]))
    assert part.others == set()
    assert part.likest == pytest.approx(0.5**0.75, abs=0.05)


def test_a_thing_goes_on_under_another_number():
    first, second = numbered(scene_of(THING)), numbered(scene_of(THING))
    part = part_of(first, 0, 1)
    second.ids[:] = 9
    follow([part], second, Flow.none(second.grid.shape))
    assert part.index == 0


def test_each_is_judged_once(view):
    part = part_of(view, 0, 1)
    judge([part], view, [0], np.array([[True, True, False, False]]))
    assert (part.others, part.judged) == (set(), {2})
    view.ids[2] = 2  # which turned out to be a piece
    judge([part], view, [0], np.ones((1, 4), bool))
    assert (part.others, part.judged) == (set(), {2, 4})


def test_a_look_alike_whose_id_goes_over_to_the_thing_is_none():
    part = part_of(numbered(scene_of(THING)), 0, 1)
    part.others = {2, 3}
    for stamp, boxes, index in [
            (1, (THING, (100, 100, 160, 145), square(165, 100)), 0),
            (2, ((100, 100, 160, 145), THING), 1)]:
        view = replace(numbered(scene_of(*boxes)), stamp=stamp)
        follow([part], view, Flow.none(view.grid.shape))
        assert part.index == index


@pytest.mark.parametrize('height, others', [(40, {2, 3}), (45, {3})])
def test_it_shows_the_thing_if_it_has_its_outline(height, others):
    view = numbered(scene_of(THING, (100, 100, 160, 100 + height), square(165, 100)))
    parts = [part_of(view, 2, 3), part_of(view, 0, 1)]
    for part in parts:
        part.mask = view.mask(1)  # where it was lately
        part.others, part.rivals, part.judged = {2, 3}, {2, 3}, {2, 3}
    forget_duplicates(parts, view, [view.mask(2), view.mask(0)])
    for known in ('others', 'rivals', 'judged'):
        assert [getattr(part, known) for part in parts] == [{2}, others]


def test_a_look_alike_that_showed_the_thing_for_a_frame_is_judged_anew():
    part = part_of(numbered(scene_of(THING)), 0, 1)
    part.others, part.judged = {2}, {2}
    for stamp, other, known in [(1, (100, 100, 160, 145), set()), (2, square(150, 100), {2})]:
        view = replace(numbered(scene_of(THING, other)), stamp=stamp)
        follow([part], view, Flow.none(view.grid.shape))
        assert part.others == known


def test_old_ids_are_forgotten(view, monkeypatch):
    monkeypatch.setattr(others, 'MOST', 2)
    part = part_of(view, 0, 1)
    judge([part], view, [0], np.ones((1, 4), bool))
    assert part.judged == {3, 4} and part.others == {3}
    view.ids[:] += 4
    judge([part], view, [0], np.ones((1, 4), bool))
    assert len(part.judged) < 7 and 3 not in part.others
