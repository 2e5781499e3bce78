# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Thresholds and suppression against ultralytics' own."""

import numpy as np
import pytest
import torch

from fastsam_ros.backends.checkpoints import torchvision_is_optional
from fastsam_ros.core import detections, detections_compiled, detections_numpy
from fastsam_ros.core.detections import snap_to_border

with torchvision_is_optional():
    from ultralytics.models.fastsam.utils import adjust_bboxes_to_image_border
    from ultralytics.utils.nms import non_max_suppression


WAYS = {'compiled': detections_compiled.detect, 'numpy': detections_numpy.detect}


@pytest.fixture(params=WAYS)
def detect(request, monkeypatch):
    """`detections.detect` as it is with the library, and without."""
    monkeypatch.setattr(detections, '_detect', WAYS[request.param])
    return detections.detect


def random_predictions(seed, anchors=400):
    """Clusters of boxes that nearly coincide: (37, A) float32."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.uniform(50, 590, (anchors // 8, 2)), 8, axis=0)
    sizes = np.repeat(rng.uniform(20, 200, (anchors // 8, 2)), 8, axis=0)
    boxes = np.concatenate([centres, sizes], axis=1) + rng.normal(0, 4, (anchors, 4))
    rest = np.concatenate([rng.uniform(0, 1, (anchors, 1)), rng.normal(size=(anchors, 32))], 1)
    return np.concatenate([boxes, rest], axis=1).T.astype(np.float32)


@pytest.mark.parametrize('iou', [0.3, 0.7, 0.9, 1.0])
@pytest.mark.parametrize('confidence', [0.01, 0.4, 0.9999])
def test_equals_ultralytics(detect, confidence, iou):
    predictions = random_predictions(3)
    expected = non_max_suppression(
        torch.from_numpy(predictions)[None].clone(), confidence, iou, max_det=100, nc=1)[0].numpy()
    found = detect(predictions, confidence, iou, 100)
    np.testing.assert_allclose(found.boxes, expected[:, :4], atol=1e-4)
    np.testing.assert_array_equal(found.scores, expected[:, 4])
    np.testing.assert_array_equal(found.coefficients, expected[:, 6:])


def test_threshold_zero_overlap_keeps_disjoint_boxes_only(detect):
    predictions = np.zeros((37, 3), np.float32)
    predictions[:5] = np.array(
        [[10, 10, 10, 10, 0.9], [12, 10, 10, 10, 0.8], [50, 50, 10, 10, 0.7]]).T
    np.testing.assert_allclose(detect(predictions, 0.1, 0.0, 9).scores, [0.9, 0.7])


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf])
def test_boxes_that_are_no_numbers_are_left_out(detect, wrong):
    predictions = random_predictions(3)
    right = detect(np.delete(predictions, 7, axis=1), 0.4, 0.9, 300)
    predictions[2, 7], predictions[4, 7] = wrong, 0.95
    found = detect(predictions, 0.4, 0.9, 300)
    np.testing.assert_array_equal(found.boxes, right.boxes)


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('iou', [0.0, 0.3, 0.7, 0.9, 1.0])
def test_the_library_and_numpy_agree(seed, iou):
    predictions = random_predictions(seed)
    predictions[4, ::7] = 0.75  # of equal scores the first comes first
    for most in (1, 50, 1000):
        pairs = zip(*(way(predictions, 0.2, iou, most) for way in WAYS.values()), strict=True)
        for compiled, plain in pairs:
            np.testing.assert_array_equal(compiled, plain)


def test_nothing_in_nothing_out(detect):
    for predictions in (np.zeros((37, 5), np.float32), np.zeros((37, 0), np.float32)):
        found = detect(predictions, 0.1, 0.5, 9)
        assert (found.boxes.shape, found.coefficients.shape) == ((0, 4), (0, 32))


def test_the_library_is_used():
    assert detections._detect is detections_compiled.detect


def test_boxes_near_the_border_move_onto_it():
    boxes = np.array(
        [[5, 25, 100, 90], [19.9, 20, 280, 180.1], [3, 4, 296, 199], [40, 40, 90, 90]], np.float32)
    expected = adjust_bboxes_to_image_border(torch.from_numpy(boxes.copy()), (200, 300)).numpy()
    expected[2] = 0, 0, 300, 200
    np.testing.assert_array_equal(snap_to_border(boxes, 200, 300), expected)
