# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Flow between frames, joined over several, and cuts."""

import cv2
import numpy as np
import pytest

from fastsam_ros.following import motion as module
from fastsam_ros.following.motion import Motion, grey_of
from fastsam_ros.following.small_mask import Grid, SmallMask


def picture(shift=0, seed=0, size=(240, 320)):
    """Blots of colour, moved to the right."""
    blots = np.random.default_rng(seed).integers(0, 255, (40, 60, 3), np.uint8)
    wide = cv2.resize(blots, (2 * size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(wide[:, 100 - shift : 100 - shift + size[1]])


def motion_of(*pictures):
    motion = Motion()
    for stamp, image in enumerate(pictures):
        motion.add(image, stamp)
    return motion


@pytest.mark.parametrize('shifts', [(0, 5), (0, 5, 9), (0, 4, 8, 14)])
def test_a_mask_moves_with_the_picture(shifts):
    motion = motion_of(*(picture(shift) for shift in shifts))
    mask = SmallMask(100, 80, np.full((40, 50), 255, np.uint8))
    moved = motion.between(0, len(shifts) - 1).move([mask])[0]
    rows, columns = np.nonzero(moved.values > 127)
    assert abs(moved.x + columns.min() - (100 + shifts[-1])) <= 1
    assert abs(moved.y + rows.min() - 80) <= 1
    assert abs(moved.area - mask.area) < 0.05 * mask.area


def test_what_leaves_the_picture_is_gone():
    motion = motion_of(picture(0), picture(12))
    edge = SmallMask(310, 80, np.full((40, 10), 255, np.uint8))
    assert motion.between(0, 1).move([edge])[0].area < 10


@pytest.mark.parametrize('other', [
    picture(seed=1), np.zeros((240, 320, 3), np.uint8), picture(size=(120, 160))])
def test_there_is_no_way_over_a_cut(other):
    motion = motion_of(picture(), other, other)
    assert motion.between(0, 1) is None
    assert motion.between(0, 2) is None
    assert motion.between(1, 2) is not None


def test_a_wall_of_one_colour_is_no_cut():
    wall = np.full((240, 320, 3), 200, np.uint8)
    assert motion_of(wall, wall).between(0, 1) is not None


def test_frames_that_are_not_kept():
    motion = motion_of(picture(), picture())
    motion.add(picture(), 0)
    assert motion.between(0, 5) is None
    assert motion.between(-1, 1) is None
    motion.forget()
    assert motion.between(0, 1) is None


def test_a_frame_that_the_camera_row_lacks_is_put_into_it():
    motion = Motion()
    for stamp, shift in ((0, 0), (2, 10), (1, 5)):
        motion.add(picture(shift), stamp)
    mask = SmallMask(100, 80, np.full((40, 50), 255, np.uint8))
    for newest, shift in ((1, 5), (2, 10)):
        moved = motion.between(0, newest).move([mask])[0]
        assert abs(moved.x + np.nonzero(moved.values > 127)[1].min() - (100 + shift)) <= 1


def test_ways_are_joined_once_and_anew_when_a_frame_comes_between():
    shifts = {0: 0, 1: 4, 2: 8, 3: 14}
    motion = Motion()
    for stamp in (0, 1, 3):
        motion.add(picture(shifts[stamp]), stamp)
    motion.between(0, 3)
    assert motion.between(0, 3) is motion.between(0, 3)
    motion.add(picture(shifts[2]), 2)
    fresh = motion_of(*(picture(shift) for shift in shifts.values()))
    for newest in shifts:
        np.testing.assert_array_equal(
            motion.between(0, newest).movement, fresh.between(0, newest).movement)
    motion.forget()
    assert motion.between(0, 3) is None


def test_a_picture_is_shrunk_once(monkeypatch):
    motion, image = motion_of(picture(), picture(5)), picture()
    monkeypatch.setattr(module, 'grey_of', None)
    motion.add(image, 1)


@pytest.mark.parametrize('size', [(480, 854), (481, 961), (60, 40), (97, 480), (1081, 1921)])
def test_grey_pictures_are_means_of_squares(size):
    rgb = np.random.default_rng(4).integers(0, 256, (*size, 3), np.uint8)
    side = 2 * Grid(*size).factor
    rows, columns = size[0] // side, size[1] // side
    grey = cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2GRAY)
    wanted = cv2.resize(
        grey[: rows * side, : columns * side], (columns, rows), interpolation=cv2.INTER_AREA)
    wide = np.zeros((size[0], size[1] + 5, 4), np.uint8)
    wide[:, :-5, :3] = rgb
    for image in (rgb, np.ascontiguousarray(rgb[..., ::-1])[..., ::-1], wide[:, :-5, :3]):
        assert np.abs(grey_of(image) - wanted).max() <= 0.51


@pytest.mark.parametrize('size', [(600, 61_440), (600, 62_000), (62_000, 600)])
def test_white_is_white_in_very_large_pictures_too(size):
    line = np.full((1, size[1], 3), 255, np.uint8)
    white = np.broadcast_to(line, (*size, 3))  # takes the memory of a row
    assert (grey_of(white) == 255).all()


@pytest.mark.parametrize('size', [(1, 1), (1, 9), (7, 3), (13, 40), (24, 24)])
def test_the_smallest_pictures_have_a_way_too(size):
    image = np.random.default_rng(5).integers(0, 256, (*size, 3), np.uint8)
    motion = motion_of(image, image, image)
    (moved,) = motion.between(0, 2).move([SmallMask(0, 0, np.full(size, 255, np.uint8))])
    assert moved.area == size[0] * size[1]


def test_what_is_forgotten_is_what_is_older():
    motion = motion_of(*(picture(shift) for shift in (0, 4, 8, 14)))
    motion.between(0, 3)
    motion.forget_before(2)
    assert motion.between(0, 3) is None
    assert motion.between(1, 3) is None
    assert motion.between(2, 3) is not None
