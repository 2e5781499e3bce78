# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of this frame is which segment of the last ones."""

from __future__ import annotations

from threading import Lock

import numpy as np

from fastsam_ros.core.boxes import pairwise_iou
from fastsam_ros.core.scene import Scene

SAME = 0.5  # boxes that overlap less than this (IoU) are different segments
FEW = 3  # segments that are seen again tell how the picture moves; fewer may move by themselves
LAST = 2**32 - 1  # number; after it they begin anew, which takes days
PATIENCE = 5  # frames that a segment may be missing and still come back as itself


class Identities:
    """
    Gives segments numbers that stay while they are seen; one tracker a camera.

    Segments are matched by their boxes' IoU, best pairs first. Before that the known boxes go on
    as the picture moved last, by the median of its segments: so the camera may turn. A segment
    that is missing keeps its number for a few frames; numbers are not used twice, until
    all are used. May be used from any thread.
    """

    def __init__(self) -> None:
        self._boxes = np.empty((0, 4), np.float32)
        self._ids = np.empty(0, np.uint32)
        self._missed = np.empty(0, np.int64)
        self._shift = np.zeros(2, np.float32)  # x, y, pixels, to the last frame
        self._next = 1
        self._lock = Lock()

    def update(self, scene: Scene, soon: bool = True) -> np.ndarray:
        """
        Number the segments of the next frame.

        :param soon: it came soon after the last one, so that the picture moves on as it moved
        :return: (N,) uint32, from 1 on, in the scene's order
        """
        with self._lock:
            if not soon:
                self._shift = np.zeros(2, np.float32)
            before = self._boxes
            self._boxes = before + np.tile(self._shift, 2)
            ids, new, known = self._match(scene.boxes)
            self._shift = self._moved(before[known], scene.boxes[new], self._missed[known])
            self._remember(scene.boxes, ids, known)
            return ids

    def look(self, scene: Scene) -> np.ndarray:
        """
        Number the segments of a frame that is not in the row, without learning from it.

        What is tracked is found again; what is not gets numbers that nothing else has.

        :return: as `update`
        """
        with self._lock:
            return self._match(scene.boxes)[0]

    def fresh(self, count: int) -> np.ndarray:
        """
        Numbers that nothing else has or will get: (count,) uint32.

        :param count: how many
        """
        with self._lock:
            return self._fresh(count)

    def rename(self, old: int, new: int) -> None:
        """A segment that was numbered turned out to be another that is known."""
        with self._lock:
            if old != new:
                kept = self._ids != new
                self._boxes, self._missed = self._boxes[kept], self._missed[kept]
                self._ids = np.where(self._ids[kept] == old, np.uint32(new), self._ids[kept])

    def forget(self) -> None:
        """Know no segment any more; numbers go on."""
        with self._lock:
            self._boxes, self._ids, self._missed = self._boxes[:0], self._ids[:0], self._missed[:0]
            self._shift = np.zeros(2, np.float32)

    def _fresh(self, count: int) -> np.ndarray:
        numbers = np.arange(self._next, self._next + count)
        self._next += count
        return ((numbers - 1) % LAST + 1).astype(np.uint32)

    def _match(self, boxes: np.ndarray) -> tuple[np.ndarray, list[int], list[int]]:
        """Numbers of the boxes, (N,) uint32; and which of them are which known ones, pairwise."""
        overlaps = pairwise_iou(boxes, self._boxes)
        pairs = np.flatnonzero(overlaps > SAME)
        pairs = pairs[np.argsort(-overlaps.ravel()[pairs], kind='stable')]
        matches: dict[int, int] = {}  # known ones to new ones
        matched = set()
        for new, known in zip(*(at.tolist() for at in np.divmod(pairs, len(self._ids) or 1))):
            if new not in matched and known not in matches:
                matches[known] = new
                matched.add(new)
        known, new = list(matches), list(matches.values())
        ids = np.zeros(len(boxes), np.uint32)
        ids[new] = self._ids[known]
        others = ids == 0
        ids[others] = self._fresh(np.count_nonzero(others))
        return ids, new, known

    def _moved(self, before: np.ndarray, now: np.ndarray, missed: np.ndarray) -> np.ndarray:
        """
        Median movement since the last frame: (2,) float32 x, y, pixels.

        :param before, now: (K, 4) boxes of the same segments
        :param missed: (K,) how many frames each was not in before
        """
        seen = missed == 0
        if np.count_nonzero(seen) < FEW:
            return np.zeros(2, np.float32)
        return median((centres(now) - centres(before))[seen])

    def _remember(self, boxes: np.ndarray, ids: np.ndarray, known: list[int]) -> None:
        missed = self._missed + 1
        waiting = missed <= PATIENCE
        waiting[known] = False
        self._boxes = np.concatenate([boxes, self._boxes[waiting]])
        self._ids = np.concatenate([ids, self._ids[waiting]])
        self._missed = np.concatenate([np.zeros(len(ids), np.int64), missed[waiting]])


def centres(boxes: np.ndarray) -> np.ndarray:
    """Of (N, 4) boxes x0, y0, x1, y1: (N, 2) x, y."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def median(rows: np.ndarray) -> np.ndarray:
    """Of each column of (N, M), N at least 1: (M,); as numpy's, which takes ten times as long."""
    ordered = np.sort(rows, axis=0)
    return (ordered[(len(rows) - 1) // 2] + ordered[len(rows) // 2]) / 2
