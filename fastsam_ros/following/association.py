# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame continues which part of a thing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fastsam_ros.following.looks import likeness
from fastsam_ros.following.motion import Flow
from fastsam_ros.following.small_mask import SmallMask, intersection, iou
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

OVERLAP = 0.2  # IoU with where it should be; below, it is another segment
LIKENESS = 0.7  # of looks; below, it is another thing
NEAR = 0.85  # likeness that brings back what was missing, near where it should be
FAR = 0.92  # anywhere in the picture
LEAST = 0.1  # score; of right ones 99 % have .22 or more
PARTIAL = 0.7  # of its area; if less is seen some of it is hidden, and nothing is learned
SIZE = 0.5  # power of the ratio of areas
FADE = 0.5  # weight of the frame before in the mask that is remembered
CLAIMED = 0.5  # IoU above which even what was there besides it may be it
GROWTH = 0.1  # weight of a frame in the area that is remembered
LOOKS = 0.1  # weight of a frame in the looks that are remembered


def part_of(view: View, index: int, id: int) -> Part:
    """A segment that is followed from this frame on, known by its id."""
    looks, mask = view.looks(index), view.mask(index)
    return Part(id, index, mask, mask.area, looks, looks)


def follow(parts: Iterable[Part], view: View, flow: Flow | None, ids: np.ndarray) -> None:
    """
    Look for parts in the next frame.

    :param parts: their `index` and `mask` become those of this frame
    :param view: of the frame
    :param flow: from this frame to the last one; None: it is not known
    :param ids: (N,) uint32 of the segments, as all of them are numbered
    """
    for part in parts:
        _follow(part, view, flow, ids)


def _follow(part: Part, view: View, flow: Flow | None, ids: np.ndarray) -> None:
    was_seen = part.index >= 0 and flow is not None
    if flow is not None:
        part.mask = flow.move(part.mask)
    scores = _continued(part, view, ids) if was_seen else _found_again(part, view, ids)
    part.index, part.likely = _best(scores)
    if part.index >= 0:
        _learn(part, view, ids)


def _learn(part: Part, view: View, ids: np.ndarray) -> None:
    mask = view.mask(part.index)
    size = mask.area / max(part.area, 1)
    part.mask = mask.blend(part.mask, FADE)
    part.area += GROWTH * (mask.area - part.area)
    if size > PARTIAL:
        part.last = part.last + LOOKS * (view.looks(part.index) - part.last)
        part.last = part.last / np.linalg.norm(part.last)
        part.newest_other = int(ids.max())
        part.kin = {int(ids[index]) for index in view.near(mask)
                    if covers(mask, view.mask(index))}


def covers(one: SmallMask, other: SmallMask) -> bool:
    """Whether one of two masks lies in the other, by half."""
    return intersection(one, other) > 0.5 * min(one.area, other.area)


def _is_other(part: Part, id: int) -> bool:
    return id <= part.newest_other and id != part.id and id not in part.kin


def _score(part: Part, view: View, index: int, overlap: float, least: float) -> float:
    """
    How surely a segment is a part, 0 to 1; 0 when it looks too different.

    :param overlap: IoU with where the part should be; 1 where that is not known
    :param least: likeness of looks
    """
    looks = max(likeness(before, view.looks(index)) for before in (part.first, part.last))
    if looks < least:
        return 0.0
    area = view.mask(index).area
    size = min(area, part.area) / max(area, part.area, 1)
    return float(overlap * looks**2 * size**SIZE * view.scene.scores[index] ** 0.5)


def _continued(part: Part, view: View, ids: np.ndarray) -> dict[int, float]:
    """How surely segments go on from where the part was."""
    scores = {}
    near = view.near(part.mask)
    view.prepare(near)
    for index in near:
        overlap = iou(part.mask, view.mask(index))
        if overlap >= OVERLAP:
            score = _score(part, view, index, overlap, LIKENESS)
            if score >= LEAST:
                scores[index] = score
    return scores


def _found_again(part: Part, view: View, ids: np.ndarray) -> dict[int, float]:
    """
    How surely segments are a part that was missing.

    What was there besides the part when it was seen last is something else, unless it lies where
    the part should be.
    """
    scores = {}
    near = set(view.near(part.mask))
    view.prepare(range(view.count))
    for index in range(view.count):
        overlap = iou(part.mask, view.mask(index)) if index in near else 0.0
        if not _is_other(part, int(ids[index])) or overlap >= CLAIMED:
            least = NEAR if overlap >= OVERLAP else FAR
            scores[index] = _score(part, view, index, (1 + overlap) / 2, least)
    return scores


def _best(scores: dict[int, float]) -> tuple[int, float]:
    """The index of the highest score above 0, and the score; -1 where there is none."""
    index = max(scores, key=scores.get, default=-1)
    return (index, scores[index]) if index >= 0 and scores[index] > 0 else (-1, 0.0)
