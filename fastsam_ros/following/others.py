# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What lies beside a part and looks like it, so that the one is not taken for the other."""

from __future__ import annotations

import numpy as np

from fastsam_ros.following.pairing import likenesses, ratios
from fastsam_ros.following.small_mask import shared
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

AGAIN = 0.15  # of areas, of what was missing: it may come back half outside of the picture
TWIN = 0.85  # likeness of colours from which something may be taken for the part
NESTED = 0.5  # of the smaller of two masks; if more is shared, one is a part of the other
MOST = 1000  # ids that are remembered; older ones are not seen any more


def judge(part: Part, view: View, index: int, some: np.ndarray) -> None:
    """
    Compare segments that are seen beside a part with it; each is judged once, by its id.

    What is judged when it first comes near is still seen apart from the part, which it may not
    be later. What shares much with the part, then, is a piece of it or what it is a piece of.

    :param view: of a frame in which all of the part is seen
    :param index: the part's segment there
    :param some: (N,) bool, the segments that are judged, each with an id
    """
    new = [n for n in np.flatnonzero(some).tolist()
           if view.ids[n] != part.id and view.ids[n] not in part.judged]
    if not new:
        return
    part.judged.update(view.ids[new].tolist())
    pairs = np.array([[0] * len(new), new], np.int64)
    pairs = pairs[:, ratios([part], view, pairs) >= AGAIN]
    colours = likenesses([part], view, pairs)
    pairs = pairs[:, colours >= min(TWIN, part.likest)]  # with their form they are less alike
    if pairs.size:
        pairs = pairs[:, ~_nested(view, index, pairs[1])]
        likest = likenesses([part], view, pairs, form=True).max(initial=0)
        part.likest = max(part.likest, float(likest))
        alike = likenesses([part], view, pairs) >= TWIN
        part.others.update(view.ids[pairs[1, alike]].tolist())
    if len(part.judged) > MOST:
        part.judged = set(sorted(part.judged)[MOST // 2 :])
        part.others &= part.judged


def shows_another(part: Part, view: View, index: int) -> bool:
    """Whether a segment is, or holds, what looks like a part and was seen beside it."""
    if not part.others:
        return False
    others = [n for n, id in enumerate(view.ids.tolist()) if id in part.others]
    if not others:
        return False
    masks = [view.mask(other) for other in others]
    least = NESTED * np.array([mask.area for mask in masks])
    return bool((shared(view.mask(index), masks) > least).any())


def _nested(view: View, index: int, others: np.ndarray) -> np.ndarray:
    """Which of some segments (K,) share much with a segment: (K,) bool."""
    mask, masks = view.mask(index), [view.mask(other) for other in others.tolist()]
    least = NESTED * np.minimum([other.area for other in masks], mask.area)
    return shared(mask, masks) > least
