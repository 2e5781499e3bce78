# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names of anchors against numpy's products of their level."""

import numpy as np
import pytest

from fastsam_ros.core.logistic import sigmoid
from fastsam_ros.core.masks.names import Head, name_scores

SIZES = 7, 4, 1  # anchors a level


def halved(values):
    """Bfloat16 of float32, its lower half cut off."""
    return (values.view(np.uint32) >> 16).astype(np.uint16)


def network(names):
    """Levels that bfloat16 holds without a loss, and their heads."""
    rng = np.random.default_rng(names)
    levels = [(rng.integers(-64, 65, (size, 9)) / 32).astype(np.float32) for size in SIZES]
    heads = [
        Head(*(rng.normal(size=shape).astype(np.float32) for shape in ((9, names), names)))
        for _ in SIZES]
    return levels, heads


@pytest.mark.parametrize('names', [1, 3, 16, 35, 80])
@pytest.mark.parametrize('kind', [np.asarray, halved])
def test_each_anchor_is_weighed_as_its_level_is(names, kind):
    levels, heads = network(names)
    expected = np.concatenate([
        sigmoid(features @ head.weights + head.biases) for features, head in zip(levels, heads)])
    anchors = np.random.default_rng(0).permutation(sum(SIZES))
    found = name_scores([kind(features) for features in levels], heads, anchors)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected[anchors], atol=1e-6)


def test_no_anchors_have_no_names():
    assert name_scores(*network(3), np.zeros(0, np.int64)).shape == (0, 3)
