# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""src/detections.cpp, where it was compiled; see `fastsam_ros.core.detections`."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.native import LIBRARY


def detect(
    predictions: np.ndarray, confidence: float, iou: float, most: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """See `fastsam_ros.core.detections.detect`: boxes, scores and coefficients."""
    predictions = np.ascontiguousarray(predictions, np.float32)
    rows, anchors = predictions.shape
    room = min(most, anchors)
    boxes, scores, coefficients = (
        np.empty(shape, np.float32) for shape in ((room, 4), room, (room, rows - 5)))
    count = LIBRARY.fastsam_detect(
        predictions, rows, anchors, confidence, iou, room, boxes, scores, coefficients)
    if count < 0:
        raise MemoryError(f'no memory for the boxes of {anchors} anchors')
    return boxes[:count], scores[:count], coefficients[:count]
