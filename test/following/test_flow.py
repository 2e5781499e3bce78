# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ways back over several frames, held against flows that are known exactly."""

import numpy as np
import pytest

from fastsam_ros.following.flow import Flow, still

INSIDE = slice(12, -12), slice(12, -12)  # near the border a way leads out of the picture


def turned(shape, matrix, shift):
    """A camera that turns and comes nearer: where each point was."""
    return (still(shape) @ np.float32(matrix).T + np.float32(shift)).astype(np.float32)


@pytest.mark.parametrize('shape', [(240, 427), (241, 428), (60, 81)])
def test_joined_ways_are_one_after_the_other(shape):
    first, second = ([[1.01, 0.02], [-0.02, 1.01]], [2, -3]), ([[0.99, 0], [0.01, 1]], [-1, 0.5])
    older, newer = (Flow(turned(shape, *camera)) for camera in (first, second))
    joined = older.after(newer)
    matrix, shift = np.array(first[0]) @ second[0], np.array(first[0]) @ second[1] + first[1]
    wanted = turned(shape, matrix, shift)
    assert np.abs(joined.places - wanted)[INSIDE].max() < 0.1
    again = joined.after(Flow(still(shape)))
    assert np.abs(again.places - wanted)[INSIDE].max() < 0.1


def test_a_way_is_the_flow_itself_over_one_frame():
    movement = np.random.default_rng(0).normal(size=(30, 40, 2)).astype(np.float32)
    wanted = still((30, 40)) + movement
    np.testing.assert_array_equal(Flow.of(movement.copy()).places, wanted)
