# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How much boxes overlap, every one with every other."""

from __future__ import annotations

import numpy as np


def pairwise_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """
    Intersection over union of every pair.

    :param boxes: (N, 4) x0, y0, x1, y1
    :param others: (M, 4) likewise
    :return: (N, M), 0 to 1, in floats as precise as the boxes; 0 where both are empty
    """
    shared = pairwise_shared(boxes, others)
    areas = (np.prod(np.maximum(b[:, 2:] - b[:, :2], 0), axis=1) for b in (boxes, others))
    total = np.add.outer(*areas) - shared
    empty = np.zeros(shared.shape, np.result_type(shared, np.float32))
    return np.divide(shared, total, out=empty, where=total > 0)


def pairwise_shared(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """
    Area that every pair shares.

    :param boxes: (N, 4) x0, y0, x1, y1
    :param others: (M, 4) likewise
    :return: (N, M)
    """
    x0, y0, x1, y1 = boxes.T[..., None]
    u0, v0, u1, v1 = others.T
    width = np.minimum(x1, u1) - np.maximum(x0, u0)
    height = np.minimum(y1, v1) - np.maximum(y0, v0)
    return np.maximum(width, 0) * np.maximum(height, 0)
