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
) -> tuple[np.ndarray, np.ndarray]:
    """
    Pairs whose areas differ at most by a factor, and how nearly these are the same, (P,) 0 to 1.

    :param some: (K, N) bool, the segments that are looked at for each part
    :param least: ratio of areas, 0 to 1
    """
    pairs = np.array(np.nonzero(some))
    if pairs[1].max(initial=-1) >= view.scene.confident:  # whose masks may have to be made
        areas = least * np.array([part.area for part in parts])
        pairs = pairs[:, view.most_areas[pairs[1]] >= areas[pairs[0]]]
    sizes = ratios(parts, view, pairs)
    fits = sizes >= least
    return pairs[:, fits], sizes[fits]


def weights_of(view: View, pairs: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """
    What sizes and the network's confidence leave of how surely segments are parts: (P,) 0 to 1.

    :param sizes: (P,) ratios of areas, 0 to 1
    """
    return sizes**SIZE * view.scene.scores[pairs[1]] ** 0.5


def likenesses(
    parts: Sequence[Part], view: View, pairs: np.ndarray, form: bool = False
) -> np.ndarray:
    """How much segments look like parts, at first or lately: (P,) 0 to 1; see `View`."""
    return view.likenesses(looks_of(parts), pairs, form)


def looks_of(parts: Sequence[Part]) -> np.ndarray:
    """What parts looked like at first and lately: (2 K, D) float32."""
    return np.array([look for part in parts for look in (part.first, part.last)], np.float32)
