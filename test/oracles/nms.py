# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Greedy non-maximum suppression, one box after the other."""

from __future__ import annotations

import numpy as np

SCORE_ROW = 4


def corners(predictions: np.ndarray) -> np.ndarray:
    """Boxes of all anchors: (A, 4) float64 x0, y0, x1, y1, from centres and sizes."""
    centre, half = predictions[:2].T.astype(np.float64), predictions[2:4].T / 2.0
    return np.concatenate([centre - half, centre + half], axis=1)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes (4,)."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    shared = np.prod(np.maximum(sides, 0))
    return shared / (np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - shared)


def survivors(predictions: np.ndarray, confidence: float, threshold: float) -> list[int]:
    """
    The anchors that survive, most confident first; of equal ones the first.

    :param predictions: (37, A) float32, see `core.masks.decoding.detect`
    """
    boxes, scores = corners(predictions), predictions[SCORE_ROW]
    kept: list[int] = []
    for anchor in sorted(np.flatnonzero(scores > confidence), key=lambda a: -scores[a]):
        finite = np.isfinite(boxes[anchor]).all()
        if finite and all(iou(boxes[anchor], boxes[other]) <= threshold for other in kept):
            kept.append(anchor)
    return kept
