# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth of another sensor as an image's own."""

import numpy as np
import pytest
from space.made_depth import CAMERA, see_box, turn_about

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.projection import (
    pixel_of,
    points_of,
    project_depth,
    project_points,
    register,
)
from fastsam_ros.space.transforms import Transform

ASIDE = Transform(turn_about('y', 4), np.array([-0.06, 0.01, 0.02]))  # depth camera -> image's
DEPTH_CAMERA = CameraModel(424, 240, (300.0, 300.0), (212.0, 120.0))
BOX = (0.5, 0.4, 0.2)


def see_room(camera: CameraModel, to_camera: Transform) -> np.ndarray:
    """A box two metres before a wall, given in the image's frame, seen from some camera."""
    box = Transform(to_camera.rotation, to_camera(np.array([[0.0, 0, 2.1]]))[0])
    wall = Transform(to_camera.rotation, to_camera(np.array([[0.0, 0, 4.0]]))[0])
    return np.minimum(see_box(camera, BOX, box), see_box(camera, (20, 20, 0.01), wall))


def test_depth_of_a_camera_aside_is_that_of_a_camera_on_the_spot():
    depth = DepthImage(see_room(DEPTH_CAMERA, ASIDE.inverse()).astype(np.float32))
    found = project_depth(depth, DEPTH_CAMERA, CAMERA, ASIDE).depth
    truth = see_room(CAMERA, Transform(np.eye(3), np.zeros(3)))
    error = np.abs(found.metres - truth)[found.valid]
    assert found.density > 0.2
    # A pixel of the depth camera is wide: at outlines it may fall on the wrong side.
    assert np.mean(error < 0.01) > 0.98


def test_nothing_that_is_hidden_shows_through_the_gaps_between_nearer_points():
    depth = DepthImage(see_room(DEPTH_CAMERA, ASIDE.inverse()).astype(np.float32))
    found = project_depth(depth, DEPTH_CAMERA, CAMERA, ASIDE).depth
    truth = see_room(CAMERA, Transform(np.eye(3), np.zeros(3)))
    on_the_box = np.zeros(truth.shape, bool)
    on_the_box[200:280, 260:380] = True  # well inside
    assert (truth[on_the_box] < 2.2).all()
    assert (found.metres[on_the_box & found.valid] < 2.2).all()


@pytest.mark.parametrize('kind', [np.uint16, np.float32])
def test_the_same_camera_on_the_spot_sees_its_own_depth(kind):
    rng = np.random.default_rng(0)
    millimetres = rng.integers(500, 4000, (480, 640))
    millimetres[rng.random(millimetres.shape) < 0.2] = 0
    depth = DepthImage(
        millimetres.astype(np.uint16) if kind is np.uint16 else
        (millimetres / 1000).astype(np.float32))
    found = project_depth(depth, CAMERA, CAMERA, Transform(np.eye(3), np.zeros(3)))
    np.testing.assert_allclose(found.depth.metres, depth.metres, atol=1e-6)
    mask = rng.random(millimetres.shape) < 0.5
    assert (found.inside(mask, mask.shape) == (mask & depth.valid)).all()


def test_of_two_points_on_a_pixel_the_nearer_wins_in_any_order():
    points = np.array([[0, 0, 5], [0, 0, 2], [0, 0, 3], [0.5, 0, 4], [np.nan, 0, 1], [0, 0, -1],
                       [90, 0, 1]], np.float32)
    here = Transform(np.eye(3), np.zeros(3))
    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [1, 0, 2, 4, 6, 3, 5]):
        found = project_points(points[order], CAMERA, here)
        assert found.depth.metres[240, 320] == 2
        assert found.depth.valid.sum() == 2
        seen = np.array(order)[found.pixels >= 0]
        assert sorted(seen) == [1, 3]


def test_a_lidar_sees_nothing_of_what_the_camera_sees_hidden():
    # 0.6 m above the camera it looks over the box at the wall.
    lidar = Transform(np.eye(3), np.array([0, -0.6, 0.0]))
    wide = CameraModel(200, 60, (100.0, 100.0), (100.0, 30.0))
    distance = see_room(wide, lidar.inverse()).astype(np.float32)
    cloud = points_of(DepthImage(distance), wide)
    found = project_points(cloud, CAMERA, lidar).depth
    truth = see_room(CAMERA, Transform(np.eye(3), np.zeros(3)))
    behind = found.valid & (found.metres > truth + 0.5)
    naive = project_points(cloud[cloud[:, 2] > 3], CAMERA, lidar).depth
    assert (naive.valid & (naive.metres > truth + 0.5)).sum() > 100  # it does look behind
    assert behind.sum() < 0.05 * found.valid.sum()


def never():
    raise AssertionError('not needed')


def test_depth_of_the_same_frame_and_size_lies_on_the_image():
    depth = DepthImage(np.ones((480, 640), np.float32))
    found = register(depth, ('optical', 'optical'), CAMERA, never, never)
    assert found.depth is depth
    mask = np.eye(480, 640) > 0
    assert found.inside(mask, mask.shape) is mask


@pytest.mark.parametrize('frames, size, moved', [
    (('depth', 'optical'), CAMERA, True), (('depth', 'optical'), DEPTH_CAMERA, True),
    (('optical', 'optical'), DEPTH_CAMERA, False)])
def test_any_other_depth_is_brought_there(frames, size, moved):
    depth = DepthImage(np.ones((size.height, size.width), np.float32))
    aside = Transform(np.eye(3), np.array([0, 0, 0.5]))
    found = register(depth, frames, CAMERA, lambda: size, (lambda: aside) if moved else never)
    assert found.depth.metres[240, 320] == pytest.approx(1.5 if moved else 1)
    whole = found.inside(np.ones((480, 640), bool), (size.height, size.width))
    assert whole.shape == depth.pixels.shape and whole.any()


def test_depth_of_another_size_than_its_camera_is_refused():
    with pytest.raises(DepthError, match='424x240.*640x480'):
        project_depth(
            DepthImage(np.ones((240, 424), np.float32)), CAMERA, CAMERA, ASIDE)


def test_a_point_in_space_is_a_pixel():
    assert pixel_of(np.array([0.1, -0.2, 2.0]), CAMERA) == (348, 184)


@pytest.mark.parametrize('point, words', [
    ((0.0, 0, -1), 'behind the camera'), ((0.0, 0, 0), 'behind the camera'),
    ((0.0, 0, np.inf), 'have to be finite'), ((np.nan, 0, 1), 'have to be finite'),
    ((5.0, 0, 1), 'outside of the image'), ((0.0, -1, 1), 'outside of the image'),
])
def test_a_point_that_is_not_seen_is_refused(point, words):
    with pytest.raises(DepthError, match=words):
        pixel_of(np.array(point), CAMERA)


def test_a_point_behind_something_is_refused_and_one_on_it_is_not():
    pixels = np.full((480, 640), 2000, np.uint16)
    pixels[:, :100] = 0
    depth = DepthImage(pixels)
    assert pixel_of(np.array([0.0, 0, 2.05]), CAMERA, depth) == (320, 240)
    assert pixel_of(np.array([0.0, 0, 1.0]), CAMERA, depth) == (320, 240)
    with pytest.raises(DepthError, match='3.00 m away, but something 2.00 m away hides it'):
        pixel_of(np.array([0.0, 0, 3.0]), CAMERA, depth)
    assert pixel_of(np.array([-1.5, 0, 3.0]), CAMERA, depth) == (40, 240)  # no depth to tell
