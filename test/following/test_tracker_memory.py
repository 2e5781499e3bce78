# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a tracker keeps of a camera's frames, and what it does without those that it forgot."""

import gc
import tracemalloc
import weakref

from made_scene import made_scene
import pytest

from fastsam_ros.core import Prompt
from fastsam_ros.following.thing import State
from fastsam_ros.following.tracker import Frame, Tracker

BOX, RED, GREEN = (100, 100, 160, 160), (220, 30, 30), (30, 200, 30)
MB = 1_000_000
POINT = Prompt(points=[(110, 150)])


def seen(*colours, boxes=(BOX,)):
    return made_scene(boxes, colours or [RED])


@pytest.mark.parametrize(('every', 'most'), [(4, 4), (10**6, 18)])
def test_a_camera_costs_little_memory_however_long_it_runs(every, most):
    """Of 320x320, of which a flow takes .2 MB; the second time the network never runs again."""
    tracker, scene = Tracker(), seen()
    tracker.update(scene.image, scene, 1)
    tracker.bind('thing', scene.answer([POINT]))
    tracemalloc.start()
    for number in range(2, 200):
        tracker.carry(scene.image, number)
        if number % every == 0:
            tracker.update(scene.image, scene, number)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < most * MB
    tracker.update(scene.image, scene, 200)
    assert tracker.carry(scene.image, 201).things[0].state == State.FOLLOWED


def test_who_is_bound_late_is_followed_from_a_frame_that_is_forgotten():
    """Half covered it is too unlike itself to be found by its looks: flow tells where it is."""
    tracker, frames = Tracker(), []
    covered = seen(RED, GREEN, boxes=(BOX, (136, 100, 160, 160)))
    for stamp, scene in enumerate([*[seen() for _ in range(5)], covered], start=1):
        tracked = tracker.update(scene.image, scene, stamp)
        frames.append(Frame(scene.image, scene, stamp, tracked.ids))
    tracker.bind('thing', frames[0].scene.answer([POINT]), frames[0], frames[1:2])
    (thing,) = tracker.newest.things
    assert (thing.state, thing.segments[0].index) == (State.FOLLOWED, 0)


def test_a_frame_that_comes_while_a_thing_is_bound_is_no_cut():
    """Half covered, as above, in the frame that comes."""
    tracker, first = Tracker(), seen()
    covered = seen(RED, GREEN, boxes=(BOX, (136, 100, 160, 160)))
    tracker.update(first.image, first, 1)

    def meanwhile(answers):
        tracker.update(covered.image, covered, 2)
        yield from answers

    tracker.bind('thing', meanwhile(first.answer([POINT])))
    (thing,) = tracker.newest.things
    assert (thing.state, thing.segments[0].index) == (State.FOLLOWED, 0)


def test_frames_may_be_read_into_the_same_memory():
    tracker, scene = Tracker(), seen()
    memory = scene.image.copy()
    tracker.update(memory, scene, 1)
    memory[:] = 0
    tracker.bind('thing', scene.answer([POINT]))
    memory[:] = scene.image
    (thing,) = tracker.update(memory, scene, 2).things
    assert thing.state == State.FOLLOWED


def test_after_a_reset_no_frame_is_kept():
    tracker, scene = Tracker(), seen()
    tracker.update(scene.image, scene, 1)
    tracker.bind('thing', scene.answer([POINT]))
    kept = weakref.ref(scene)
    del scene
    tracker.reset()
    gc.collect()
    assert kept() is None
