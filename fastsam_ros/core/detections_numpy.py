# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Thresholds and suppression in numpy and OpenCV; see `fastsam_ros.core.detections`.

It does what src/detections.cpp does, for installations in which that was not compiled.
"""

from __future__ import annotations

import cv2
import numpy as np

SCORE_ROW = 4  # rows 0 to 3 are the box, 4 is the score, the rest mask coefficients


def detect(
    predictions: np.ndarray, confidence: float, iou: float, most: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """See `fastsam_ros.core.detections.detect`: boxes, scores and coefficients."""
    candidates = np.flatnonzero(predictions[SCORE_ROW] > confidence)
    # A network that overflows in half precision gives boxes that are no numbers.
    candidates = candidates[np.isfinite(predictions[:SCORE_ROW, candidates]).all(axis=0)]
    candidates = candidates[np.argsort(-predictions[SCORE_ROW, candidates], kind='stable')]
    boxes, scores = predictions[:SCORE_ROW, candidates].T, predictions[SCORE_ROW, candidates]
    keep = _suppress(boxes, scores, iou)[:most]
    centre, half = boxes[keep, :2], boxes[keep, 2:] / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    return corners, scores[keep], predictions[SCORE_ROW + 1 :, candidates[keep]].T


def _suppress(boxes: np.ndarray, scores: np.ndarray, iou: float) -> np.ndarray:
    """
    Greedy non-maximum suppression.

    :param boxes: (N, 4) float32 centre x, centre y, width, height
    :param scores: (N,) float32, highest first
    :return: indices of the boxes that stay, highest score first
    """
    if not len(boxes):
        return np.empty(0, np.int64)
    corners = boxes.astype(np.float64)
    corners[:, :2] -= corners[:, 2:] / 2
    # OpenCV takes 0 for 'off', so the lowest threshold is the smallest number above it.
    kept = cv2.dnn.NMSBoxes(corners, scores, 0.0, max(iou, np.finfo(np.float32).tiny))
    return np.asarray(kept, np.int64).ravel()
