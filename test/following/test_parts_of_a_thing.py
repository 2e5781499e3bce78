# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Parts of one thing: each has a segment of its own, and none takes another for a look-alike."""

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core import Prompt
from fastsam_ros.following.association import follow, part_of
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.thing import Group, Thing
from fastsam_ros.following.tracker import Tracker
from fastsam_ros.following.view import View

RED = (220, 30, 30)
FRAME = 40_000_000  # ns
LEFT, RIGHT = (100, 100, 160, 160), (112, 100, 172, 160)  # IoU .67
BESIDE = (150, 100, 210, 160)
BELOW = (125, 150, 185, 210)  # touches LEFT and BESIDE


def view_of(*boxes, stamp=0):
    """Red boxes whose ids are 1, 2, 3 ..."""
    scene = made_scene(boxes, [RED] * len(boxes))
    return View.of(scene.image, scene, stamp, np.arange(1, len(boxes) + 1, dtype=np.uint32))


def parts_of(*boxes, together):
    """Parts that are of one thing, or of one each."""
    view = view_of(*boxes)
    groups = [Group([part_of(view, index, index + 1)]) for index in range(len(boxes))]
    things = [groups] if together else [[group] for group in groups]
    return [part for some in things for part in Thing('it', some, 0).parts]


def look(parts, *boxes, stamp=FRAME):
    view = view_of(*boxes, stamp=stamp)
    follow(parts, view, Flow.none(view.grid.shape))
    return [part.index for part in parts]


@pytest.mark.parametrize('order', [1, -1])
def test_two_parts_of_a_thing_are_not_the_same_segment(order):
    between = (104, 100, 164, 160)  # nearer to the left one
    parts = parts_of(LEFT, RIGHT, together=True)[::order]
    assert look(parts, between)[::order] == [0, -1]
    assert look(parts_of(LEFT, RIGHT, together=False), between) == [0, 0]


def test_what_one_part_has_leaves_the_other_its_next_best():
    low = (112, 130, 172, 190)
    assert look(parts_of(LEFT, RIGHT, together=False), LEFT, low) == [0, 0]
    assert look(parts_of(LEFT, RIGHT, together=True), LEFT, low) == [0, 1]


def test_parts_of_a_thing_are_no_look_alikes():
    for together, others in ((False, [{2}, {1}]), (True, [set(), set()])):
        parts = parts_of(LEFT, BESIDE, together=together)
        look(parts, LEFT, BESIDE)
        assert [part.others for part in parts] == others


def test_what_is_no_part_may_be_a_look_alike():
    parts = parts_of(LEFT, BESIDE, together=True)
    look(parts, LEFT, BESIDE, BELOW)
    assert [part.others for part in parts] == [{3}, {3}]


def test_two_clicks_on_one_segment_are_one_part():
    tracker = Tracker()
    for number, boxes in enumerate(((LEFT,), (LEFT, (240, 240, 300, 300)))):
        scene = made_scene(boxes, [RED] * len(boxes))
        tracker.update(scene.image, scene, (number + 1) * FRAME)
        if not number:
            clicks = [Prompt(points=[place]) for place in ((130, 130), (120, 140))]
            tracker.bind('it', scene.answer(clicks))
    (thing,) = tracker.newest.things
    assert [segment.index for segment in thing.segments] == [0, 0]
