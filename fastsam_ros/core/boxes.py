# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes: overlaps, whole pixels, the image's border."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.native import library

BORDER = 20  # pixels; a box edge nearer to the image's border than this lies on it
FRAME = 0.9  # a box that covers more of the image than this is the whole image


def pairwise_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """
    Intersection over union of every pair; src/following/boxes.cpp computes it.

    :param boxes: (N, 4) x0, y0, x1, y1
    :param others: (M, 4) likewise
    :return: (N, M) float32, 0 to 1; 0 where both are empty
    """
    boxes, others = (np.ascontiguousarray(some, np.float32) for some in (boxes, others))
    overlaps = np.empty((len(boxes), len(others)), np.float32)
    library().fastsam_ious(len(boxes), boxes, len(others), others, overlaps)
    return overlaps


def pairwise_intersection(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """
    Area that every pair shares.

    :param boxes: (N, 4) x0, y0, x1, y1
    :param others: (M, 4) likewise
    :return: (N, M)
    """
    sides = []
    for axis in (0, 1):  # in place: there are many pairs, on every frame
        side = np.minimum.outer(boxes[:, axis + 2], others[:, axis + 2])
        side -= np.maximum.outer(boxes[:, axis], others[:, axis])
        sides.append(np.maximum(side, 0, out=side))
    width, height = sides
    width *= height
    return width


def pixel_windows(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """
    The pixels inside boxes: a pixel x counts as inside from x0 <= x < x1.

    :param boxes: (N, 4) float x0, y0, x1, y1, image pixels; NaN counts as 0
    :param height: of the image, pixels
    :param width: of the image, pixels
    :return: (N, 4) int64 left, top, right, bottom, the last two exclusive; empty windows have
        right = left and bottom = top
    """
    limits = np.array([width, height] * 2)
    sides = np.fmin(np.fmax(np.ceil(boxes), 0), limits).astype(np.int64)
    left, top, right, bottom = sides.T
    empty = (right <= left) | (bottom <= top)
    if empty.any():
        sides[empty, 2:] = sides[empty, :2]
    return sides


def snap_to_border(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """
    Move edges that nearly reach the image's border onto it.

    As in ultralytics (`adjust_bboxes_to_image_border`): boxes are moved, masks are not.

    :param boxes: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param height: of the image, pixels
    :param width: of the image, pixels
    :return: (N, 4) float32
    """
    snapped = np.array(boxes, np.float32)
    low, high, limit = snapped[:, :2], snapped[:, 2:], np.array([width, height], np.float32)
    low[low < BORDER] = 0
    np.copyto(high, limit, where=high > limit - BORDER)
    sides = high - low
    whole = sides[:, 0] * sides[:, 1] > FRAME * height * width
    if whole.any():
        low[whole], high[whole] = 0, limit
    return snapped
