# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame continues which part of a thing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fastsam_ros.following.looks import likeness
from fastsam_ros.following.motion import Flow
from fastsam_ros.following.small_mask import SmallMask, iou
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

OVERLAP = 0.2  # IoU with where it should be; below, it is another segment
LIKENESS = 0.7  # of looks; below, it is another thing
NEAR = 0.85  # likeness that brings back what was missing, near where it should be
FAR = 0.92  # anywhere in the picture
SIZE = 0.5  # power of the ratio of areas
FADE = 0.5  # weight of the frame before in the mask that is remembered
OTHERS = 0.5  # IoU above which even what was there besides it may be it
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
    :param flow: from this frame to the last one; None: there was none
    :param ids: (N,) uint32 of the segments, as all of them are numbered
    """
    for part in parts:
        moved = part.mask if flow is None else flow.move(part.mask)
        index, score = (
            _continued(part, moved, view) if part.index >= 0 and flow is not None
            else _found_again(part, moved, view, ids))
        part.index, part.likely = index, score
        part.mask = moved
        if index >= 0:
            _learn(part, view, index)
        elif flow is not None:
            part.newest_other = part.newest_other or int(ids.max(initial=0))


def _learn(part: Part, view: View, index: int) -> None:
    mask = view.mask(index)
    part.mask = mask.blend(part.mask, FADE)
    part.area += GROWTH * (mask.area - part.area)
    part.last = part.last + LOOKS * (view.looks(index) - part.last)
    part.last = part.last / np.linalg.norm(part.last)
    part.newest_other = 0


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


def _continued(part: Part, moved: SmallMask, view: View) -> tuple[int, float]:
    """The segment that goes on from where the part was, and how surely; -1: none."""
    scores = {}
    for index in view.near(moved).tolist():
        overlap = iou(moved, view.mask(index))
        if overlap >= OVERLAP:
            scores[index] = _score(part, view, index, overlap, LIKENESS)
    return _best(scores)


def _found_again(
    part: Part, moved: SmallMask, view: View, ids: np.ndarray
) -> tuple[int, float]:
    """
    The segment that a missing part has become.

    What was there besides the part when it was seen last is something else, unless it lies where
    the part should be.
    """
    scores = {}
    near = set(view.near(moved).tolist())
    for index in range(view.count):
        overlap = iou(moved, view.mask(index)) if index in near else 0.0
        other = ids[index] <= part.newest_other and ids[index] != part.id
        if not other or overlap >= OTHERS:
            least = NEAR if overlap >= OVERLAP else FAR
            scores[index] = _score(part, view, index, (1 + overlap) / 2, least)
    return _best(scores)


def _best(scores: dict[int, float]) -> tuple[int, float]:
    """The index of the highest score above 0, and the score; -1 where there is none."""
    index = max(scores, key=scores.get, default=-1)
    return (index, scores[index]) if index >= 0 and scores[index] > 0 else (-1, 0.0)
