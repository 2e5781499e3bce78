# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Greedy non-maximum suppression, one box after the other; masks compared too if need be."""

from __future__ import annotations

import numpy as np

SCORE_ROW = 4
STRIDE, STEP = 4, 2  # network pixels a prototype pixel; prototype pixels a point


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


def coarse_masks(predictions: np.ndarray, prototypes: np.ndarray) -> np.ndarray:
    """
    Whether masks hold the points at which they are compared: (A, h, w) bool.

    :param predictions: (37, A) float32
    :param prototypes: (32, h, w) float32
    """
    first = STEP // 2
    logits = np.einsum('ca,chw->ahw', predictions[5:37], prototypes[:, first::STEP, first::STEP])
    rows, columns = (
        STRIDE * (first + STEP * np.arange(size) + 0.5) for size in logits.shape[1:])
    x0, y0, x1, y1 = corners(predictions).T[..., None]
    across = (columns >= x0) & (columns < x1)
    down = (rows >= y0) & (rows < y1)
    return (logits > 0) & down[:, :, None] & across[:, None, :]


def survivors_apart(
    predictions: np.ndarray, prototypes: np.ndarray, confidence: float, threshold: float
) -> list[tuple[float, int]]:
    """
    Scores and anchors of what survives, best first, where masks are compared too.

    :param predictions: (37, A) float32, all finite
    """
    boxes, masks = corners(predictions), coarse_masks(predictions, prototypes)
    waiting = [(-score, False, a) for a, score in enumerate(predictions[SCORE_ROW].tolist())]
    kept: list[tuple[float, int]] = []
    while waiting:
        waiting.sort()
        score, again, anchor = waiting.pop(0)
        rivals = [other for _, other in kept if iou(boxes[anchor], boxes[other]) > threshold]
        is_same = any(_alike(masks[anchor], masks[rival]) for rival in rivals)
        if is_same or -score <= np.float32(confidence):
            continue
        if rivals and not again:
            waiting.append((score / 2, True, anchor))
        else:
            kept.append((-score, anchor))
    return kept


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    together = (one | other).sum()
    return together == 0 or (one & other).sum() > 0.9 * together
