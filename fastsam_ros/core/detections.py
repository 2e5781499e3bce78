# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
From the network's raw predictions to boxes, scores and mask coefficients.

It is written twice: in C++, and in numpy and OpenCV for installations without a compiler, where it
takes twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastsam_ros.core import detections_compiled, detections_numpy
from fastsam_ros.core.native import LIBRARY

BORDER = 20  # pixels; a box edge nearer to the image's border than this lies on it
FRAME = 0.9  # a box that overlaps the whole image more than this (IoU) is the whole image
_detect = detections_numpy.detect if LIBRARY is None else detections_compiled.detect


@dataclass(frozen=True)
class Detections:
    """
    What survived the thresholds, most confident first.

    :param boxes: (N, 4) float32 x0, y0, x1, y1, network pixels
    :param scores: (N,) float32, 0 to 1
    :param coefficients: (N, 32) float32, one weight a prototype
    """

    boxes: np.ndarray
    scores: np.ndarray
    coefficients: np.ndarray


def detect(
    predictions: np.ndarray, confidence: float, iou: float, max_segments: int
) -> Detections:
    """
    Threshold the predictions and suppress near-duplicates.

    :param predictions: (37, A) float32, a column an anchor: centre x, centre y, width, height in
        network pixels, score, 32 coefficients
    :param confidence: lowest score that counts, 0 to 1, exclusive
    :param iou: two boxes that overlap more than this are one, 0 to 1
    :param max_segments: at most so many are kept
    """
    return Detections(*_detect(predictions, confidence, iou, max_segments))


def snap_to_border(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """
    Boxes that nearly reach the image's border reach it.

    As in ultralytics (`adjust_bboxes_to_image_border`): boxes are moved, masks are not.

    :param boxes: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param height: of the image, pixels
    :param width: of the image, pixels
    :return: (N, 4) float32
    """
    limit = np.array([width, height], np.float32)
    low = np.where(boxes[:, :2] < BORDER, 0, boxes[:, :2])
    high = np.where(boxes[:, 2:] > limit - BORDER, limit, boxes[:, 2:])
    whole = np.prod(high - low, axis=1) > FRAME * height * width
    low[whole], high[whole] = 0, limit
    return np.concatenate([low, high], axis=1).astype(np.float32)
