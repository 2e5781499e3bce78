# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where pixels look: against OpenCV's own projection, for every lens, region and binning."""

import cv2
import numpy as np
import pytest
from space.made_info import K, P, make_info

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.camera_model import CameraModel

LENSES = {
    'plumb_bob': [-0.28, 0.09, 0.001, -0.0007, -0.01],
    'rational_polynomial': [0.6, -2.6, 0.0003, -0.0005, 1.5, 0.5, -2.4, 1.4],
    'equidistant': [-0.02, 0.006, -0.004, 0.001],
}
MATRIX = np.array(K).reshape(3, 3)


def see(lens: str, d: list, points: np.ndarray) -> np.ndarray:
    """Where OpenCV projects points to: (N, 2)."""
    project = cv2.fisheye.projectPoints if lens == 'equidistant' else cv2.projectPoints
    flat = points.reshape(-1, 1, 3).astype(float)
    return project(flat, np.zeros(3), np.zeros(3), MATRIX, np.array(d))[0].reshape(-1, 2)


@pytest.mark.parametrize('lens', LENSES)
def test_rays_are_what_the_lens_bends_to_their_pixels(lens):
    d = LENSES[lens]
    camera = CameraModel.from_info(make_info(distortion_model=lens, d=d), 640, 480)
    rays = camera.rays()[:, ::37, ::41]
    points = np.stack([*rays, np.ones_like(rays[0])], axis=-1).reshape(-1, 3)
    rows, columns = np.mgrid[:480:37, :640:41]
    expected = np.stack([columns.ravel(), rows.ravel()], axis=1)
    np.testing.assert_allclose(see(lens, d, points), expected, atol=0.02)
    found = np.stack(camera.project(points * 2.5), axis=1)
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_a_raw_image_without_distortion_goes_by_k_and_a_rectified_one_by_p():
    bent = make_info(d=LENSES['plumb_bob'])
    assert CameraModel.from_info(make_info(), 640, 480).focal == (500, 510)
    rectified = CameraModel.from_info(bent, 640, 480, rectified=True)
    assert (rectified.focal, rectified.centre) == ((480, 480), (318, 240))
    assert not rectified.lens


def test_a_right_camera_stands_beside_the_frame_of_its_pair():
    p = [*P]
    p[3] = -480 * 0.12
    camera = CameraModel.from_info(make_info(p=p), 640, 480, rectified=True)
    column, row = camera.project(np.array([[0.3, 0.1, 2.0]]))
    expected = np.array(p).reshape(3, 4) @ [0.3, 0.1, 2, 1]
    assert (column[0], row[0]) == pytest.approx(tuple(expected[:2] / expected[2]))


def test_the_region_of_interest_is_cut_before_binning():
    info = make_info(x_offset=100, y_offset=40, roi=(320, 200), binning_x=2, binning_y=4)
    camera = CameraModel.from_info(info, 160, 50)
    assert camera.focal == (250, 127.5)
    assert camera.centre == ((322 - 100) / 2, (236 - 40) / 4)
    full = CameraModel.from_info(make_info(), 640, 480)
    np.testing.assert_allclose(camera.rays()[:, 10, 30], full.rays()[:, 80, 160], atol=1e-6)


def test_a_region_of_interest_of_a_bent_lens_is_cut_out_of_the_bent_image():
    d = LENSES['plumb_bob']
    full = CameraModel.from_info(make_info(d=d), 640, 480)
    part = CameraModel.from_info(
        make_info(d=d, x_offset=300, y_offset=200, roi=(340, 280)), 340, 280)
    np.testing.assert_allclose(part.rays(), full.rays()[:, 200:, 300:], atol=1e-5)


def test_points_that_a_bent_lens_folds_back_are_not_seen():
    d = LENSES['plumb_bob']
    camera = CameraModel.from_info(make_info(d=d), 640, 480)
    aside = np.array([[3.0, 0, 1], [0, 0, -1.0], [0, 0, 0], [0.1, 0, 1]])
    columns, rows = camera.project(aside)
    assert np.isnan(columns[:3]).all() and np.isnan(rows[:3]).all()
    assert np.isfinite(columns[3])


def test_points_beside_what_a_lens_can_show_are_not_seen_in_its_corners():
    d = [-0.2, 0.0, 0.0, 0.0]
    folded = make_info(d=d, k=[350.0, 0, 320.0, 0, 350.0, 240.0, 0, 0, 1])
    camera = CameraModel.from_info(folded, 640, 480)
    angles = np.radians([0, 40, 51, 56, 60, 69, 80])  # the polynomial turns back at 52.2 degrees
    points = np.stack([np.sin(angles), 0 * angles, np.cos(angles)], axis=1)
    columns, rows = camera.project(points)
    assert np.isfinite(columns).tolist() == np.isfinite(rows).tolist() == [True] * 3 + [False] * 4


def test_which_pixels_have_a_ray_is_computed_once_and_not_said_where_all_have_one():
    folded = make_info(d=[-0.25, 0.0, 0.0, 0.0], k=[300.0, 0, 320.0, 0, 300.0, 240.0, 0, 0, 1])
    one, other = (CameraModel.from_info(folded, 640, 480) for _ in range(2))
    assert one.seeing() is other.seeing()
    assert (one.seeing() == np.isfinite(one.rays()).all(axis=0)).all()
    assert np.count_nonzero(one.seeing()) / one.seeing().size == pytest.approx(0.545, abs=0.001)
    for d in ([0.0] * 5, LENSES['plumb_bob']):
        assert CameraModel.from_info(make_info(d=d), 640, 480).seeing() is None


@pytest.mark.filterwarnings('error')
def test_a_lens_that_bends_everything_away_shows_nothing():
    aside = [500.0, 0, -90.0, 0, 510.0, 236.0, 0, 0, 1]  # not even straight ahead
    camera = CameraModel.from_info(make_info(d=[1e200, -1e200, 0.0, 0.0], k=aside), 640, 480)
    assert not camera.seeing().any()
    assert np.isnan(camera.project(np.array([[0.1, 0, 1]]))).all()


def test_rays_are_computed_once_and_cannot_be_changed():
    one, other = (CameraModel.from_info(make_info(), 640, 480) for _ in range(2))
    assert one.rays() is other.rays()
    with pytest.raises(ValueError):
        one.rays()[0, 0, 0] = 1


@pytest.mark.parametrize('changes, rectified, words', [
    ({'k': [0.0] * 9}, False, 'without a focal length'),
    ({'k': [np.nan] * 9}, False, 'without a focal length'),
    ({'k': [500.0, 0, 322.0, 0, 0.0, 236.0, 0, 0, 1]}, False, 'K of .*without a focal length'),
    ({'k': [500.0, 0, 322.0, 0, -510.0, 236.0, 0, 0, 1]}, False, 'without a focal length'),
    ({'p': [0.0] * 12}, True, 'has no P'),
    ({'p': [480.0, 0, 318.0, 0] + [0.0] * 8}, True, 'P of .*without a focal length'),
    ({'p': [np.inf] * 12}, True, 'P of .*without a focal length'),
    ({'d': [np.nan] * 5}, False, 'D of camera_info .*nan'),
    ({'d': [0.1, np.inf, 0, 0, 0]}, False, 'D of camera_info .*inf'),
    ({'distortion_model': 'wobbly', 'd': [0.1]}, False, "'wobbly'.*plumb_bob"),
    ({'d': [0.1, 0.2]}, False, '2 coefficients for plumb_bob, which takes 4 or 5'),
    ({'width': 1280, 'height': 960}, False, '1280x960.*640x480'),
    ({'binning_x': 2, 'binning_y': 2}, False, '320x240.*640x480'),
    ({'roi': (100, 100)}, False, '100x100.*640x480'),
])
def test_what_is_not_this_images_calibration_is_refused(changes, rectified, words):
    with pytest.raises(DepthError, match=words):
        CameraModel.from_info(make_info(**changes), 640, 480, rectified)
