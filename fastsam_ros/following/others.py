# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What lies beside a part and looks like it, so that the one is not taken for the other."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np

from fastsam_ros.following.pairing import likenesses, ratios
from fastsam_ros.following.small_mask import SmallMask, intersections
from fastsam_ros.following.thing import Part
from fastsam_ros.following.view import View

AGAIN = 0.15  # of areas, of what was missing: it may come back half outside of the picture
TWIN = 0.85  # likeness of colours from which something may be taken for the part
NESTED = 0.5  # of the smaller of two masks; if more is shared, one is a part of the other
SAME = 0.7  # IoU of masks from which both show one thing
OVER = 0.2  # IoU of boxes from which what looks like a part hides it, or is hidden by it
RIVAL = 0.5  # of areas, from which what looks like a part may be taken for it then
DOUBT = 0.5  # s; once it has vanished so, nobody knows for as long which of both comes back
MOST = 1000  # ids that are remembered; older ones are not seen any more


def judge(parts: Sequence[Part], view: View, indices: Sequence[int], some: np.ndarray) -> None:
    """
    Compare segments that are seen beside parts with them; each is judged once, by its id.

    What is judged when it first comes near is still seen apart from the part, which it may not
    be later. What shares much with the part, then, is a piece of it or what it is a piece of.

    :param parts: K
    :param view: of a frame in which all of them is seen
    :param indices: K, their segments there
    :param some: (K, N) bool, the segments that are judged, each with an id
    """
    pairs = _not_judged(parts, view, some)
    if not pairs.size:
        return
    pairs = pairs[:, ratios(parts, view, pairs) >= AGAIN]
    least = np.array([min(TWIN, part.likest) for part in parts])  # with forms they are less alike
    colours = likenesses(parts, view, pairs)
    near = colours >= least[pairs[0]]
    pairs, colours = pairs[:, near], colours[near]
    apart = ~_nested(view, np.array([np.array(indices)[pairs[0]], pairs[1]]))
    pairs, colours = pairs[:, apart], colours[apart]
    alike = likenesses(parts, view, pairs, form=True)
    for (number, index), colour, both in zip(pairs.T.tolist(), colours.tolist(), alike.tolist()):
        part = parts[number]
        part.likest = max(part.likest, both)
        if colour >= TWIN:
            part.others.add(int(view.ids[index]))


def forget_duplicates(parts: Sequence[Part], view: View, masks: Sequence[SmallMask]) -> None:
    """
    Forget look-alikes whose ids have gone over to what shows the parts themselves.

    Where such an id lies apart again later, it is judged anew.

    :param parts: K
    :param view: of a frame in which all of them is seen
    :param masks: K, of their segments there
    """
    if not any(part.others for part in parts):
        return
    pairs = _others_over(parts, view, masks)
    for number, index in pairs[:, view.ious(masks, pairs) >= SAME].T.tolist():
        part, id = parts[number], int(view.ids[index])
        for known in (part.others, part.rivals, part.judged):
            known.discard(id)


def show_others(parts: Sequence[Part], view: View, pairs: np.ndarray) -> np.ndarray:
    """
    Whether segments are, or hold, what looks like parts and was seen beside them: (P,) bool.

    What holds one that is much smaller than the part is the part and a little more.

    :param pairs: (2, P) int64, numbers of parts and indices of segments
    """
    found = np.zeros(pairs.shape[1], bool)
    if not any(part.others for part in parts):
        return found
    places = view.places()
    seen = [[places[other] for other in part.others & places.keys()] for part in parts]
    triples = np.array([
        (pair, index, other)
        for pair, (number, index) in enumerate(pairs.T.tolist())
        for other in seen[number]], np.int64).reshape(-1, 3)
    if len(triples):
        both, areas = _shared(view, triples[:, 1:].T)
        own = np.array([part.area for part in parts])[pairs[0, triples[:, 0]]]
        itself = both >= SAME * (areas.sum(axis=0) - both)
        held = (both > NESTED * areas[1]) & (areas[1] >= RIVAL * own)
        found[triples[itself | held, 0]] = True
    return found


def note_rivals(parts: Sequence[Part], view: View, cut: bool) -> None:
    """
    Notice which look-alikes lie over parts, and which of them vanish there.

    Where a part and its like become one segment, that which is seen next may be either of them.

    :param view: of a frame in which the parts were looked for, where they should be
    :param cut: whether the frame shows another scene: then nothing has vanished
    """
    parts = [
        part for part in parts if part.others or part.rivals or part.vanished or part.crossed]
    if not parts:
        return
    pairs = _others_over(parts, view, [part.mask for part in parts])
    seen = view.places().keys()
    for part in parts:
        part.vanished = {} if cut else _vanished(part, view.stamp, seen)
        part.rivals = set()
    for number, index in pairs[:, ratios(parts, view, pairs) >= RIVAL].T.tolist():
        parts[number].rivals.add(int(view.ids[index]))
    for part in parts:
        new = not cut and bool(part.rivals or part.vanished)
        part.crossed = part.index < 0 and (part.crossed or new)


def best_of_two(
    view: View, pairs: np.ndarray, alike: np.ndarray, looks: np.ndarray, some: np.ndarray
) -> np.ndarray:
    """
    Which segments look more like parts than all else that does and lies apart: (P,) bool.

    Where nothing else does, a part and its twin have not come apart yet, and none is the best.

    :param pairs: (2, P) int64, numbers of parts and indices of segments
    :param alike: (P,) bool, whether segments look enough like parts
    :param looks: (P,) how much they do, 0 to 1
    :param some: (P,) bool, the pairs that are looked at
    """
    best = np.zeros(pairs.shape[1], bool)
    for n in np.flatnonzero(some).tolist():
        number, index = pairs[:, n]
        rest = np.flatnonzero(alike & (pairs[0] == number))
        rest = rest[~_nested(view, np.array([np.full(len(rest), index), pairs[1, rest]]))]
        best[n] = len(rest) > 0 and looks[n] > looks[rest].max()
    return best


def _others_over(parts: Sequence[Part], view: View, masks: Sequence[SmallMask]) -> np.ndarray:
    """
    Pairs of K parts and look-alikes of theirs that lie over masks, as far as boxes tell.

    :param masks: K, one of each part
    """
    places = view.places()
    over = view.near(masks, OVER)
    return np.array([
        (number, places[id]) for number, part in enumerate(parts)
        for id in part.others & places.keys() if over[number, places[id]]],
        np.int64).reshape(-1, 2).T


def _vanished(part: Part, stamp: int, seen: Container[int]) -> dict[int, int]:
    """Rivals of a part that are not seen any more, and since when; after a while nobody cares."""
    missing = {**part.vanished, **dict.fromkeys(part.rivals, stamp)}
    return {
        id: since for id, since in missing.items()
        if id not in seen and stamp - since < DOUBT * 1e9}


def _not_judged(parts: Sequence[Part], view: View, some: np.ndarray) -> np.ndarray:
    """Pairs of parts and what is new of some segments, which then counts as judged."""
    pairs, ids = [], view.ids.tolist()
    own = [{part.id, *(other.id for other in part.kin)} for part in parts]
    for number, index in zip(*(axis.tolist() for axis in np.nonzero(some))):
        part, id = parts[number], ids[index]
        if id not in own[number] and id not in part.judged:
            part.judged.add(id)
            pairs.append((number, index))
    for part in parts:
        if len(part.judged) > MOST:
            part.judged = set(sorted(part.judged)[MOST // 2 :])
            part.others &= part.judged
    return np.array(pairs, np.int64).reshape(-1, 2).T


def _nested(view: View, pairs: np.ndarray) -> np.ndarray:
    """
    Which segments share much: (P,) bool.

    :param pairs: (2, P) int64, indices of segments
    """
    both, areas = _shared(view, pairs)
    return both > NESTED * areas.min(axis=0)


def _shared(view: View, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    What pairs of segments share, (P,), and their areas, (2, P), pixels of the shrunk picture.

    :param pairs: (2, P) int64, indices of segments
    """
    view.prepare(pairs.ravel())
    return intersections(view.table, view.table, pairs), view.table.areas[pairs]
