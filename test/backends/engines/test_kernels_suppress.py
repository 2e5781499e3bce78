# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Thresholds and suppression of the GPU, on the CPU: the host's, to the last bit."""

from made_predictions import random_predictions
import numpy as np
import pytest

from fastsam_ros.backends.processing import Thresholds, table_of
from fastsam_ros.backends.tensorrt import detection as detection_module
from fastsam_ros.backends.tensorrt.cuda import Buffer, Stream
from fastsam_ros.backends.tensorrt.detection import Detection, Outputs
from fastsam_ros.core.masks.decoding import detect

NAMES, SWEEP = 5, detection_module.SWEEP


@pytest.fixture(autouse=True)
def few_threads(monkeypatch):
    """A block of 1024 is nothing for a GPU, and slow here."""
    monkeypatch.setattr(detection_module, 'SWEEP', 32)


def found_by(kernels, predictions, thresholds, names=None):
    """
    Tables of a batch.

    :param predictions: (B, 37, A) float32
    :param names: (B, K, A) float32 or float16
    """
    stream = Stream()
    buffers = [Buffer(), Buffer(), None if names is None else Buffer()]
    arrays = predictions, np.zeros((len(predictions), 32, 2, 2), np.float16), names
    for buffer, array in zip(buffers, arrays):
        if buffer is not None:
            buffer.resize(array.shape, array.dtype)
            buffer.array[:] = array
            buffer.upload(stream)
    outputs, detection = Outputs(*buffers), Detection(kernels, stream)
    detection.prepare(outputs, thresholds)
    for _ in range(2):  # nothing is left of the run before
        detection.queue(outputs)
    stream.wait()
    rows = [detection.rows(number) for number in range(len(predictions))]
    for memory in (detection, *filter(None, buffers)):
        memory.close()
    return rows


def expected_of(predictions, thresholds, names=None):
    """What the host finds in one image."""
    if names is not None:
        predictions = np.concatenate([predictions, names.astype(np.float32)])
    return table_of(detect(
        predictions, thresholds.floor, thresholds.iou, thresholds.max_segments))


@pytest.mark.parametrize('iou', [0.0, 0.3, 0.7, 0.9, 1.0])
@pytest.mark.parametrize('most', [300, 7])
def test_segments_are_the_hosts(kernels, iou, most):
    thresholds = Thresholds(0.4, iou, most)
    batch = np.stack([random_predictions(seed) for seed in range(2)])
    for rows, predictions in zip(found_by(kernels, batch, thresholds), batch):
        expected = expected_of(predictions, thresholds)
        assert 0 < len(expected) <= most
        np.testing.assert_array_equal(rows, expected)


def test_with_as_many_threads_as_on_a_gpu(kernels, monkeypatch):
    monkeypatch.setattr(detection_module, 'SWEEP', SWEEP)
    predictions, thresholds = random_predictions(5, 200), Thresholds(0.4, 0.5, 300)
    rows, = found_by(kernels, predictions[None], thresholds)
    np.testing.assert_array_equal(rows, expected_of(predictions, thresholds))


@pytest.mark.parametrize('kind', [np.float32, np.float16])
def test_names_come_along(kernels, kind):
    thresholds = Thresholds(0.4, 0.5, 300, candidates=0.1)
    batch = np.stack([random_predictions(seed, 90) for seed in range(2)])
    names = np.random.default_rng(0).uniform(0, 1, (2, NAMES, 90)).astype(kind)
    for rows, *one in zip(found_by(kernels, batch, thresholds, names), batch, names):
        np.testing.assert_array_equal(rows, expected_of(one[0], thresholds, one[1]))


@pytest.mark.parametrize('iou', [1 / 3, 0.5, 0.6])
def test_overlaps_of_just_the_limit_are_decided_as_on_the_host(kernels, iou):
    """Boxes of few pixels, whose overlap is a fraction that single precision cannot tell."""
    rng = np.random.default_rng(1)
    predictions = random_predictions(1, 400)
    predictions[:2] = rng.integers(2, 9, (2, 400)) * np.float32(0.1)
    predictions[2:4] = rng.integers(1, 7, (2, 400)) * np.float32(0.1)
    thresholds = Thresholds(0.1, iou, 400)
    rows, = found_by(kernels, predictions[None], thresholds)
    np.testing.assert_array_equal(rows, expected_of(predictions, thresholds))


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_left_out(kernels, bad):
    predictions, thresholds = random_predictions(0), Thresholds(0.4, 0.5, 300)
    at = np.arange(600)
    predictions[at % 5, at] = np.where(predictions[4] > 0.7, bad, predictions[at % 5, at])
    rows, = found_by(kernels, predictions[None], thresholds)
    finite = np.isfinite(rows[:, :4]).all(axis=1)
    assert finite.all() and len(rows) > 10
    np.testing.assert_array_equal(rows, expected_of(predictions, thresholds))


def test_boxes_turned_inside_out(kernels):
    predictions, thresholds = random_predictions(2), Thresholds(0.4, 0.5, 300)
    predictions[2, ::3] *= -1
    rows, = found_by(kernels, predictions[None], thresholds)
    np.testing.assert_array_equal(rows, expected_of(predictions, thresholds))


def test_nothing_above_the_threshold(kernels):
    rows, = found_by(kernels, np.zeros((1, 37, 100), np.float32), Thresholds(0.4, 0.9, 300))
    assert rows.shape == (0, 37)


def test_more_boxes_than_are_compared_are_said(kernels):
    """The first image is as it would be alone."""
    anchors = detection_module.CANDIDATES + 9
    batch = np.stack([random_predictions(seed, anchors) for seed in range(2)])
    batch[0, 4, 50:], batch[1, 4] = 0, np.linspace(0.5, 1, anchors)
    thresholds = Thresholds(0.4, 0.5, 300)
    one, other = found_by(kernels, batch, thresholds)
    np.testing.assert_array_equal(one, expected_of(batch[0], thresholds))
    assert other is None
