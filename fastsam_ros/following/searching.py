# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which segment of a frame is a part that was missing.

How alike it must look depends on where it is, on how much the part looks like itself from frame
to frame, and on how much others that were seen beside it do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.following.others import AGAIN, RIVAL, TWIN, best_of_two, show_others
from fastsam_ros.following.pairing import OVERLAP, likenesses, of_one_size, weights_of
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

LEAST = 0.65  # likeness of colours and form that may bring back what was missing
NEAR = 0.7  # that does so where it should be, whatever was seen beside it
FAR = 0.8  # elsewhere; on DAVIS 85 in 100 right ones have .74 after a cut, others never .81
SURE = 0.9  # that needs no second look
NEARBY = 1.0  # its own sizes; how far from where it was it is likely to come back
REACH = 1.5  # its own sizes; how far it may come back
SLOW = 0.4  # s after which that is as far again
CLAIMED = 0.8  # IoU with where it should be, above which even what was there besides it may be it


def found_again(
    parts: Sequence[Part], view: View, some: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    How surely segments are parts that were missing.

    What looks like a part and was seen beside it is something else, unless it lies where the part
    should be. Where the part and its twin have crossed, that tells nothing.

    :param some: (N,) bool, the segments that are looked at
    :return: pairs (2, P) int64 of numbers of parts and indices of segments; (P,) scores, 0 to 1
    """
    pairs, sizes = of_one_size(parts, view, some & _possible(parts, view), AGAIN)
    looks = likenesses(parts, view, pairs, form=True)
    enough = looks >= _least(parts)[pairs[0]]
    pairs, sizes, looks = pairs[:, enough], sizes[enough], looks[enough]
    overlaps = view.ious([part.mask for part in parts], pairs)
    scores = (1 + overlaps) / 2 * looks**2 * weights_of(view, pairs, sizes)
    twins = np.array([_twins(part) for part in parts], bool)[pairs[0]]
    fits = ((overlaps >= CLAIMED) & ~twins) | ~show_others(parts, view, pairs)
    alike = (looks >= np.array([needed(part) for part in parts])[pairs[0]]) & (sizes >= RIVAL)
    fits &= ~twins | best_of_two(view, pairs, alike, looks, twins)
    for n in np.flatnonzero(fits & (twins | (overlaps < OVERLAP))).tolist():
        fits[n] = _may_be(parts[pairs[0, n]], view, int(pairs[1, n]), looks[n])
    return pairs[:, fits], scores[fits]


def needed(part: Part) -> float:
    """How alike a segment must look to be the part: more like it than like what was beside it."""
    return max(LEAST, (part.likest + part.steady) / 2)


def _twins(part: Part) -> bool:
    """Whether a part is missing since it crossed with what even its form does not tell it from."""
    return part.crossed and part.likest >= TWIN


def _possible(parts: Sequence[Part], view: View) -> np.ndarray:
    """
    Which segments may be K parts, as far as boxes and coefficients tell: (K, N) bool.

    Only the masks of these have to be made: likeness is never above the root of that of forms.
    """
    forms = view.forms([look for part in parts for look in (part.first, part.last)])
    alike = np.sqrt(forms.reshape(len(parts), 2, -1).max(axis=1)) >= _least(parts)[:, None]
    near = view.near([part.mask for part in parts], 0)
    return alike & (near | np.array([_in_reach(part, view, _away(part, view)) for part in parts]))


def _least(parts: Sequence[Part]) -> np.ndarray:
    """How alike segments must look at least, wherever they are: (K,), 0 to 1."""
    return np.array([min(needed(part), NEAR) for part in parts])


def _in_reach(part: Part, view: View, away: np.ndarray) -> np.ndarray:
    """
    Whether segments are not further away than a part can have come: (...) bool.

    :param away: (...) as `_away` gives it
    """
    return (away <= _reach(part, view)) | (part.place is None)


def _reach(part: Part, view: View) -> float:
    """How far a part that is missing can have come, its sizes."""
    return REACH * (1 + (view.stamp - part.seen) / 1e9 / SLOW)


def _may_be(part: Part, view: View, index: int, looks: float) -> bool:
    """
    Whether a segment is a part by its looks, as where it is does not tell.

    It has to look so on two frames in a row, if anything beside the part ever looked like it, and
    further away more so. After crossing with a twin one frame is never enough.
    """
    away = _away(part, view, index)
    least = max(needed(part), 0 if away <= NEARBY else FAR)
    if looks < least or not _in_reach(part, view, away):
        return False
    id = int(view.ids[index])
    part.claiming.add(id)
    sure = looks >= SURE and not _twins(part)
    return part.likest < LEAST or sure or (id > 0 and id in part.claims)


def _away(part: Part, view: View, some: int | slice = slice(None)) -> np.ndarray:
    """
    How far segments lie from where a part was in the picture, or in the world.

    :param some: of the segments
    :return: of each, the part's sizes; infinity where nobody knows where it was
    """
    middles = view.middles[some, None]
    if part.place is None:
        return np.full(middles.shape[:-2], np.inf)
    x, y = np.moveaxis(middles - part.place, -1, 0)
    return np.hypot(x, y).min(axis=-1) / np.sqrt(max(part.area, 1))
