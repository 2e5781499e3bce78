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
    total = np.add.outer(_areas(boxes), _areas(others))
    total -= shared
    kind = np.result_type(shared, np.float32)
    return shared / np.maximum(total, np.finfo(kind).tiny, dtype=kind)


def pairwise_shared(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """
    Area that every pair shares.

    :param boxes: (N, 4) x0, y0, x1, y1
    :param others: (M, 4) likewise
    :return: (N, M)
    """
    sides = []
    for axis in (0, 1):  # in place: there are many pairs, and a camera brings them often
        side = np.minimum.outer(boxes[:, axis + 2], others[:, axis + 2])
        side -= np.maximum.outer(boxes[:, axis], others[:, axis])
        sides.append(np.maximum(side, 0, out=side))
    width, height = sides
    width *= height
    return width


def _areas(boxes: np.ndarray) -> np.ndarray:
    width, height = np.maximum(boxes[:, 2:] - boxes[:, :2], 0).T
    return width * height
