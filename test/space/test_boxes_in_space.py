# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes in space: sizes and angles."""

import numpy as np
import pytest
from space.made_depth import turn_about

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.boxes import enclosing, turned
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


def test_a_pose_is_read_whatever_the_length_of_its_quaternion():
    transform = Transform.from_pose([1, 2, 3, 0, 0, 2, 2])
    assert transform(np.array([[1.0, 0, 0]]))[0] == pytest.approx([1, 3, 3])
    back = transform.inverse()(transform(np.array([[0.3, 0.2, 0.1]])))
    assert back[0] == pytest.approx([0.3, 0.2, 0.1])


@pytest.mark.parametrize('values', [[], [0] * 6, [0] * 7, [0, 0, 0, 0, 0, np.nan, 1]])
def test_what_is_no_pose_is_refused(values):
    with pytest.raises(DepthError, match='7 numbers'):
        Transform.from_pose(values)
