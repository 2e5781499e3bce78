# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How good an answer to a click a segment is: which of nested segments is meant.

A click means a small segment rather than a large one, one in whose middle it lies and whose mask
is sure of the pixel, and a thing that has a name rather than a piece that has none.
`training/point_choice.py` measures this rule beside others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fastsam_ros.core.masks.upsampling import logits_at

if TYPE_CHECKING:
    from fastsam_ros.core.segments import Segments

SMALLNESS = -0.3  # power of a box's share of the image
NAMED = 0.5  # how much a name counts that is certain, on the scale of the score's logarithm
UNSURE = -2.0  # how much it counts that the mask's probability at the click is 0, not 1
LEAST = -80.0  # a logit whose exponential float32 still holds
OFF_CENTRE = -0.7  # how much a click counts that lies on the border of the box


def click_logits(segments: Segments, points: np.ndarray) -> np.ndarray:
    """
    How good an answer each segment is to a click at each point, were the point in its mask.

    :param points: (P, 2) float x, y, pixels
    :return: (N, P) float32; `as_scores` brings them to 0..1
    """
    extents = segments.extents
    half = np.maximum(extents[:, 2:] - extents[:, :2], 1) / 2
    share = 4 * half.prod(axis=1) / (segments.height * segments.width)
    known = segments.name_scores.max(axis=1, initial=0)
    logits = np.log(np.maximum(segments.scores, 1e-6)) + SMALLNESS * np.log(share) + NAMED * known
    centres = (extents[:, :2] + extents[:, 2:]) / 2
    x, y = (np.asarray(points, np.float32) + 0.5).T  # pixels have their value in the middle
    off_centre = np.maximum(
        np.abs(x - centres[:, :1]) / half[:, :1], np.abs(y - centres[:, 1:]) / half[:, 1:])
    logits = logits[:, None] + OFF_CENTRE * off_centre + UNSURE * _doubts(segments, points)
    return logits.astype(np.float32)


def _doubts(segments: Segments, points: np.ndarray) -> np.ndarray | float:
    """How unsure each mask is of each point, 0 to 1: (N, P); 0 where only outlines are known."""
    if segments.prototypes is None:
        return 0.0
    return as_scores(-logits_at(
        segments.coefficients, segments.prototypes, segments.letterbox, points))


def as_scores(logits: np.ndarray) -> np.ndarray:
    """Bring logits of any size to 0..1, their order kept: the logistic function."""
    return 1 / (1 + np.exp(-np.maximum(logits, LEAST)))
