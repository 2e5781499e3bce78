# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the network's raw predictions to boxes, scores and mask coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

BORDER = 20  # pixels; a box edge nearer to the image's border than this lies on it
FRAME = 0.9  # a box that overlaps the whole image more than this (IoU) is the whole image
SCORE_ROW = 4  # rows 0 to 3 are the box, 4 is the score, the rest mask coefficients


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
    candidates = np.flatnonzero(predictions[SCORE_ROW] > confidence)
    # A network that overflows in half precision gives boxes that are no numbers.
    candidates = candidates[np.isfinite(predictions[:SCORE_ROW, candidates]).all(axis=0)]
    candidates = candidates[np.argsort(-predictions[SCORE_ROW, candidates], kind='stable')]
    boxes, scores = predictions[:SCORE_ROW, candidates].T, predictions[SCORE_ROW, candidates]
    keep = suppress(boxes, scores, iou)[:max_segments]
    centre, half = boxes[keep, :2], boxes[keep, 2:] / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    coefficients = predictions[SCORE_ROW + 1 :, candidates[keep]].T
    return Detections(corners, scores[keep], np.ascontiguousarray(coefficients))


def suppress(boxes: np.ndarray, scores: np.ndarray, iou: float) -> np.ndarray:
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
