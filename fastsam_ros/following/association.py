# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame continues which part of a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from fastsam_ros.following.continuing import continued
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.looks import learned
from fastsam_ros.following.others import forget_duplicates, judge, note_rivals
from fastsam_ros.following.pairing import likenesses
from fastsam_ros.following.searching import found_again
from fastsam_ros.following.small_mask import blended
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

TOUCH = 0.05  # IoU of boxes from which a segment is beside another
WELL = 0.4  # score; where a sure segment has more, no candidate is looked at
PARTIAL = 0.7  # of its area; if less is seen some of it is hidden, and nothing is learned
FADE = 0.4  # weight of the frame before in the mask that is remembered
GROWTH = 0.1  # weight of a frame in the area that is remembered
HIDING = 0.03  # the same where some of it is hidden: that it got smaller is not likely
LOOKS = 0.1  # weight of a frame in the looks that are remembered


def part_of(view: View, index: int, id: int) -> Part:
    """A segment that is followed from this frame on, known by its id."""
    looks, mask = view.looks([index])[0], view.mask(index)
    return Part(
        id, index, mask, mask.area, looks, looks, whole=(view, index),
        place=_places(view, [index])[0], seen=view.stamp)


def _places(view: View, indices: Sequence[int]) -> np.ndarray:
    """Places of K segments, each twice: (K, 2, 2); see `Part.place`."""
    return np.repeat(view.middles[indices][:, None], 2, axis=1)


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
        part.claims, part.claiming = part.claiming, set()
    if flow is not None:
        _look(seen, view, continued)
    gone = [part for part in seen if part.index < 0]
    for part in gone:
        leave(part)
    for part in missing + gone:
        part.place = None if flow is None or part.place is None else part.place + [
            (0, 0), flow.drift]
    if flow is None:
        missing += gone
    note_rivals(parts, view, flow is None)
    _look([part for part in missing if not part.vanished], view, found_again)
    _learn([part for part in parts if part.index >= 0], view)


def _look(parts: Sequence[Part], view: View, find: Callable) -> None:
    """
    Look for parts among sure segments, and where none fits well among candidates too.

    :param find: `continued` or `found_again`
    """
    sure = np.arange(view.count) < view.scene.confident
    for some in (sure, ~sure):
        left = [part for part in parts if part.likely < WELL]
        if left and some.any():
            _choose(left, *find(left, view, some))


def _choose(parts: Sequence[Part], pairs: np.ndarray, scores: np.ndarray) -> None:
    """
    Give each part the segment of its highest score; no two parts of a thing have the same.

    :param pairs: (2, P) int64, numbers of parts, in order, and indices of segments
    :param scores: (P,) how surely the one is the other, above 0
    """
    order = np.argsort(-scores, kind='stable')
    for (number, index), score in zip(pairs[:, order].T.tolist(), scores[order].tolist()):
        part = parts[number]
        if score > part.likely and all(other.index != index for other in part.kin):
            part.index, part.likely = index, score


def leave(part: Part) -> None:
    """Judge all that there was besides the part when it was whole last."""
    if part.whole is not None:
        view, index = part.whole
        part.whole = None
        judge([part], view, [index], view.ids[None] > 0)


def _learn(parts: Sequence[Part], view: View) -> None:
    """Remember how parts that were found look now, and what is beside them."""
    if not parts:
        return
    indices = [part.index for part in parts]
    view.prepare(np.array(indices))
    masks = [view.mask(index) for index in indices]
    known = blended(masks, [part.mask for part in parts], FADE)
    whole = np.zeros(len(parts), bool)
    places = _places(view, indices)
    for number, (part, mask, remembered) in enumerate(zip(parts, masks, known)):
        whole[number] = mask.area > PARTIAL * max(part.area, 1)
        part.mask, part.place, part.seen = remembered, places[number], view.stamp
        part.area += (GROWTH if whole[number] else HIDING) * (mask.area - part.area)
    _learn_whole([part for part, all_seen in zip(parts, whole) if all_seen], view)


def _learn_whole(parts: Sequence[Part], view: View) -> None:
    """The same of parts of which all is seen: how they look and what is beside them."""
    if not parts:
        return
    indices = [part.index for part in parts]
    itself = np.array([np.arange(len(parts)), indices])
    for part, alike in zip(parts, likenesses(parts, view, itself, form=True).tolist()):
        part.steady += LOOKS * (alike - part.steady)
    looks = learned(
        np.array([part.last for part in parts]),
        view.looks(indices), LOOKS)
    for part, last in zip(parts, looks):
        part.whole, part.last = (view, part.index), last
    masks = [view.mask(index) for index in indices]
    judge(parts, view, indices, view.near(masks, TOUCH) & (view.ids > 0))
    forget_duplicates(parts, view, masks)
