# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of this frame is which segment of the last ones, for all of them at once."""

from __future__ import annotations

from threading import Lock

import numpy as np

from fastsam_ros.core.native import library
from fastsam_ros.following.flow import SCALE, Flow

SAME = 0.3  # IoU of boxes times likeness of coefficients; below, they are different segments
LAST = 2**32 - 1  # number; after it they begin anew, which takes days
PATIENCE = 15  # frames that a segment may be missing and still come back as itself


class Identities:
    """
    Gives segments numbers that stay while they are seen; one object a camera.

    Known boxes go on as the picture moved in them. Then boxes are matched, best pairs first, by
    their IoU times the cosine of their mask coefficients, which tells a part from the whole
    where both fill nearly the same box. A segment that is missing keeps its number for some
    frames; numbers are not used twice, until all are used. May be used from any thread.
    """

    def __init__(self) -> None:
        self._next = 1
        self._lock = Lock()
        self.forget()

    def update(
        self, boxes: np.ndarray, coefficients: np.ndarray | None = None,
        flow: Flow | None = None, factor: int = 1,
    ) -> np.ndarray:
        """
        Number the segments of the next frame.

        :param boxes: (N, 4) float32 x0, y0, x1, y1, pixels of the image
        :param coefficients: (N, 32) of the masks; None, always: boxes alone are matched
        :param flow: the way from this frame to the last one; None: it is not known
        :param factor: pixels of the image that make one of the flow's, a side
        :return: (N,) uint32, from 1 on, in the order of the boxes
        :raises ValueError: when there are not as many coefficients as boxes, or as before
        """
        boxes = np.ascontiguousarray(boxes, np.float32)
        with self._lock:
            if flow is not None and len(self._boxes):
                self._boxes = moved(self._boxes, flow, factor)
            kinds = _kinds(boxes, coefficients)
            ids, known = self._match(boxes, kinds)
            missed = self._missed + 1
            waiting = missed <= PATIENCE
            waiting[known] = False
            self._boxes = np.concatenate([boxes, self._boxes[waiting]])
            self._kinds = np.concatenate([kinds, self._kinds[waiting]])
            self._ids = np.concatenate([ids, self._ids[waiting]])
            self._missed = np.concatenate([np.zeros(len(ids), np.int64), missed[waiting]])
            return ids

    def look(self, boxes: np.ndarray, coefficients: np.ndarray | None = None) -> np.ndarray:
        """
        Number the segments of a frame that is not in the row, without learning from it.

        What is followed is found again; what is not gets numbers that nothing else has.

        :return: as `update`
        :raises ValueError: as `update`
        """
        boxes = np.ascontiguousarray(boxes, np.float32)
        with self._lock:
            return self._match(boxes, _kinds(boxes, coefficients))[0]

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
                others = self._ids != new
                if not others.all():
                    self._keep(others)
                self._ids[self._ids == old] = new

    def forget(self) -> None:
        """Know no segment any more; numbers go on."""
        with self._lock:
            self._boxes, self._kinds = np.empty((0, 4), np.float32), np.empty((0, 1), np.float32)
            self._ids, self._missed = np.empty(0, np.uint32), np.empty(0, np.int64)

    def _keep(self, some: np.ndarray) -> None:
        self._boxes, self._kinds = self._boxes[some], self._kinds[some]
        self._ids, self._missed = self._ids[some], self._missed[some]

    def _fresh(self, count: int) -> np.ndarray:
        numbers = np.arange(self._next, self._next + count)
        self._next += count
        return ((numbers - 1) % LAST + 1).astype(np.uint32)

    def _match(self, boxes: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the boxes, (N,) uint32; and which known ones are among them."""
        if not len(self._boxes):
            self._kinds = np.empty((0, kinds.shape[1]), np.float32)
        needed = len(boxes), self._kinds.shape[1]
        if kinds.shape != needed:  # the library would read what lies behind them
            raise ValueError(f'{needed} coefficients are needed, not {kinds.shape}')
        matches = np.empty(len(boxes), np.int64)
        library().fastsam_match(
            len(boxes), boxes, kinds, len(self._boxes), self._boxes, self._kinds, kinds.shape[1],
            SAME, matches)
        others = matches < 0
        known = matches[~others]
        ids = np.empty(len(boxes), np.uint32)
        ids[~others] = self._ids[known]
        ids[others] = self._fresh(np.count_nonzero(others))
        return ids, known


def _kinds(boxes: np.ndarray, coefficients: np.ndarray | None) -> np.ndarray:
    """The coefficients; ones where there are none."""
    if coefficients is None:
        return np.ones((len(boxes), 1), np.float32)
    return np.ascontiguousarray(coefficients, np.float32)


def moved(boxes: np.ndarray, flow: Flow, factor: int) -> np.ndarray:
    """
    Boxes of the older frame as they lie in the newer one: by the median of nine points.

    :param boxes: (N, 4) x0, y0, x1, y1, pixels of the image
    :param flow: from the newer frame to the older
    :param factor: pixels of the image that make one of the flow's, a side
    :return: (N, 4) float32
    """
    there = np.array(boxes, np.float32)
    library().fastsam_move_boxes(
        flow.movement, *flow.movement.shape[:2], SCALE * factor, len(there), there)
    return there
