# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The room of the demo: its things are found where and as large as they are."""

import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.demo.room import THINGS, TURN, Room, render
from fastsam_ros.space.boxes import boxes
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.points import cloud, measure


@pytest.fixture(scope='module')
def room():
    return Room(640, 480)


def find_mask(room, thing, seconds):
    """Where a thing is seen: where the room with it alone is nearer than without."""
    with_it, without = (
        render(solids, room.camera, room.pose(seconds))[1] for solids in ((thing,), ()))
    whole = np.float32(0.001) * room(seconds)[1]
    return (with_it < without - 1e-3) & (np.abs(whole - with_it) < 0.05)


@pytest.mark.parametrize('seconds', [0, 5, 11])
def test_things_stand_where_they_are_said_to(room, seconds):
    depth = DepthImage(room(seconds)[1])
    for thing in THINGS:
        mask = RunLengths.from_mask(find_mask(room, thing, seconds))
        found = measure([mask], depth, room.camera, sampled=True)
        (box,) = boxes(found, room.pose(seconds))
        half = np.array(thing.size) / 2
        # The sides that look away are not seen: a box reaches no farther than the thing.
        assert box.size[2] == pytest.approx(thing.size[2], abs=0.04), thing.name
        assert np.abs(box.centre - thing.centre)[:2].max() < half[:2].max(), thing.name
        points = cloud([mask], [1], depth, room.camera, transform=room.pose(seconds))
        own = np.stack([points[axis] for axis in 'xyz'], axis=1) - thing.centre
        turn = np.radians(thing.yaw)
        own[:, :2] = own[:, :2] @ np.array(
            [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        on_it = (np.abs(own) <= half + 0.02).all(axis=1)
        assert on_it.mean() > 0.98, thing.name


def test_time_goes_round(room):
    for one, other in zip(room(1.0), room(1.0 + TURN)):
        assert (one == other).all()
    assert (room(1.0)[0] != room(5.0)[0]).any()


def test_some_depth_is_missing(room):
    missing = np.mean(room(0)[1] == 0)
    assert 0.01 < missing < 0.05
