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
    scene: Scene, box: np.ndarray, candidates: np.ndarray, least: float = INSIDE
) -> tuple[np.ndarray, np.ndarray]:
    """
    The segments that lie in a box.

    :param box: (4,) int64 x0, y0, x1, y1, image pixels; part of it at least inside the image
    :param candidates: (K,) indices of segments
    :param least: which part of a mask must be in the box, 0 to 1; one pixel must be anyway
    :return: positions among the candidates (L,) int64, and the IoU of each mask and the box (L,)
        float32
    """
    box = _clipped(scene, box)
    overlapping = np.flatnonzero(_shared(scene.extents[candidates], box) > 0)
    shared, areas = scene.pixels_in(box, candidates[overlapping])
    keep = (shared >= least * areas) & (shared > 0)
    return overlapping[keep], _iou(shared, areas, box)[keep]


def best_in_box(
    scene: Scene, box: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    The candidate of the highest IoU with the box, the first of them if several have it.

    It is found by branch and bound: a mask lies inside its own box, so |box and own box| / |box|
    bounds its IoU with the box, and candidates are decoded in the order of their bounds until
    none left can win.

    :param box: (4,) int64 x0, y0, x1, y1, image pixels; part of it at least inside the image
    :param candidates: (K,) indices of segments
    :return: as `in_box`, for one segment or none
    """
    box = _clipped(scene, box)
    bounds = (_shared(scene.extents[candidates], box) / _area(box)).astype(np.float32)
    order = np.argsort(-bounds, kind='stable')
    order = order[bounds[order] > 0]
    best, best_iou = order[:0], np.zeros(0, np.float32)
    size = len(order) or 1 if scene.decoder.counts_pixels else CHUNK
    for start in range(0, len(order), size):
        chunk = order[start : start + size]
        if len(best) and bounds[chunk[0]] < best_iou[0]:
            break
        found = np.concatenate([best, chunk])
        ious = np.concatenate([best_iou, _iou(*scene.pixels_in(box, candidates[chunk]), box)])
        top = np.lexsort((found, -ious))[:1]
        best, best_iou = found[top], ious[top]
    return best[best_iou > 0], best_iou[best_iou > 0]


def _clipped(scene: Scene, box: np.ndarray) -> np.ndarray:
    return np.clip(box, 0, (scene.width, scene.height) * 2)


def _iou(shared: np.ndarray, areas: np.ndarray, box: np.ndarray) -> np.ndarray:
    """IoU of masks and a box from pixels that they share and those of each mask: float32."""
    return (shared / (_area(box) + areas - shared)).astype(np.float32)


def _area(box: np.ndarray) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _shared(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Area that each box (N, 4), grown to whole pixels, shares with the box: (N,) pixels."""
    low = np.maximum(np.floor(boxes[:, :2]), box[:2])
    high = np.minimum(np.ceil(boxes[:, 2:]), box[2:])
    return np.prod(np.maximum(high - low, 0), axis=1)
