# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How much boxes overlap."""

import numpy as np
import pytest

from fastsam_ros.core.overlaps import pairwise_iou, pairwise_shared

FIRST = np.array([[0, 0, 10, 10], [5, 5, 5, 5], [9, 9, 1, 1]])
SECOND = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [5, 5, 5, 5]])


@pytest.mark.parametrize('dtype', [np.int64, np.float32, np.float64])
def test_by_hand(dtype):
    first, second = FIRST.astype(dtype), SECOND.astype(dtype)
    shared = [[100, 50, 0, 0], [0] * 4, [0] * 4]
    np.testing.assert_array_equal(pairwise_shared(first, second), shared)
    iou = pairwise_iou(first, second)
    np.testing.assert_allclose(iou, [[1, 1 / 3, 0, 0], [0] * 4, [0] * 4], rtol=1e-6)
    assert iou.dtype == (np.float32 if dtype == np.float32 else np.float64)


def test_no_boxes():
    none = np.empty((0, 4), np.float32)
    assert pairwise_iou(none, FIRST.astype(np.float32)).shape == (0, 3)
    assert pairwise_iou(FIRST.astype(np.float32), none).shape == (3, 0)
