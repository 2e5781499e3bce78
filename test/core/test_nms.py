# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Thresholds and suppression against ultralytics' own, and against the plain definition."""

import numpy as np
from oracles import nms
import pytest
import torch

from fastsam_ros.backends.checkpoints import torchvision_is_optional
from fastsam_ros.core.masks.decoding import detect

with torchvision_is_optional():
    from ultralytics.utils.nms import non_max_suppression


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
def test_equals_ultralytics(confidence, iou):
    predictions = random_predictions(3)
    expected = non_max_suppression(
        torch.from_numpy(predictions)[None].clone(), confidence, iou, max_det=100, nc=1)[0].numpy()
    found = detect(predictions, confidence, iou, 100)
    np.testing.assert_allclose(found.boxes, expected[:, :4], atol=1e-4)
    np.testing.assert_array_equal(found.scores, expected[:, 4])
    np.testing.assert_array_equal(found.coefficients, expected[:, 6:])


def test_threshold_zero_overlap_keeps_disjoint_boxes_only():
    predictions = np.zeros((37, 3), np.float32)
    predictions[:5] = np.array(
        [[10, 10, 10, 10, 0.9], [12, 10, 10, 10, 0.8], [50, 50, 10, 10, 0.7]]).T
    np.testing.assert_allclose(detect(predictions, 0.1, 0.0, 9).scores, [0.9, 0.7])


@pytest.mark.parametrize('wrong', [np.nan, np.inf, -np.inf])
def test_boxes_of_nan_or_infinity_are_dropped(wrong):
    predictions = random_predictions(3)
    right = detect(np.delete(predictions, 7, axis=1), 0.4, 0.9, 300)
    predictions[2, 7], predictions[4, 7] = wrong, 0.95
    found = detect(predictions, 0.4, 0.9, 300)
    np.testing.assert_array_equal(found.boxes, right.boxes)


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('iou', [0.0, 0.3, 0.7, 0.9, 1.0])
def test_equals_the_definition(seed, iou):
    predictions = random_predictions(seed)
    predictions[4, ::7] = 0.75  # of equal scores the first comes first
    survivors = nms.survivors(predictions, 0.2, iou)
    for limit in (1, 50, 1000):
        found = detect(predictions, 0.2, iou, limit)
        expected = survivors[:limit]
        np.testing.assert_allclose(found.boxes, nms.corners(predictions)[expected], rtol=1e-6)
        np.testing.assert_array_equal(found.scores, predictions[4, expected])
        np.testing.assert_array_equal(found.coefficients, predictions[5:, expected].T)


@pytest.mark.parametrize('iou', [0.7, 0.8, 0.9])
def test_a_lower_floor_leaves_the_confident_ones_as_they_are(iou):
    """They come first, the same ones in the same order: candidates suppress nothing above them."""
    predictions = random_predictions(5)
    alone = detect(predictions, 0.4, iou, 400)
    together = detect(predictions, 0.1, iou, 400)
    count = len(alone.scores)
    assert len(together.scores) > count
    np.testing.assert_array_equal(together.boxes[:count], alone.boxes)
    np.testing.assert_array_equal(together.scores[:count], alone.scores)
    assert (together.scores[count:] <= 0.4).all()


def test_nothing_in_nothing_out():
    for predictions in (np.zeros((37, 5), np.float32), np.zeros((37, 0), np.float32)):
        found = detect(predictions, 0.1, 0.5, 9)
        assert (found.boxes.shape, found.coefficients.shape) == ((0, 4), (0, 32))


def test_names_that_lie_apart_are_those_of_the_anchors_that_survive():
    predictions = random_predictions(3)
    names = np.random.default_rng(0).random((400, 9), np.float32)
    right = detect(np.concatenate([predictions, names.T]), 0.4, 0.5, 99)
    found = detect(predictions, 0.4, 0.5, 99, names=lambda anchors: names[anchors])
    assert 9 < len(found.scores) < 99
    np.testing.assert_array_equal(found.names, right.names)
    np.testing.assert_array_equal(found.coefficients, right.coefficients)
