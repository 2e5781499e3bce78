# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Suppression that compares masks too, against its plain definition."""

import numpy as np
from oracles import nms
import pytest

from fastsam_ros.core.masks.decoding import detect


def waves(seed, height, width):
    """Prototypes that rise and fall over some tens of pixels: (32, height, width) float32."""
    rng = np.random.default_rng(seed)
    ways = rng.uniform(-0.3, 0.3, (2, 32, 1, 1))
    rows, columns = np.mgrid[:height, :width]
    return np.sin(ways[0] * rows + ways[1] * columns + rng.uniform(0, 6, (32, 1, 1))).astype('f4')


def clumps(seed, height, width, anchors=160):
    """Boxes of some places, and masks of some kinds: (37, A) float32, with scores that tie."""
    rng = np.random.default_rng(seed)
    place, kind = rng.integers(0, 12, anchors), rng.integers(0, 4, anchors)
    centres = rng.uniform(0.1, 0.9, (12, 2))[place] * (4 * width, 4 * height)
    sides = rng.uniform(2, 3) * rng.uniform(1, min(height, width), (12, 2))[place]
    boxes = np.concatenate([centres, sides], axis=1) + rng.normal(0, 3, (anchors, 4))
    boxes[:, 2:] = np.maximum(boxes[:, 2:], 1)
    scores = np.round(rng.uniform(0, 1, (anchors, 1)), 2)
    masks = rng.normal(size=(4, 32))[kind] + rng.normal(0, 0.3, (anchors, 32))
    return np.ascontiguousarray(np.concatenate([boxes, scores, masks], axis=1).T, np.float32)


@pytest.mark.parametrize('size', [(160, 160), (96, 160), (37, 301), (3, 5), (2, 2), (30, 9)])
@pytest.mark.parametrize('iou', [0.0, 0.5, 0.8])
def test_equals_the_definition(size, iou):
    for seed in range(2):
        predictions, prototypes = clumps(seed, *size), waves(seed, *size)
        expected = nms.survivors_apart(predictions, prototypes, 0.2, iou)
        assert len(expected) > len(nms.survivors(predictions, 0.4, iou)) > 1 or min(size) < 9
        for limit in (1, 20, 1000):
            found = detect(predictions, 0.2, iou, limit, prototypes)
            scores, anchors = zip(*expected[:limit])
            np.testing.assert_array_equal(found.scores, np.float32(scores))
            np.testing.assert_allclose(
                found.boxes, nms.corners(predictions)[list(anchors)], rtol=1e-5, atol=1e-4)
            np.testing.assert_array_equal(found.coefficients, predictions[5:, anchors].T)


def test_a_lower_floor_leaves_the_confident_ones_as_they_are():
    predictions, prototypes = clumps(7, 96, 160), waves(7, 96, 160)
    alone = detect(predictions, 0.4, 0.5, 400, prototypes)
    together = detect(predictions, 0.1, 0.5, 400, prototypes)
    count = len(alone.scores)
    assert 0 < count < len(together.scores)
    np.testing.assert_array_equal(together.boxes[:count], alone.boxes)
    np.testing.assert_array_equal(together.scores[:count], alone.scores)
    assert (together.scores[count:] <= 0.4).all()


def test_a_ring_stays_beside_the_disc_in_it():
    """They have one box; a second disc is none."""
    predictions = np.zeros((37, 3), np.float32)
    predictions[:5] = [[320] * 3, [320] * 3, [400] * 3, [400] * 3, [0.9, 0.8, 0.6]]
    rows, columns = np.mgrid[:160, :160] - 79.5
    prototypes = np.zeros((32, 160, 160), np.float32)
    prototypes[0] = 40 - np.hypot(rows, columns)
    predictions[5] = 1, 1, -1
    found = detect(predictions, 0.1, 0.7, 9, prototypes)
    np.testing.assert_allclose(found.scores, [0.9, 0.3])
    np.testing.assert_array_equal(found.coefficients[:, 0], [1, -1])
    np.testing.assert_allclose(detect(predictions, 0.1, 0.7, 9).scores, [0.9])
    np.testing.assert_allclose(detect(predictions, 0.3, 0.7, 9, prototypes).scores, [0.9])


def test_what_has_less_of_its_score_hides_nothing_surer():
    """The second has the first one's box and the third one's mask, and comes after both."""
    predictions = np.zeros((37, 3), np.float32)
    predictions[:5] = [[50, 80, 110], [80] * 3, [100] * 3, [100] * 3, [0.9, 0.8, 0.5]]
    prototypes = np.full((32, 40, 40), -1, np.float32)
    prototypes[:, :, 18:27] = 1
    predictions[5] = -1, 1, 1
    for confidence in (0.1, 0.45):
        found = detect(predictions, confidence, 0.5, 9, prototypes)
        np.testing.assert_allclose(found.scores, [0.9, 0.5])
    found = detect(predictions[:, :2], 0.1, 0.5, 9, prototypes)
    np.testing.assert_allclose(found.scores, [0.9, 0.4])


def test_prototypes_of_another_network_are_refused():
    with pytest.raises(ValueError, match='32 coefficients a segment, but 16 prototypes'):
        detect(np.zeros((37, 5), np.float32), 0.1, 0.5, 9, np.zeros((16, 40, 40), np.float32))


def test_nothing_in_nothing_out():
    found = detect(
        np.zeros((37, 0), np.float32), 0.1, 0.5, 9, np.zeros((32, 40, 40), np.float32))
    assert (found.boxes.shape, found.coefficients.shape) == ((0, 4), (0, 32))
