# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the benchmark of following shows: a camera that moves, things that are known."""

import cv2
from made_scene import SIZE, made_scene
import numpy as np

from benchmark import cuts, following, identities
from fastsam_ros.core import RunLengths
from fastsam_ros.following.tracker import Tracker


def test_the_camera_moves_a_little_from_frame_to_frame():
    images = following.views(60)
    assert all(image.shape == (following.HEIGHT, following.WIDTH, 3) for image in images)
    for one, two in zip(images, images[1:]):
        grey = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float) for image in (one, two)]
        (x, y), _ = cv2.phaseCorrelate(*grey)
        assert 2 < np.hypot(x, y) < 5


def test_the_largest_segments_are_followed():
    tracker = Tracker()
    scene = made_scene([(0, 0, 50, 50), (60, 60, 200, 200), (0, 210, 90, 300)], [(9, 200, 9)] * 3)
    tracker.update(scene.image, scene, 0)
    following.bind(tracker, scene, 2)
    found = [status.segments[0].index for status in tracker.newest.things]
    assert found == [1, 2]


def test_overlaps_of_masks(monkeypatch):
    monkeypatch.setattr(identities, 'HEIGHT', SIZE)
    monkeypatch.setattr(identities, 'WIDTH', SIZE)
    scene = made_scene([(0, 0, 40, 40), (20, 0, 60, 40), (100, 100, 120, 120)], [(9, 9, 200)] * 3)
    truth = np.zeros((SIZE, SIZE), bool)
    truth[:40, :40] = True
    table = identities.ious([RunLengths.from_mask(truth)], scene.run_lengths())
    np.testing.assert_allclose(table, [[1, 1 / 3, 0]], rtol=1e-6)


def test_what_is_seen_of_the_rooms_things_covers_the_picture(monkeypatch):
    monkeypatch.setattr(identities, 'HEIGHT', 72)
    monkeypatch.setattr(identities, 'WIDTH', 128)
    monkeypatch.setattr(identities, 'LEAST', 1)
    picture, masks = identities.look(0)
    names = {identities.SOLIDS[index].name for index in masks}
    assert {'red box', 'yellow ball', 'table', 'chest'} <= names
    assert picture.shape == (72, 128, 3)
    count = np.zeros((72, 128), int)
    for runs in masks.values():
        count[runs.window] += runs.mask()
    assert count.max() == 1  # each pixel shows one thing, or a wall
    (red,) = [masks[i] for i in masks if identities.SOLIDS[i].name == 'red box']
    mean = picture[red.window][red.mask()].mean(axis=0)
    assert mean[0] > 2 * mean[1] > 0


def test_after_a_cut_the_thing_is_back_and_nothing_was_passed_off_as_it():
    box, truth = (100, 100, 180, 180), np.zeros((SIZE, SIZE), bool)
    truth[100:180, 100:180] = True
    one, other = (made_scene([box], [colour]) for colour in ((220, 30, 30), (30, 30, 220)))
    frames = [(one.image, one, truth)] * 6
    assert cuts.follow(frames, [(other.image, other, truth)] * 3) == cuts.Outcome(1.0, 0, 0.0)
    assert cuts.follow(frames, frames[:3]).passed_off == 1
    gone = [*frames[:3], *[(other.image, other, truth)] * 3]
    assert cuts.follow(gone, gone[3:]) == cuts.Outcome(0.0, 3, 0.0)
