# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth under masks: against the plain definition, and against solids of known place and size."""

import numpy as np
from oracles import space as oracle
import pytest
from space.made_depth import CAMERA, see_box, see_sphere, take, turn_about
from space.made_info import make_info

from fastsam_ros.core.errors import DepthError
from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths
from fastsam_ros.space.boxes import boxes
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.points import cloud, measure
from fastsam_ros.space.transforms import Transform

SMALL = CameraModel(97, 61, (80.0, 90.0), (50.3, 28.1))
ENCODINGS = ('16UC1', '32FC1')


def make_masks(rng: np.random.Generator) -> list[np.ndarray]:
    """Blobs, thin lines, noise, single pixels, all of the image, nothing."""
    rows, columns = np.mgrid[:61, :97]
    masks = [np.zeros((61, 97), bool), np.ones((61, 97), bool)]
    for _ in range(12):
        y, x, r = rng.integers(0, 61), rng.integers(0, 97), rng.integers(2, 30)
        masks.append((rows - y) ** 2 + (columns - x) ** 2 < r * r)
    masks += [rows == 7, columns == 96, (rows // 3 + columns // 4) % 2 == 0,
              rng.random((61, 97)) < 0.6, (rows == 60) & (columns == 0)]
    return masks


def make_depth(rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[:61, :97]
    depth = 1000 + 12 * columns + 3 * rows + rng.normal(0, 8, rows.shape)
    depth[rows > 40] += 900
    depth[rng.random(rows.shape) < 0.15] = 0
    depth[rng.random(rows.shape) < 0.02] = 65535
    return depth.astype(np.uint16)


@pytest.mark.parametrize('seed', range(4))
def test_measurements_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    masks, depth = make_masks(rng), make_depth(rng)
    runs = [RunLengths.from_mask(mask) for mask in masks]
    found = measure(runs, DepthImage(depth), SMALL)
    half = 0.5 * found.depth[:, None] / np.array(SMALL.focal)
    for n, mask in enumerate(masks):
        expected = oracle.measure(mask, depth, SMALL.rays())
        assert found.depth[n] * 1000 == pytest.approx(expected[0])
        assert found.coverage[n] == pytest.approx(expected[2] / max(expected[1], 1))
        assert found.points[n] == expected[3]
        if found.reliable[n]:
            np.testing.assert_allclose(found.low[n, :2] + half[n], expected[4:6], atol=1e-6)
            np.testing.assert_allclose(found.high[n, :2] - half[n], expected[7:9], atol=1e-6)
            depths = found.low[n, 2], found.high[n, 2]
            assert depths == pytest.approx((expected[6], expected[9]))
    assert found.reliable.any() and not found.reliable.all()


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_a_cloud_is_that_of_the_definition(encoding):
    rng = np.random.default_rng(1)
    masks, depth = make_masks(rng), make_depth(rng)
    metres = np.where(depth < 65535, depth, 0) * np.float32(0.001)
    image = DepthImage(depth if encoding == '16UC1' else np.where(metres > 0, metres, np.nan))
    labels = list(range(100, 100 + len(masks)))
    picture = rng.integers(0, 256, (61, 97, 3), np.uint8)
    runs = [RunLengths.from_mask(mask) for mask in masks]
    found = cloud(runs, labels, image, SMALL, picture)
    expected = oracle.cloud(masks, labels, metres, SMALL.rays())
    got = np.stack([found[name].astype(float) for name in ('x', 'y', 'z', 'label')], axis=1)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    column, row = SMALL.project(got[:, :3])
    colours = picture[np.rint(row).astype(int), np.rint(column).astype(int)].astype(np.uint32)
    assert (found['rgb'] == colours @ np.array([1 << 16, 1 << 8, 1], np.uint32)).all()


@pytest.mark.parametrize('encoding', ENCODINGS)
@pytest.mark.parametrize('focal, lens, d', [
    (20.0, 'equidistant', (0.1, 0.02, 0.0, 0.0)),  # looks sideways
    (40.0, 'plumb_bob', (-0.2, 0.0, 0.0, 0.0)),  # turns back inside of the image
    (40.0, 'rational_polynomial', (0.0, -0.15, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0)),
])
def test_where_a_lens_has_no_ray_there_is_no_point_and_no_box(encoding, focal, lens, d):
    camera = CameraModel(97, 61, (focal, focal), (48.0, 30.0), lens, d)
    sideways = np.isnan(camera.rays()[0])
    assert 0 < np.count_nonzero(sideways) < sideways.size
    metres = np.ones((61, 97), np.float32)
    depth = DepthImage(metres if encoding == '32FC1' else (1000 * metres).astype(np.uint16))
    whole = [RunLengths.from_mask(mask) for mask in (sideways, ~sideways, np.ones_like(sideways))]
    points = cloud(whole[:2], [1, 2], depth, camera)
    assert len(points) == np.count_nonzero(~sideways) and (points['label'] == 2).all()
    assert np.isfinite([points[axis] for axis in 'xyz']).all()
    found = measure(whole, depth, camera)
    assert found.reliable.tolist() == [False, True, True]
    assert np.isfinite([found.low, found.high]).all()


def test_the_largest_float_is_no_depth():
    depth = np.full((61, 97), np.finfo(np.float32).max)
    depth[20:40, 20:40] = 9e5
    whole = [RunLengths.from_mask(np.ones((61, 97), bool))]
    points = cloud(whole, [1], DepthImage(depth), SMALL)
    assert len(points) == DepthImage(depth).valid.sum() == 400
    assert np.isfinite([points[axis] for axis in 'xyz']).all()


def test_of_nothing_comes_nothing():
    depth = DepthImage(np.full((61, 97), 1000, np.uint16))
    assert len(cloud([], [], depth, SMALL)) == 0
    assert boxes(measure([], depth, SMALL)) == []
    assert boxes(measure([EMPTY], depth, SMALL)) == [None]
    whole = [RunLengths.from_mask(np.ones((61, 97), bool))]
    for nothing in (np.zeros((61, 97), np.uint16), np.full((61, 97), np.nan, np.float32)):
        assert boxes(measure(whole, DepthImage(nothing), SMALL)) == [None]
        assert len(cloud(whole, [1], DepthImage(nothing), SMALL)) == 0


def test_a_mask_with_two_surfaces_and_hardly_any_depth_has_no_box():
    depth = np.zeros((61, 97), np.uint16)
    depth[::2] = 1000  # elsewhere there is depth
    depth[:, :40] = 0
    depth[10:14, 10:14] = 2000
    thing = np.zeros((61, 97), bool)
    thing[5:35, 5:35] = True
    found = measure([RunLengths.from_mask(thing)], DepthImage(depth), SMALL)
    assert found.points[0] == 16 and not found.reliable[0]


@pytest.mark.parametrize('encoding', ENCODINGS)
@pytest.mark.parametrize('tilt', [0, 45])
def test_a_plane(encoding, tilt):
    pose = Transform(turn_about('y', tilt), np.array([0.2, -0.1, 2.0]))
    found = measure_one(see_box(CAMERA, (0.4, 0.3, 1e-4), pose), encoding)
    wide = 0.4 * np.cos(np.radians(tilt))
    assert_box(found, (0.2, -0.1, 2.0), (wide, 0.3, 0.4 * np.sin(np.radians(tilt))))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_a_box_of_which_one_side_is_seen(encoding):
    pose = Transform(np.eye(3), np.array([-0.02, 0.05, 2.1]))
    found = measure_one(see_box(CAMERA, (0.5, 0.4, 0.2), pose), encoding)
    assert_box(found, (-0.02, 0.05, 2.0), (0.5, 0.4, 0.0))


@pytest.mark.parametrize('encoding', ENCODINGS)
@pytest.mark.parametrize('binning', [1, 2])
def test_a_box_in_a_region_of_interest_of_a_binned_image(encoding, binning):
    full = CameraModel.from_info(make_info(), 640, 480)
    pose = Transform(np.eye(3), np.array([-0.02, 0.05, 2.1]))
    seen = see_box(full, (0.5, 0.4, 0.2), pose)[60:420:binning, 100:540:binning]
    camera = CameraModel.from_info(make_info(
        x_offset=100, y_offset=60, roi=(440, 360), binning_x=binning, binning_y=binning),
        *seen.shape[::-1])
    mask, depth = take(seen, encoding)
    (found,) = boxes(measure([mask], depth, camera))
    assert_box(found, (-0.02, 0.05, 2.0), (0.5, 0.4, 0.0))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_a_sphere(encoding):
    centre, radius = np.array([0.1, 0.1, 2.0]), 0.2
    found = measure_one(see_sphere(CAMERA, radius, centre), encoding)
    assert abs(found.centre - centre)[:2].max() < 0.01
    assert found.size[:2] == pytest.approx([2 * radius] * 2, rel=0.03)
    # What is seen is the half that looks this way.
    assert found.centre[2] - found.size[2] / 2 == pytest.approx(2.0 - radius, abs=0.01)


@pytest.mark.parametrize('encoding', ENCODINGS)
@pytest.mark.parametrize('yaw', [0, 20, 45])
def test_a_box_on_the_ground_seen_from_a_camera_that_looks_down_askew(encoding, yaw):
    # The camera hangs 2 m above the ground, turned by 45 degrees about its axis and tilted.
    rotation = turn_about('z', 45) @ turn_about('x', 180 + 8)
    camera = Transform(rotation, np.array([0.3, -0.2, 2.2]))
    ground = Transform(turn_about('z', yaw), np.array([0.4, 0.05, 0.1]))
    to_camera = Transform(
        camera.inverse().rotation @ ground.rotation, camera.inverse()(ground.translation[None])[0])
    mask, depth = take(see_box(CAMERA, (0.5, 0.3, 0.2), to_camera), encoding)
    (found,) = boxes(measure([mask], depth, CAMERA, sampled=True), camera)
    assert abs(found.centre[:2] - [0.4, 0.05]).max() < 0.01
    assert found.centre[2] + found.size[2] / 2 == pytest.approx(0.2, abs=0.01)
    # At a quarter turn nothing tells which of the two sides is which.
    sizes = (0.5, 0.3) if abs(found.yaw - np.radians(yaw)) < 0.1 else (0.3, 0.5)
    assert found.size[:2] == pytest.approx(sizes, rel=0.03)
    assert abs(np.sin(2 * (found.yaw - np.radians(yaw)))) < 0.05


def measure_one(distance: np.ndarray, encoding: str):
    mask, depth = take(distance, encoding)
    (found,) = boxes(measure([mask], depth, CAMERA))
    return found


def assert_box(found, centre: tuple, size: tuple) -> None:
    assert abs(found.centre - centre).max() < 0.01
    for measured, true in zip(found.size, size):
        assert measured == pytest.approx(true, rel=0.03) if true else measured < 0.01


@pytest.mark.parametrize('size', [(61, 98), (60, 97)])
def test_masks_and_cameras_of_another_image_are_refused(size):
    depth, mask = DepthImage(np.full(size, 1000, np.uint16)), np.ones((61, 97), bool)
    own = CameraModel(size[1], size[0], (80.0, 90.0), (50.0, 28.0))
    runs = [RunLengths.from_mask(mask)]
    for work in (measure, lambda masks, *rest: cloud(masks, [1], *rest)):
        with pytest.raises(DepthError, match='97x61'):
            work(runs, depth, SMALL)
        if size[0] < 61:
            with pytest.raises(DepthError, match='masks are those of another image'):
                work(runs, depth, own)
