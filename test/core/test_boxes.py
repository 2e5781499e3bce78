# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Overlaps, whole pixels, and the image's border."""

import numpy as np
from oracles import nms
import pytest
import torch

from fastsam_ros.backends.checkpoints import torchvision_is_optional
from fastsam_ros.core.boxes import (
    pairwise_intersection,
    pairwise_iou,
    pixel_windows,
    snap_to_border,
)

with torchvision_is_optional():
    from ultralytics.models.fastsam.utils import adjust_bboxes_to_image_border

FIRST = np.array([[0, 0, 10, 10], [5, 5, 5, 5], [9, 9, 1, 1]])
SECOND = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [5, 5, 5, 5]])


@pytest.mark.parametrize('dtype', [np.int64, np.float32, np.float64])
def test_by_hand(dtype):
    first, second = FIRST.astype(dtype), SECOND.astype(dtype)
    shared = [[100, 50, 0, 0], [0] * 4, [0] * 4]
    np.testing.assert_array_equal(pairwise_intersection(first, second), shared)
    iou = pairwise_iou(first, second)
    np.testing.assert_allclose(iou, [[1, 1 / 3, 0, 0], [0] * 4, [0] * 4], rtol=1e-6)
    assert iou.dtype == np.float32


def test_each_pair_as_one_by_one():
    low = np.random.default_rng(0).uniform(0, 100, (2, 30, 2))
    first, second = np.concatenate([low, low[::-1] + 60], axis=2)
    expected = [[nms.iou(one, other) for other in second] for one in first]
    np.testing.assert_allclose(pairwise_iou(first, second), expected, atol=1e-6)
    turned = np.asfortranarray(first.astype(np.float32))
    np.testing.assert_array_equal(pairwise_iou(turned, second), pairwise_iou(first, second))


def test_no_boxes():
    none = np.empty((0, 4), np.float32)
    assert pairwise_iou(none, FIRST.astype(np.float32)).shape == (0, 3)
    assert pairwise_iou(FIRST.astype(np.float32), none).shape == (3, 0)


def test_boxes_near_the_border_move_onto_it():
    boxes = np.array(
        [[5, 25, 100, 90], [19.9, 20, 280, 180.1], [3, 4, 296, 199], [40, 40, 90, 90]], np.float32)
    expected = adjust_bboxes_to_image_border(torch.from_numpy(boxes.copy()), (200, 300)).numpy()
    expected[2] = 0, 0, 300, 200
    np.testing.assert_array_equal(snap_to_border(boxes, 200, 300), expected)


def test_windows_hold_the_pixels_inside_boxes():
    boxes = np.float32([
        [2.2, 3.0, 7.8, 9.0], [-5, -5, 400, 400], [4, 4, 4, 9], [6, 2, 5, 9], [300, 1, 310, 5]])
    expected = [[3, 3, 8, 9], [0, 0, 300, 200], [4, 4, 4, 4], [6, 2, 6, 2], [300, 1, 300, 1]]
    np.testing.assert_array_equal(pixel_windows(boxes, 200, 300), expected)


def test_windows_of_nan_lie_inside_the_image():
    windows = pixel_windows(np.float32([[np.nan, 5, np.inf, 9], [3, -np.inf, 9, np.nan]]), 20, 30)
    np.testing.assert_array_equal(windows, [[0, 5, 30, 9], [3, 0, 3, 0]])
