# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompts that name things: bound once, followed, honestly lost and found again."""

from dataclasses import replace
from functools import partial

from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core import Prompt
from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.following.thing import State
from fastsam_ros.following.tracker import Frame, Tracker

RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (30, 200, 30)
SECOND = 1_000_000_000


def scene_of(**things):
    """Boxes by colour name; the picture is made of them."""
    colours = {'red': RED, 'blue': BLUE, 'green': GREEN}
    return made_scene([*things.values()], [colours[name] for name in things])


def square(x, y, side=60):
    return (x, y, x + side, y + side)


class Camera:
    """A tracker and its frames, 10 a second."""

    def __init__(self):
        self.tracker, self.stamp, self.frames = Tracker(), SECOND, []

    def sees(self, **things):
        scene = scene_of(**things)
        tracked = self.tracker.update(scene.image, scene, self.stamp)
        self.frames.append(Frame(scene.image, scene, self.stamp, tracked.ids))
        self.stamp += SECOND // 10
        return tracked

    def bind(self, name, *prompts, at=-1):
        frame = self.frames[at]
        later = self.frames[at:][1:] if at != -1 else ()
        return self.tracker.bind(name, frame.scene.answer(prompts), frame, later)


def test_a_thing_is_followed_and_keeps_its_id():
    camera = Camera()
    camera.sees(red=square(20, 20), blue=square(200, 200))
    asked = camera.bind('cup', Prompt(points=[(50, 50)]))
    assert asked.state == State.FOLLOWED
    for x in range(24, 120, 8):
        (thing,) = camera.sees(blue=square(200, 200), red=square(x, 20)).things
        assert thing.segment_ids == asked.segment_ids
        assert (thing.segments[0].runs.x, thing.segments[0].runs.y) == (x, 20)


def test_nothing_else_is_passed_off_as_a_thing_that_is_gone():
    camera = Camera()
    camera.sees(red=square(20, 20), blue=square(200, 200))
    asked = camera.bind('cup', Prompt(points=[(50, 50)]))
    (gone,) = camera.sees(blue=square(20, 20)).things
    assert (gone.state, gone.segments, gone.seen) == (State.SEARCHING, (), SECOND)
    (back,) = camera.sees(blue=square(20, 20), red=square(100, 100)).things
    assert (back.state, back.segment_ids) == (State.FOLLOWED, asked.segment_ids)


def test_its_twin_that_was_beside_it_is_not_taken_for_it_even_when_that_is_found_twice():
    camera, twin = Camera(), square(200, 20)

    def sees(*boxes):
        scene = made_scene(boxes, [RED] * len(boxes))
        camera.stamp += SECOND // 10
        return camera.tracker.update(scene.image, scene, camera.stamp), scene

    _, scene = sees(square(20, 20), twin)
    asked = camera.tracker.bind('cup', scene.answer([Prompt(points=[(50, 50)])]))
    for again in ((), ((204, 22, 264, 84),), ((190, 20, 250, 80),)):
        (gone,) = sees(twin, *again)[0].things
        assert (gone.state, gone.segments) == (State.SEARCHING, ())
    (back,) = sees(twin, square(100, 180))[0].things
    assert (back.state, back.segment_ids) == (State.FOLLOWED, asked.segment_ids)
    assert back.segments[0].runs.y == 180


def test_who_is_searched_for_too_long_is_lost_and_may_come_back():
    camera = Camera()
    camera.tracker.lost_after = 0.45
    camera.sees(red=square(20, 20))
    camera.bind('cup', Prompt(points=[(50, 50)]))
    states = [camera.sees(blue=square(20, 20)).things[0].state for _ in range(6)]
    assert states == [State.SEARCHING] * 4 + [State.LOST] * 2
    assert camera.sees(red=square(20, 20)).things[0].state == State.FOLLOWED


def test_what_was_asked_about_an_old_frame_is_followed_to_the_newest():
    camera = Camera()
    for x in range(20, 180, 20):
        camera.sees(red=square(x, 20), blue=square(220, x))
    asked = camera.bind('cup', Prompt(points=[(50, 50)]), at=0)
    assert asked.segments[0].runs.x == 20
    (now,) = camera.tracker.newest.things
    assert now.segments[0].runs.x == 160
    assert now.segment_ids == asked.segment_ids


def test_who_is_asked_again_keeps_the_id():
    camera = Camera()
    camera.sees(red=square(20, 20))
    first = camera.bind('cup', Prompt(points=[(50, 50)]))
    camera.sees(red=square(26, 20))
    again = camera.bind('cup', Prompt(points=[(60, 50)]))
    assert again.segment_ids == first.segment_ids
    assert camera.tracker.names == ('cup',)


def test_the_parts_of_a_thing_are_followed_each():
    camera = Camera()
    camera.sees(red=square(20, 20), blue=square(20, 80))
    asked = camera.bind('both', Prompt(points=[(50, 50)]), Prompt(points=[(50, 110)]))
    assert len(asked.segments) == 2
    (thing,) = camera.sees(red=square(28, 20), blue=square(28, 80)).things
    assert thing.segment_ids == asked.segment_ids
    (half,) = camera.sees(blue=square(34, 80)).things
    assert (half.state, half.segment_ids) == (State.FOLLOWED, asked.segment_ids[1:])


def test_what_background_points_took_away_stays_cut_out():
    camera = Camera()
    camera.sees(green=(20, 20, 220, 220), red=square(40, 40))
    prompt = Prompt(points=[(200, 200), (60, 60)], labels=[1, 0], selection='union')
    asked = camera.bind('rest', prompt)
    (thing,) = camera.sees(green=(28, 20, 228, 220), red=square(48, 40)).things
    assert thing.segment_ids == asked.segment_ids
    assert thing.segments[0].runs.area == asked.segments[0].runs.area == 200**2 - 60**2


def test_stamps_that_go_back_begin_anew():
    camera = Camera()
    camera.sees(red=square(20, 20), blue=square(200, 200))
    asked = camera.bind('cup', Prompt(points=[(50, 50)]))
    camera.stamp = SECOND // 2
    (thing,) = camera.sees(red=square(200, 200)).things
    assert (thing.state, thing.segment_ids) == (State.FOLLOWED, asked.segment_ids)


def test_nothing_is_not_followed():
    camera = Camera()
    camera.sees(red=square(20, 20))
    with pytest.raises(ValueError, match='nothing answers'):
        camera.bind('cup', Prompt(points=[(300, 300)]))


def test_before_the_first_frame_there_is_nothing_to_follow():
    answers = scene_of(red=square(20, 20)).answer([Prompt(points=[(50, 50)])])
    with pytest.raises(ValueError, match='first frame'):
        Tracker().bind('cup', answers)
    with pytest.raises(ValueError, match='first frame'):
        Tracker().move([], np.zeros((SIZE, SIZE, 3), np.uint8), 1)


@pytest.mark.parametrize('wrong', [
    np.zeros((SIZE, SIZE, 4), np.uint8), np.zeros((SIZE, SIZE), np.uint8),
    np.zeros((SIZE, SIZE, 3), np.float32), np.zeros((SIZE // 2, SIZE, 3), np.uint8),
    np.zeros((SIZE + 1, SIZE, 3), np.uint8)])
def test_an_image_that_is_not_the_scenes_is_refused_and_changes_nothing(wrong):
    camera = Camera()
    camera.sees(red=square(20, 20))
    asked, newest = camera.bind('cup', Prompt(points=[(50, 50)])), camera.tracker.newest
    scene = scene_of(red=square(24, 20))
    with pytest.raises(ImageError):
        camera.tracker.update(wrong, scene, SECOND // 2)
    assert camera.tracker.newest is newest
    with pytest.raises(ImageError):
        camera.tracker.bind(
            'cup', scene.answer([Prompt(points=[(50, 50)])]),
            Frame(wrong, scene, camera.stamp, newest.ids))
    (thing,) = camera.sees(red=square(28, 20)).things
    assert thing.segment_ids == asked.segment_ids


@pytest.mark.parametrize('wrong', [
    np.zeros((SIZE, SIZE, 4), np.uint8), np.zeros((SIZE, SIZE), np.uint8), None])
def test_only_images_are_carried_to(wrong):
    camera = Camera()
    camera.sees(red=square(20, 20))
    for carry in (camera.tracker.carry, partial(camera.tracker.move, ())):
        with pytest.raises(ImageError, match='an image must be'):
            carry(wrong, camera.stamp)


def test_what_was_dropped_is_gone():
    camera = Camera()
    camera.sees(red=square(20, 20))
    camera.bind('cup', Prompt(points=[(50, 50)]))
    assert camera.tracker.drop(['cup', 'none']) == ['cup']
    assert camera.sees(red=square(20, 20)).things == ()


def test_a_thing_is_carried_to_a_frame_that_the_network_has_not_seen():
    rng = np.random.default_rng(0)
    cup = rng.integers(0, 255, (60, 60, 3), np.uint8)
    scene = made_scene([square(100, 100)], [RED])
    camera = Camera()
    pictures = []
    for x in (100, 106, 112):
        pictures.append(np.full_like(scene.image, 128))
        pictures[-1][100:160, x : x + 60] = cup
    tracked = camera.tracker.update(pictures[0], scene, SECOND)
    frame = Frame(pictures[0], scene, SECOND, tracked.ids)
    asked = camera.tracker.bind('cup', scene.answer([Prompt(points=[(120, 120)])]), frame)
    for number, picture in enumerate(pictures[1:], 1):
        (thing,) = camera.tracker.carry(picture, SECOND + number).things
        assert thing.segment_ids == asked.segment_ids
        assert abs(thing.segments[0].runs.x - (100 + 6 * number)) <= 2
    (old,) = camera.tracker.carry(pictures[2], SECOND * 2).things
    assert (old.state, old.segments, old.seen) == (State.SEARCHING, (), SECOND)


def test_an_id_is_never_on_two_segments():
    camera = Camera()
    camera.sees(red=square(20, 20), blue=square(200, 200))
    asked = camera.bind('cup', Prompt(points=[(50, 50)]))
    for _ in range(2):  # blue takes red's place, red comes back elsewhere
        tracked = camera.sees(blue=square(20, 20), red=square(100, 100))
        assert len(np.unique(tracked.ids)) == 2
    (thing,) = tracked.things
    assert thing.segment_ids == asked.segment_ids
    assert tracked.ids[thing.segments[0].index] == thing.segments[0].id


def test_what_was_said_of_a_frame_is_not_changed_later():
    camera = Camera()
    tracked = camera.sees(red=square(20, 20), blue=square(200, 200))
    before = tracked.ids.copy()
    camera.bind('cup', Prompt(points=[(50, 50)]))
    camera.sees(blue=square(20, 20), red=square(100, 100))
    np.testing.assert_array_equal(tracked.ids, before)


def test_what_was_dropped_is_not_carried():
    camera = Camera()
    camera.sees(red=square(20, 20))
    camera.bind('cup', Prompt(points=[(50, 50)]))
    camera.tracker.drop()
    assert camera.tracker.carry(camera.frames[-1].image, camera.stamp).things == ()


@pytest.fixture
def faint():
    """A camera that follows a red square, and whose scenes have one segment that is sure."""
    camera = Camera()
    camera.sees(red=square(20, 20), blue=square(200, 200))
    camera.bind('cup', Prompt(points=[(50, 50)]))
    camera.made = []

    def sees(confident, *boxes, colours):
        whole = made_scene(boxes, colours)

        def make(numbers):
            camera.made.append(numbers)
            return [whole.runs[number] for number in numbers]

        scene = replace(
            whole, confident=confident,
            runs=DeferredMasks(whole.runs[:confident], len(boxes), make))
        camera.stamp += SECOND // 10
        (thing,) = camera.tracker.update(scene.image, scene, camera.stamp).things
        return thing.segments[0].runs

    camera.sees = sees
    return camera


def test_candidates_are_looked_at_where_nothing_surer_is(faint):
    boxes, colours = [square(200, 200), square(24, 20)], [BLUE, RED]
    assert faint.sees(2, *boxes, colours=colours).x == 24
    assert faint.made == []
    assert faint.sees(1, *boxes, colours=colours).x == 24
    assert faint.made == [[1]]


def test_a_candidate_that_fits_goes_before_a_sure_piece(faint):
    runs = faint.sees(1, square(22, 20, 40), square(22, 20), colours=[RED, RED])
    assert (runs.width, faint.made) == (60, [[1]])
