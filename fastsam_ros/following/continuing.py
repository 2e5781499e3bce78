# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame goes on from where a part was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.following.others import show_others
from fastsam_ros.following.pairing import OVERLAP, looks_of, of_one_size, weights_of
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

LIKENESS = 0.7  # of colours; below, it is another thing
LEAST = 0.16  # score; of right ones 99 % have .22 or more
LIMITS = np.array([OVERLAP, LIKENESS, LEAST])
RATIO = 0.35  # of areas; a smaller piece, or a larger whole, does not go on
GROWN = 1.25  # of its area where it should be; what is larger may hold something else too


def continued(
    parts: Sequence[Part], view: View, some: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    How surely segments go on from where parts were.

    What looks like a part and was seen beside it does not, nor does what suddenly holds that too,
    if it is not much smaller.

    :param some: (N,) bool, the segments that are looked at
    :return: pairs (2, P) int64 of numbers of parts and indices of segments, the best of each part
        among them; (P,) scores, 0 to 1
    """
    # Masks may overlap more than their boxes. On DAVIS none that is left out so changes J or F.
    masks = [part.mask for part in parts]
    pairs, sizes = of_one_size(parts, view, some & view.near(masks, OVERLAP), RATIO)
    choosy = np.array([bool(part.kin or part.others) for part in parts])  # it may be refused one
    scores = view.scores(
        masks, looks_of(parts), choosy, pairs, weights_of(view, pairs, sizes), LIMITS)
    fits = scores > 0
    pairs, scores = pairs[:, fits], scores[fits]
    if not any(part.others for part in parts):
        return pairs, scores
    fits = _itself(parts, view, pairs) | ~show_others(parts, view, pairs)
    return pairs[:, fits], scores[fits]


def _itself(parts: Sequence[Part], view: View, pairs: np.ndarray) -> np.ndarray:
    """Whether segments are numbered as the parts are, and have not suddenly grown: (P,) bool."""
    return np.array([
        view.ids[index] == parts[number].id
        and view.mask(index).area <= GROWN * parts[number].mask.area
        for number, index in pairs.T.tolist()], bool)
