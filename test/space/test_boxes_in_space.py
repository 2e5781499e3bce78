# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes in space: sizes and angles."""

import numpy as np
import pytest
from space.made_depth import CAMERA, turn_about

from fastsam_ros.core.errors import DepthError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.space.boxes import boxes, enclosing, turned
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.points import cloud, measure
from fastsam_ros.space.transforms import Transform


def fill(size: tuple, number: int = 20) -> np.ndarray:
    """Points on a lattice that fills a box around the origin."""
    axes = [np.linspace(-side / 2, side / 2, number) for side in size]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)


@pytest.mark.parametrize('degrees', [-44, -10, 0, 30, 44])
def test_an_upright_box_turns_with_the_thing(degrees):
    points = fill((0.6, 0.3, 0.2)) @ turn_about('z', degrees).T + [1.0, 2.0, 0.1]
    box = turned(points)
    assert np.degrees(box.yaw) == pytest.approx(degrees, abs=0.5)
    assert box.size == pytest.approx([0.6, 0.3, 0.2], rel=0.01)
    assert box.centre == pytest.approx([1, 2, 0.1], abs=1e-3)
    x, y, z, w = box.quaternion
    assert (x, y) == (0, 0) and 2 * np.arctan2(z, w) == pytest.approx(box.yaw)


def test_at_a_quarter_turn_the_sides_change_places():
    box = turned(fill((0.6, 0.3, 0.2)) @ turn_about('z', 80).T)
    assert np.degrees(box.yaw) == pytest.approx(-10, abs=0.5)
    assert box.size[:2] == pytest.approx([0.3, 0.6], rel=0.01)


@pytest.mark.parametrize('make', [enclosing, turned])
def test_a_few_points_far_away_do_not_count(make):
    points = np.concatenate([fill((0.6, 0.3, 0.2)), [[0, 0, 7.0]]])
    assert make(points).size[2] == pytest.approx(0.2)


def test_a_line_of_points_has_a_box():
    points = np.zeros((30, 3))
    points[:, 0] = np.linspace(0, 1, 30)
    assert turned(points).size == pytest.approx([1, 0, 0], abs=1e-6)


def wall(depth: np.ndarray) -> tuple:
    """A wide mask of 160,000 pixels, and depth in millimetres as an image's."""
    mask = np.zeros((480, 640), bool)
    mask[40:440, 120:520] = True
    return RunLengths.from_mask(mask), DepthImage(depth.astype(np.uint16))


@pytest.mark.parametrize('number', [150, 500, 2000])
@pytest.mark.parametrize('upright', [True, False])
def test_what_a_lidar_hits_here_and_there_has_the_same_box_in_another_frame(number, upright):
    rng = np.random.default_rng(number)
    depth = np.zeros((480, 640))
    depth.ravel()[rng.choice(depth.size, number, replace=False)] = 2000
    mask, image = wall(depth)
    found = measure([mask], image, CAMERA, sampled=True)
    (box,) = boxes(found, Transform(np.eye(3), np.zeros(3)), upright)
    points = cloud([mask], [1], image, CAMERA)
    assert len(found.samples[0]) >= min(0.9 * len(points), 300)
    for axis, side in zip('xy', np.sort(box.size[:2])):
        assert side == pytest.approx(np.ptp(points[axis]), rel=0.1)


@pytest.mark.parametrize('first', [0, 1])
def test_samples_are_taken_of_depth_in_every_other_column_too(first):
    depth = np.zeros((480, 640))
    depth[:, first::2] = 2000
    mask, image = wall(depth)
    (points,) = measure([mask], image, CAMERA, sampled=True).samples
    inside = np.abs(points[:, :2]).max(axis=1) < 0.6  # the edge is at 0.7
    assert 200 < np.count_nonzero(inside) < 800


def test_a_pose_is_read_whatever_the_length_of_its_quaternion():
    transform = Transform.from_pose([1, 2, 3, 0, 0, 2, 2])
    assert transform(np.array([[1.0, 0, 0]]))[0] == pytest.approx([1, 3, 3])
    back = transform.inverse()(transform(np.array([[0.3, 0.2, 0.1]])))
    assert back[0] == pytest.approx([0.3, 0.2, 0.1])


@pytest.mark.parametrize('values', [[], [0] * 6, [0] * 7, [0, 0, 0, 0, 0, np.nan, 1]])
def test_what_is_no_pose_is_refused(values):
    with pytest.raises(DepthError, match='7 numbers'):
        Transform.from_pose(values)
