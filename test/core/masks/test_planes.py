# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prototypes give the same masks however they lie in memory."""

import numpy as np
import pytest
from random_masks import random_masks

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import decode, decode_grown, detect
from fastsam_ros.core.masks.planes import laid_out
from fastsam_ros.core.masks.shaping import move_sides


def pixel_by_pixel(planes):
    return np.ascontiguousarray(planes.transpose(1, 2, 0)).transpose(2, 0, 1)


def every_other(planes):
    wide = np.full([2 * size for size in planes.shape], np.nan, np.float32)
    wide[1::2, ::2, 1::2] = planes
    return wide[1::2, ::2, 1::2]


def backwards(planes):
    return np.ascontiguousarray(planes[::-1, ::-1, ::-1])[::-1, ::-1, ::-1]


def between_bytes(planes):
    fields = np.zeros(planes.shape, [('value', np.float32), ('byte', np.uint8)])
    fields['value'] = planes
    return fields['value']


def unaligned(planes):
    fields = np.zeros(planes.shape, [('byte', np.uint8), ('value', np.float32), ('rest', 'V3')])
    fields['value'] = planes
    return fields['value']


def doubled(planes):
    return planes.astype(np.float64)


LAYOUTS = pixel_by_pixel, every_other, backwards, between_bytes, unaligned, doubled


def same_tables(one, other):
    np.testing.assert_array_equal(one.boxes, other.boxes)
    np.testing.assert_array_equal(one.counts, other.counts)


@pytest.mark.parametrize('lay', LAYOUTS)
# Blocks that end with the prototypes and others; planes that are no multiple of four.
@pytest.mark.parametrize(('height', 'width', 'count'), [
    (12, 16, 32), (13, 17, 32), (37, 50, 32), (3, 5, 32), (30, 47, 7), (9, 33, 1)])
def test_masks_and_boxes_are_the_same(lay, height, width, count):
    rng = np.random.default_rng(height)
    letterbox = Letterbox.fit(4 * height, 4 * width, 4 * width)
    planes = rng.normal(size=(count, height, width)).astype(np.float32)
    coefficients = rng.normal(size=(20, count)).astype(np.float32)
    corners = np.sort(rng.uniform(-0.1, 1.1, (20, 2, 2)), axis=1) * (4 * width, 4 * height)
    boxes = corners.reshape(20, 4).astype(np.float32)
    other = lay(planes)
    masks = decode(coefficients, planes, boxes, letterbox)
    assert masks.areas.sum() > height * width
    same_tables(decode(coefficients, other, boxes, letterbox), masks)
    image = np.array([0, 0, width, height], np.float64)
    sides = boxes.astype(np.float64) / 4
    np.testing.assert_array_equal(
        move_sides(coefficients, other, image, 0.5, sides),
        move_sides(coefficients, planes, image, 0.5, sides))


@pytest.mark.parametrize('lay', LAYOUTS)
@pytest.mark.parametrize('size', [(210, 310), (480, 640), (90, 300)])
def test_grown_masks_are_the_same(lay, size):
    coefficients, planes, extents, letterbox = random_masks(*size)
    grown, moved = decode_grown(coefficients, planes, extents, letterbox)
    again, there = decode_grown(coefficients, lay(planes), extents, letterbox)
    assert (moved != extents).any()
    same_tables(again, grown)
    np.testing.assert_array_equal(there, moved)


@pytest.mark.parametrize('lay', LAYOUTS)
def test_suppression_is_the_same(lay):
    coefficients, planes, extents, letterbox = random_masks(210, 310, count=60)
    rng = np.random.default_rng(1)
    sides = extents[:, 2:] - extents[:, :2]
    scores = rng.uniform(0.1, 1, (60, 1))
    rows = np.concatenate([extents[:, :2] + sides / 2, sides + 40, scores, coefficients], axis=1)
    predictions = np.ascontiguousarray(rows.T, np.float32)
    found = detect(predictions, 0.1, 0.3, 60, planes)
    assert 5 < len(found.scores) < 60
    again = detect(predictions, 0.1, 0.3, 60, lay(planes))
    for name in ('boxes', 'scores', 'coefficients'):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))


def test_many_masks_and_masks_of_whole_pictures_are_those_of_each():
    coefficients, planes, extents, letterbox = random_masks(480, 640, count=400, seed=5)
    extents[3:] = 0, 0, 640, 480
    assert 400 * planes[0].size > 1 << 20  # more than are computed together
    together, moved = decode_grown(coefficients, planes, extents, letterbox)
    for number in (0, 1, 3, 77, 200, 399):
        only = slice(number, number + 1)
        alone, box = decode_grown(coefficients[only], planes, extents[only], letterbox)
        same_tables(together.select([number]), alone)
        np.testing.assert_array_equal(moved[only], box)


def test_nothing_is_copied_that_lies_well():
    planes = np.zeros((32, 6, 8), np.float32)
    for view in (planes, pixel_by_pixel(planes), every_other(planes), backwards(planes)):
        read, layout = laid_out(view)
        assert read is view
        assert layout.tolist() == [32, 6, 8, *(stride // 4 for stride in view.strides)]


@pytest.mark.parametrize('prototypes', [
    None, np.ones((32, 100), np.float32), np.ones((1, 32, 12, 16), np.float32), np.float32(1),
    np.ones((32, 1, 16), np.float32), np.ones((32, 12, 1), np.float32)])
def test_what_are_no_prototypes_is_refused(prototypes):
    coefficients, boxes = np.ones((1, 32), np.float32), np.array([[0, 0, 60, 40]], np.float32)
    letterbox = Letterbox.fit(48, 64, 64)
    sides, image = np.array([[0, 0, 15, 10]], np.float64), np.array([0, 0, 16, 12], np.float64)
    for use in (
        lambda: decode(coefficients, prototypes, boxes, letterbox),
        lambda: decode_grown(coefficients, prototypes, boxes, letterbox),
        lambda: move_sides(coefficients, prototypes, image, 0.5, sides),
        lambda: laid_out(prototypes),
    ):
        with pytest.raises(ValueError, match='expected planes, rows and columns'):
            use()
    if prototypes is not None:  # without them boxes are compared alone
        with pytest.raises(ValueError, match='expected planes, rows and columns'):
            detect(np.ones((37, 5), np.float32), 0.1, 0.5, 5, prototypes)


@pytest.mark.parametrize('lay', [np.asarray, pixel_by_pixel])
@pytest.mark.parametrize('box', [
    (np.nan, 10, 300, 300), (np.nan, -10, 650, 490), (10, np.nan, 300, 300),
    (0, 0, np.nan, 300), (-np.inf, 0, np.inf, 480), (700, 0, 900, 480), (0, 700, 640, 900),
    (0, 5000, 640, 9000), (-900, 0, -200, 480), (0, -9000, 640, -5000), (-1e25, 0, 1e25, 480)])
def test_a_box_that_is_none_harms_no_other(lay, box):
    planes = lay(np.ones((32, 120, 160), np.float32))
    letterbox = Letterbox.fit(480, 640, 640)
    boxes = np.array([(0, 0, 50, 50), box, (100, 100, 150, 160)], np.float32)
    coefficients = np.ones((3, 32), np.float32)
    one_by_one = [
        decode_grown(coefficients[:1], planes, boxes[number : number + 1], letterbox)[0]
        for number in range(3)]
    together, _ = decode_grown(coefficients, planes, boxes, letterbox)
    assert together.areas[0] > 2500 and together.areas[2] > 3000
    for number, alone in enumerate(one_by_one):
        same_tables(together.select([number]), alone)
