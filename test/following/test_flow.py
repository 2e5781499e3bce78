# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ways back over several frames, held against flows that are known exactly."""

import numpy as np
import pytest

from fastsam_ros.following.flow import Flow, still
from fastsam_ros.following.small_mask import SmallMask

INSIDE = slice(8, -8), slice(8, -8)  # near the border a way leads out of the picture


def turned(shape, matrix, shift):
    """A camera that turns and comes nearer: how far each point is from where it was."""
    return (still(shape) @ np.float32(matrix).T + np.float32(shift) - still(shape)).astype(
        np.float32)


@pytest.mark.parametrize('shape', [(120, 213), (121, 214), (30, 40)])
def test_joined_ways_are_one_after_the_other(shape):
    first, second = ([[1.01, 0.02], [-0.02, 1.01]], [2, -3]), ([[0.99, 0], [0.01, 1]], [-1, 0.5])
    picture = (2 * shape[0], 2 * shape[1])
    older, newer = (Flow(turned(shape, *camera), picture) for camera in (first, second))
    joined = older.after(newer)
    matrix, shift = np.array(first[0]) @ second[0], np.array(first[0]) @ second[1] + first[1]
    wanted = turned(shape, matrix, shift)
    assert np.abs(joined.movement - wanted)[INSIDE].max() < 0.1
    again = joined.after(Flow.none(picture))
    np.testing.assert_allclose(again.movement, joined.movement, atol=1e-5)
    np.testing.assert_array_equal(joined.places, still(shape) + joined.movement)


@pytest.mark.parametrize('shape', [(1, 1), (2, 3), (61, 80)])
def test_there_is_a_point_for_every_second_pixel_and_one_at_least(shape):
    flow = Flow.none(shape)
    assert flow.movement.shape == (max(shape[0] // 2, 1), max(shape[1] // 2, 1), 2)
    assert not flow.movement.any()
    mask = SmallMask(0, 0, np.full(shape, 255, np.uint8))
    (same,) = flow.move([mask])
    np.testing.assert_array_equal(same.values, mask.values)


def test_the_picture_drifts_as_most_of_it_does():
    movement = np.zeros((40, 60, 2), np.float32)
    movement[...] = 3, -1
    movement[:15] = 0
    np.testing.assert_array_equal(Flow(movement, (80, 120)).drift, [-6, 2])
