# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a thing is called while it is followed."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.following.thing import Votes
from fastsam_ros.following.tracker import Tracker

NAMES = ('cow', 'horse')


def called(*names):
    """What each frame's vote leaves."""
    votes = Votes()
    return [votes.add(name, 0.8 if name else 0.0) for name in names]


def test_a_first_frame_says_what_the_network_says():
    assert called('cow') == [('cow', pytest.approx(0.8))]
    assert called('') == [('', 0.0)]


def test_one_frame_does_not_change_a_label_and_many_do():
    assert [label for label, _ in called('cow', 'cow', 'horse', '', 'cow')] == ['cow'] * 5
    assert called(*['cow'] * 5, *['horse'] * 10)[-1][0] == 'horse'
    assert called(*['cow'] * 3, *[''] * 20)[-1] == ('', 0.0)


def test_it_is_as_sure_as_the_frames_agree():
    (_, alone), (_, agreed), (_, torn) = called('cow', 'cow', 'horse')
    assert alone == pytest.approx(0.8) and agreed == pytest.approx(0.8)
    assert torn == pytest.approx(0.8 * (0.81 + 0.9) / (0.81 + 0.9 + 1))


@pytest.fixture
def sees():
    """One thing and what a frame calls it; the first frame binds it. What it is called then."""
    tracker = Tracker()
    picture = np.random.default_rng(0).integers(0, 255, (320, 320, 3), np.uint8)

    def look(name, then=lambda tracker, answers: None):
        known = np.array([[0.9 if name == other else 0.1 for other in NAMES]], np.float32)
        scene = replace(
            made_scene([(60, 60, 160, 160)], [(200, 30, 30)], scores=[0.9]),
            name_scores=known, names=NAMES)
        stamp = 0 if tracker.newest is None else tracker.newest.stamp + 40_000_000
        tracker.update(picture, scene, stamp)
        answers = scene.answer([scene.prompt(points=[(100, 100)]).prompt])
        if 'it' not in tracker.names:
            tracker.bind('it', answers)
        then(tracker, answers)
        return tracker.newest.things[0].segments[0].label

    return look


def test_the_label_of_a_followed_thing_does_not_flicker(sees):
    assert [sees(name) for name in ('cow', 'cow', 'horse', 'cow')] == ['cow'] * 4


def test_prompts_of_others_that_come_and_go_are_no_votes(sees):
    def come_and_go(tracker, answers):
        for _ in range(9):
            tracker.bind('other', answers)
            tracker.drop(['other'])

    labels = [sees('cow'), sees('cow'), sees('cow'), sees('horse', come_and_go)]
    assert labels == ['cow'] * 4 and sees('cow') == 'cow'
