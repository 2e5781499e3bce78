# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth as RGB-D recordings have it: 16 bit millimetres, 0 and 65535 where it is missing."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.points import cloud
from fastsam_ros.space.things import things_of

CAMERA = CameraModel(640, 480, (585.0, 585.0), (320.0, 240.0))  # as 7-Scenes' Kinect
WALL = 3.2  # metres
THINGS = {  # id: centre, half axes, pixels; distance, metres
    1: ((150, 200), (60, 90), 1.1), 2: ((400, 240), (110, 70), 1.9), 3: ((560, 90), (40, 40), 2.6)}


@pytest.fixture(scope='module')
def recorded():
    """Masks, and a depth image with noise that grows with distance, holes, and edges that fly."""
    rng = np.random.default_rng(7)
    metres, masks = np.full((480, 640), WALL), {}
    for id, (centre, axes, distance) in THINGS.items():
        mask = np.zeros((480, 640), np.uint8)
        cv2.ellipse(mask, centre, axes, 20, 0, 360, 1, -1)
        masks[id] = mask > 0
        metres[masks[id]] = distance + 0.02 * rng.random()
    metres += rng.normal(0, 0.0012, metres.shape) * metres ** 2
    depth = (1000 * metres).round().astype(np.uint16)
    shadow = np.roll(masks[2], 9, axis=1) & ~masks[2]  # what the projector does not reach
    depth[shadow] = 0
    depth[rng.random(depth.shape) < 0.08] = 65535
    depth[rng.random(depth.shape) < 0.08] = 0
    return masks, depth


def segments(masks):
    return [SimpleNamespace(id=id, runs=RunLengths.from_mask(mask), label='', score=0.9)
            for id, mask in masks.items()]


def test_each_point_goes_back_into_the_mask_that_it_is_labelled_with(recorded):
    masks, depth = recorded
    found = segments(masks)
    points = cloud([s.runs for s in found], [s.id for s in found], DepthImage(depth), CAMERA)
    columns = np.rint(points['x'] / points['z'] * 585 + 320).astype(int)
    rows = np.rint(points['y'] / points['z'] * 585 + 240).astype(int)
    np.testing.assert_array_equal(np.rint(1000 * points['z']), depth[rows, columns])
    measured = (depth > 0) & (depth < 65535)
    for id, mask in masks.items():
        own = points['label'] == id
        assert mask[rows[own], columns[own]].all()
        assert np.count_nonzero(own) == np.count_nonzero(mask & measured), 'and none is left out'


def test_where_a_thing_is_agrees_with_the_depth_under_its_mask(recorded):
    masks, depth = recorded
    measured = (depth > 0) & (depth < 65535)
    things = things_of(segments(masks), DepthImage(depth), CAMERA, None, '')
    assert [thing.id for thing in things] == [*masks]
    for thing in things:
        median = np.median(depth[masks[thing.id] & measured]) / 1000
        assert thing.distance == pytest.approx(median, abs=0.01)
        assert abs(thing.box.centre[2] - median) <= thing.box.size[2] / 2 + 0.01
