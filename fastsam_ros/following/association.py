# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame continues which part of a thing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fastsam_ros.following.motion import Flow
from fastsam_ros.following.small_mask import intersections, ious
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

OVERLAP = 0.2  # IoU with where it should be; below, it is another segment
LIKENESS = 0.7  # of looks; below, it is another thing
NEAR = 0.85  # likeness that brings back what was missing, near where it should be
FAR = 0.92  # anywhere in the picture
LEAST = 0.15  # score; of right ones 99 % have .22 or more
RATIO = 0.35  # of areas; a smaller piece, or a larger whole, does not go on
PARTIAL = 0.7  # of its area; if less is seen some of it is hidden, and nothing is learned
SIZE = 0.5  # power of the ratio of areas
FADE = 0.4  # weight of the frame before in the mask that is remembered
CLAIMED = 0.5  # IoU above which even what was there besides it may be it
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
    for part in parts:
        _follow(part, view, flow)


def _follow(part: Part, view: View, flow: Flow | None) -> None:
    seen = part.index >= 0
    if flow is not None:
        part.mask = flow.move(part.mask)
    scores = _continued(part, view) if seen and flow is not None else {}
    if not scores:
        if seen:
            _leave(part)
        if not seen or flow is None:
            scores = _found_again(part, view)
    part.index, part.likely = _best(scores)
    if part.index >= 0:
        _learn(part, view)


def _leave(part: Part) -> None:
    """Note what there was besides the part, and what overlapped it, when it was whole last."""
    if part.whole is None:
        return
    (view, index), part.whole = part.whole, None
    mask, near = view.mask(index), view.near(view.mask(index))
    view.prepare(near)
    part.newest_other = int(view.ids.max(initial=0))
    others = [view.mask(other) for other in near]
    least = np.minimum([other.area for other in others], mask.area) * NESTED
    part.kin = set(view.ids[near][intersections(mask, others) > least].tolist())


def _learn(part: Part, view: View) -> None:
    mask = view.mask(part.index)
    size = mask.area / max(part.area, 1)
    part.mask = mask.blend(part.mask, FADE)
    part.area += GROWTH * (mask.area - part.area)
    if size > PARTIAL:
        part.whole = view, part.index
        part.last = part.last + LOOKS * (view.looks(part.index) - part.last)
        part.last = part.last / np.linalg.norm(part.last)


def _is_other(part: Part, id: int) -> bool:
    return 0 < id <= part.newest_other and id != part.id and id not in part.kin


def _score(part: Part, view: View, index: int, looks: float, overlap: float) -> float:
    """
    How surely a segment is a part, 0 to 1.

    :param looks: likeness, 0 to 1
    :param overlap: IoU with where the part should be, or what stands for it
    """
    size = _ratio(view.mask(index).area, part.area)
    return float(overlap * looks**2 * size**SIZE * view.scene.scores[index] ** 0.5)


def _ratio(one: float, other: float) -> float:
    return min(one, other) / max(one, other, 1)


def _continued(part: Part, view: View) -> dict[int, float]:
    """How surely segments go on from where the part was."""
    sized = [
        index for index in view.near(part.mask) if _ratio(view.areas[index], part.area) >= RATIO]
    near = [
        (index, looks)
        for index, looks in view.likenesses(sized, [part.first, part.last]) if looks >= LIKENESS]
    overlaps = ious(part.mask, [view.mask(index) for index, _ in near])
    scores = {
        index: _score(part, view, index, looks, overlap)
        for (index, looks), overlap in zip(near, overlaps.tolist()) if overlap >= OVERLAP}
    return {index: score for index, score in scores.items() if score >= LEAST}


def _found_again(part: Part, view: View) -> dict[int, float]:
    """
    How surely segments are a part that was missing.

    What was there besides the part when it was whole last is something else, unless it lies
    where the part should be.
    """
    alike = [
        (index, looks)
        for index, looks in view.likenesses(range(view.count), [part.first, part.last])
        if looks >= NEAR]
    overlaps = ious(part.mask, [view.mask(index) for index, _ in alike])
    scores = {}
    for (index, looks), overlap in zip(alike, overlaps.tolist()):
        allowed = overlap >= CLAIMED or not _is_other(part, int(view.ids[index]))
        if allowed and looks >= (NEAR if overlap >= OVERLAP else FAR):
            scores[index] = _score(part, view, index, looks, (1 + overlap) / 2)
    return scores


def _best(scores: dict[int, float]) -> tuple[int, float]:
    """The index of the highest score above 0, and the score; -1 where there is none."""
    index = max(scores, key=scores.get, default=-1)
    return (index, scores[index]) if index >= 0 and scores[index] > 0 else (-1, 0.0)
