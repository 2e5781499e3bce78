# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How good an answer to a click a segment is: which of nested segments is meant.

A click means a small segment rather than a large one, one in whose middle it lies and whose mask
is sure of the pixel, and a thing that has a name rather than a piece that has none.
`training/point_choice.py` measures this rule beside others; src/masks/clicks.cpp computes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fastsam_ros.core.masks.upsampling import prototypes_at
from fastsam_ros.core.native import library

if TYPE_CHECKING:
    from fastsam_ros.core.segments import Segments

SMALLNESS = -0.3  # power of a box's share of the image
NAMED = 0.5  # how much a name counts that is certain, on the scale of the score's logarithm
OFF_CENTRE = -0.7  # how much a click counts that lies on the border of the box
UNSURE = -2.0  # how much it counts that the mask's probability at the click is 0, not 1
RULE = np.array([SMALLNESS, NAMED, OFF_CENTRE, UNSURE])
LEAST = -80.0  # a logit whose exponential float32 still holds


def click_logits(
    segments: Segments, points: np.ndarray, asked: np.ndarray | None = None
) -> np.ndarray:
    """
    How good an answer each segment is to a click at each point, were the point in its mask.

    :param points: (P, 2) float x, y, pixels
    :param asked: (N, P) bool, the pairs that are asked about, others get -inf; None: all
    :return: (N, P) float32; `as_scores` brings them to 0..1
    """
    places = np.ascontiguousarray(points, np.float32)
    shape = len(segments), len(places)
    asked = np.ones(shape, bool) if asked is None else np.ascontiguousarray(asked)
    coefficients, values = _certainty(segments, places)
    names = segments.name_scores
    logits = np.empty(shape, np.float32)
    library().fastsam_clicks(
        len(segments), np.ascontiguousarray(segments.extents, np.float32),
        np.ascontiguousarray(segments.scores, np.float32),
        np.ascontiguousarray(names, np.float32), names.shape[1], coefficients,
        segments.height * segments.width, len(places), places, values, values.shape[1], asked,
        RULE, logits)
    return logits


def _certainty(segments: Segments, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What says how sure masks are of points: (N, K), (P, K); where outlines are known, K is 0."""
    if segments.prototypes is None:
        return np.empty((len(segments), 0), np.float32), np.empty((len(points), 0), np.float32)
    return (np.ascontiguousarray(segments.coefficients, np.float32),
            prototypes_at(segments.prototypes, segments.letterbox, points))


def as_scores(logits: np.ndarray) -> np.ndarray:
    """Bring logits of any size to 0..1, their order kept: the logistic function."""
    return 1 / (1 + np.exp(-np.maximum(logits, LEAST)))
