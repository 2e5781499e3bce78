# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments fill a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fastsam_ros.core.scene import Scene

INSIDE = 0.5  # a segment is in a box when at least this part of its mask is
CHUNK = 8  # candidates decoded at a time while looking for the best one in a box


def in_box(
    scene: Scene, box: np.ndarray, candidates: np.ndarray, best: bool
) -> tuple[np.ndarray, np.ndarray]:
    """
    The segments that a box asks for.

    :param box: (4,) int64 x0, y0, x1, y1, image pixels
    :param candidates: (K,) indices of segments
    :param best: only the one of the highest IoU; else all with at least half of their mask in it
    :return: positions among the candidates, and the IoU of each mask and the box
    """
    box = np.clip(box, 0, (scene.width, scene.height) * 2)
    if best:
        return _best_in_box(scene, box, candidates)
    overlapping = np.flatnonzero(_shared(scene.extents[candidates], box) > 0)
    shared, areas = scene.pixels_in(box, candidates[overlapping])
    keep = (shared >= INSIDE * areas) & (shared > 0)
    iou = shared / (_area(box) + areas - shared)
    return overlapping[keep], iou[keep].astype(np.float32)


def _best_in_box(
    scene: Scene, box: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    The candidate of the highest IoU with the box, by branch and bound.

    A mask lies inside its own box, so |box and own box| / |box| bounds its IoU with the box:
    candidates are decoded in the order of their bounds until none left can win.
    """
    bounds = _shared(scene.extents[candidates], box) / _area(box)
    order = np.argsort(-bounds, kind='stable')
    order = order[bounds[order] > 0]
    best, best_iou = order[:0], np.zeros(0, np.float32)
    size = len(order) or 1 if scene.decoder.counts_pixels else CHUNK
    for start in range(0, len(order), size):
        chunk = order[start : start + size]
        if len(best) and bounds[chunk[0]] <= best_iou[0]:
            break
        shared, areas = scene.pixels_in(box, candidates[chunk])
        iou = shared / (_area(box) + areas - shared)
        top = int(np.argmax(iou))
        if iou[top] > (best_iou[0] if len(best) else 0):
            best, best_iou = chunk[top : top + 1], iou[top : top + 1].astype(np.float32)
    return best, best_iou


def _area(box: np.ndarray) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _shared(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Area that each box (N, 4), grown to whole pixels, shares with the box: (N,) pixels."""
    low = np.maximum(np.floor(boxes[:, :2]), box[:2])
    high = np.minimum(np.ceil(boxes[:, 2:]), box[2:])
    return np.prod(np.maximum(high - low, 0), axis=1)
