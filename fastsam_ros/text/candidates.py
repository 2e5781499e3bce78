# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are worth a look at what they show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.core.boxes import pairwise_intersection
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.scene import Scene


def eligible(
    scene: Scene, candidates: np.ndarray, min_area: int, overlap: float, limit: int
) -> np.ndarray:
    """
    The candidates without small ones and repetitions, the most confident ones if there are many.

    It depends on the scene and the candidates alone, so the same question has the same answer
    whatever was asked before.

    :param candidates: (K,) indices of segments
    :param min_area: segments of fewer pixels are left out
    :param overlap: of two segments whose masks overlap more than this (IoU) only the more
        confident one stays
    :param limit: at most N stay
    :return: positions in `candidates`, most confident first
    """
    order = np.argsort(-scene.scores[candidates], kind='stable')
    runs = scene.run_lengths(candidates[order])
    areas = np.array([run.area for run in runs], np.int64)
    large = np.flatnonzero(areas >= max(min_area, 1))
    shared = _most_shared(boxes_of([runs[i] for i in large]), areas[large])
    kept: list[int] = []
    for position in range(len(large)):
        rivals = np.array(kept, np.int64)[shared[position, kept] > overlap]
        if not any(_mask_iou(runs[large[position]], runs[large[o]]) > overlap for o in rivals):
            kept.append(position)
        if len(kept) == limit:
            break
    return order[large[kept]]


def boxes_of(runs: Sequence[RunLengths]) -> np.ndarray:
    """Tight boxes of masks: (N, 4) float64 x0, y0, x1, y1."""
    corners = [(run.x, run.y, run.x + run.width, run.y + run.height) for run in runs]
    return np.array(corners, np.float64).reshape(-1, 4)


def _most_shared(boxes: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """An upper bound of the masks' IoU from boxes and areas alone: (N, N)."""
    smaller = np.minimum(areas[:, None], areas)
    shared = np.minimum(pairwise_intersection(boxes, boxes), smaller)
    return shared / np.maximum(areas[:, None] + areas - shared, 1)


def _mask_iou(first: RunLengths, second: RunLengths) -> float:
    """IoU of two masks given as run lengths."""
    x0, y0 = max(first.x, second.x), max(first.y, second.y)
    x1 = min(first.x + first.width, second.x + second.width)
    y1 = min(first.y + first.height, second.y + second.height)
    if x1 <= x0 or y1 <= y0:
        return 0.0
    views = (
        run.mask()[y0 - run.y : y1 - run.y, x0 - run.x : x1 - run.x] for run in (first, second)
    )
    shared = int(np.count_nonzero(np.logical_and(*views)))
    return shared / (first.area + second.area - shared)
