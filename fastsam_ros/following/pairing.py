# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Pairs of parts and segments: how nearly they are of one size, and how much they look alike.

Pairs are (2, P) int64, numbers of parts and indices of segments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

OVERLAP = 0.2  # IoU with where it should be, of masks and of boxes; below, it is another segment
SIZE = 0.5  # power of the ratio of areas


def ratios(parts: Sequence[Part], view: View, pairs: np.ndarray) -> np.ndarray:
    """How nearly areas are the same: (P,) 0 to 1."""
    ones = np.array([part.area for part in parts])[pairs[0]]
    others = view.areas(pairs[1])
    return np.minimum(ones, others) / np.maximum(np.maximum(ones, others), 1)


def of_one_size(
    parts: Sequence[Part], view: View, some: np.ndarray, least: float
) -> np.ndarray:
    """
    Pairs whose areas differ at most by a factor.

    :param some: (N,) or (K, N) bool, the segments that are looked at
    :param least: ratio of areas, 0 to 1
    """
    areas = np.array([part.area for part in parts])
    pairs = np.array(np.nonzero(some & (view.most_areas >= least * areas[:, None])))
    return pairs[:, ratios(parts, view, pairs) >= least]


def likenesses(
    parts: Sequence[Part], view: View, pairs: np.ndarray, form: bool = False
) -> np.ndarray:
    """How much segments look like parts, at first or lately: (P,) 0 to 1; see `View`."""
    looks = [look for part in parts for look in (part.first, part.last)]
    return view.likenesses(np.array(looks), pairs, form)


def scores_of(
    parts: Sequence[Part], view: View, pairs: np.ndarray, looks: np.ndarray, overlaps: np.ndarray
) -> np.ndarray:
    """
    How surely segments are parts, (P,) 0 to 1.

    :param looks: (P,) likeness, 0 to 1
    :param overlaps: (P,) IoU with where the part should be, or what stands for it
    """
    sizes = ratios(parts, view, pairs)
    return overlaps * looks**2 * sizes**SIZE * view.scene.scores[pairs[1]] ** 0.5
