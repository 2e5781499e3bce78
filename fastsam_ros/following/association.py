# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame continues which part of a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from fastsam_ros.following.flow import Flow
from fastsam_ros.following.small_mask import blended, shared
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

OVERLAP = 0.2  # IoU with where it should be, of masks and of boxes; below, it is another segment
TOUCH = 0.05  # IoU of boxes from which segments may share something
LIKENESS = 0.7  # of looks; below, it is another thing
NEAR = 0.85  # likeness that brings back what was missing, near where it should be
FAR = 0.92  # anywhere in the picture
WELL = 0.4  # score; where a sure segment has more, no candidate is looked at
LEAST = 0.15  # score; of right ones 99 % have .22 or more
RATIO = 0.35  # of areas; a smaller piece, or a larger whole, does not go on
AGAIN = 0.15  # of areas, of what was missing: it may come back half outside of the picture
PARTIAL = 0.7  # of its area; if less is seen some of it is hidden, and nothing is learned
SIZE = 0.5  # power of the ratio of areas
FADE = 0.4  # weight of the frame before in the mask that is remembered
CLAIMED = 0.8  # IoU with where it should be, above which even what was there besides it may be it
SAME = 0.35  # IoU from which two segments show one thing
NESTED = 0.5  # of the smaller of two masks; if more is shared, one is a part of the other
GROWTH = 0.1  # weight of a frame in the area that is remembered
LOOKS = 0.1  # weight of a frame in the looks that are remembered


def part_of(view: View, index: int, id: int) -> Part:
    """A segment that is followed from this frame on, known by its id."""
    looks, mask = view.looks(index), view.mask(index)
    return Part(id, index, mask, mask.area, looks, looks, whole=(view, index))


def follow(parts: Iterable[Part], view: View, flow: Flow | None) -> None:
    """
    Look for parts in the next frame.

    :param parts: their `index` and `mask` become those of this frame
    :param view: of the frame
    :param flow: from this frame to the last one; None: it is not known
    """
    parts = list(parts)
    if not parts:
        return
    if flow is not None:
        for part, mask in zip(parts, flow.move([part.mask for part in parts])):
            part.mask = mask
    seen = [part for part in parts if part.index >= 0]
    missing = [part for part in parts if part.index < 0]
    for part in parts:
        part.index, part.likely = -1, 0.0
    if flow is not None:
        _look(seen, view, _continued)
    gone = [part for part in seen if part.index < 0]
    for part in gone:
        leave(part)
    if flow is None:
        missing += gone
    _look(missing, view, _found_again)
    _learn([part for part in parts if part.index >= 0], view)


def _look(parts: Sequence[Part], view: View, find: Callable) -> None:
    """
    Look for parts among sure segments, and where none fits well among candidates too.

    :param find: `_continued` or `_found_again`
    """
    sure = np.arange(view.count) < view.scene.confident
    for some in (sure, ~sure):
        left = [part for part in parts if part.likely < WELL]
        if left and some.any():
            _choose(left, *find(left, view, some))


def _choose(parts: Sequence[Part], pairs: np.ndarray, scores: np.ndarray) -> None:
    """
    Give each part the segment of its highest score.

    :param pairs: (2, P) int64, numbers of parts, in order, and indices of segments
    :param scores: (P,) how surely the one is the other, above 0
    """
    for (number, index), score in zip(pairs.T.tolist(), scores.tolist()):
        if score > parts[number].likely:
            parts[number].index, parts[number].likely = index, score


def leave(part: Part) -> None:
    """Note what there was besides the part, and what overlapped it, when it was whole last."""
    if part.whole is None:
        return
    (view, index), part.whole = part.whole, None
    mask = view.mask(index)
    near = np.flatnonzero(view.near([mask], TOUCH)[0] & (view.ids > 0))
    others = [view.mask(other) for other in near.tolist()]
    part.newest_other = int(view.ids.max(initial=0))
    least = np.minimum([other.area for other in others], mask.area) * NESTED
    part.kin = set(view.ids[near][shared(mask, others) > least].tolist())


def _learn(parts: Sequence[Part], view: View) -> None:
    """Remember how parts that were found look now."""
    masks = [view.mask(part.index) for part in parts]
    known = blended(masks, [part.mask for part in parts], FADE)
    for part, mask, remembered in zip(parts, masks, known):
        size = mask.area / max(part.area, 1)
        part.mask = remembered
        part.area += GROWTH * (mask.area - part.area)
        if size > PARTIAL:
            part.whole = view, part.index
            part.last = part.last + LOOKS * (view.looks(part.index) - part.last)
            part.last = part.last / np.linalg.norm(part.last)


def _is_other(part: Part, id: int) -> bool:
    return 0 < id <= part.newest_other and id != part.id and id not in part.kin


def _ratios(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How nearly areas are the same, 0 to 1."""
    return np.minimum(ones, others) / np.maximum(np.maximum(ones, others), 1)


def _alike(
    parts: Sequence[Part], view: View, some: np.ndarray, least: float
) -> np.ndarray:
    """Pairs as for `_choose` whose areas differ at most by a factor; see `_continued`."""
    areas = np.array([part.area for part in parts])
    pairs = np.array(np.nonzero(some & (view.most_areas >= least * areas[:, None])))
    return pairs[:, _ratios(areas[pairs[0]], view.areas(pairs[1])) >= least]


def _continued(
    parts: Sequence[Part], view: View, some: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    How surely segments go on from where parts were: pairs as for `_choose`, and scores.

    :param some: (N,) bool, the segments that are looked at
    """
    masks = [part.mask for part in parts]
    # Masks may overlap more than their boxes. On DAVIS none that is left out so changes J or F.
    pairs = _alike(parts, view, some & view.near(masks, OVERLAP), RATIO)
    overlaps = view.ious(masks, pairs)
    pairs, overlaps = pairs[:, overlaps >= OVERLAP], overlaps[overlaps >= OVERLAP]
    looks = _likenesses(parts, view, pairs)
    scores = _scores(parts, view, pairs, looks, overlaps)
    fits = (looks >= LIKENESS) & (scores >= LEAST)
    return pairs[:, fits], scores[fits]


def _found_again(
    parts: Sequence[Part], view: View, some: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    How surely segments are parts that were missing: as `_continued`.

    What was there besides a part when it was whole last is something else, unless it lies where
    the part should be.
    """
    pairs = _alike(parts, view, some, AGAIN)
    looks = _likenesses(parts, view, pairs)
    pairs, looks = pairs[:, looks >= NEAR], looks[looks >= NEAR]
    overlaps = view.ious([part.mask for part in parts], pairs)
    scores = _scores(parts, view, pairs, looks, (1 + overlaps) / 2)
    fits = looks >= np.where(overlaps >= OVERLAP, NEAR, FAR)
    for n in np.flatnonzero(fits).tolist():
        fits[n] = overlaps[n] >= CLAIMED or not _shows_another(
            parts[pairs[0, n]], view, int(pairs[1, n]))
    return pairs[:, fits], scores[fits]


def _shows_another(part: Part, view: View, index: int) -> bool:
    """Whether a segment is, or covers the same as, what looked like the part and lay beside it."""
    others = [n for n, id in enumerate(view.ids.tolist()) if _is_other(part, id)]
    pairs = np.array([np.zeros(len(others)), others], np.int64)
    alike = _likenesses([part], view, pairs) >= NEAR
    return bool((view.ious([view.mask(index)], pairs[:, alike]) >= SAME).any())


def _likenesses(parts: Sequence[Part], view: View, pairs: np.ndarray) -> np.ndarray:
    """How much segments look like parts, at first or lately: (P,) 0 to 1."""
    return view.likenesses([(part.first, part.last) for part in parts], pairs)


def _scores(
    parts: Sequence[Part], view: View, pairs: np.ndarray, looks: np.ndarray, overlaps: np.ndarray
) -> np.ndarray:
    """
    How surely segments are parts, (P,) 0 to 1.

    :param looks: (P,) likeness, 0 to 1
    :param overlaps: (P,) IoU with where the part should be, or what stands for it
    """
    areas = np.array([part.area for part in parts])
    sizes = _ratios(areas[pairs[0]], view.areas(pairs[1]))
    return overlaps * looks**2 * sizes**SIZE * view.scene.scores[pairs[1]] ** 0.5
