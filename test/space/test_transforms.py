# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames that stand still to each other."""

import numpy as np
import pytest
from space.made_depth import turn_about

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.transforms import StaticFrames, Transform


def make_frames() -> StaticFrames:
    frames = StaticFrames()
    frames.add('base', 'camera', Transform(np.eye(3), np.array([1.0, 0, 0])))
    frames.add('camera', 'colour', Transform(turn_about('z', 90), np.array([0, 0.1, 0])))
    frames.add('camera', 'depth', Transform(np.eye(3), np.array([0, -0.1, 0])))
    return frames


@pytest.mark.parametrize('target, source, expected', [
    ('depth', 'depth', (1, 2, 3)),
    ('base', 'camera', (2, 2, 3)),
    ('camera', 'base', (0, 2, 3)),
    ('camera', 'colour', (-2, 1.1, 3)),
    ('depth', 'colour', (-2, 1.2, 3)),
    ('colour', 'depth', (1.8, -1, 3)),
])
def test_points_go_up_and_down_the_tree(target, source, expected):
    found = make_frames().lookup(target, source)(np.array([[1.0, 2, 3]]))
    assert found[0] == pytest.approx(expected)


def test_frames_that_nothing_connects_are_told_of():
    with pytest.raises(DepthError, match='how lidar stands to colour.*camera, colour, depth'):
        make_frames().lookup('colour', 'lidar')


def test_a_circle_of_frames_ends():
    frames = StaticFrames()
    for parent, child in (('a', 'b'), ('b', 'a')):
        frames.add(parent, child, Transform(np.eye(3), np.zeros(3)))
    with pytest.raises(DepthError):
        frames.lookup('a', 'c')


@pytest.mark.parametrize('pose', [
    (0, 0, 0, 1), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0.5, 0.5, 0.5, 0.5),
    (-0.1, 0.7, 0.2, 0.05), (0.7, -0.1, 0.2, 0.6)])
def test_a_quaternion_comes_back(pose):
    found = Transform.from_pose([0, 0, 0, *pose]).quaternion
    assert found == pytest.approx(tuple(np.array(pose) / np.linalg.norm(pose)))
