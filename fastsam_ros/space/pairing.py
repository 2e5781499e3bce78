# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which depth belongs to which image.

The same stamp, if there is one; else the nearest within a slop. Nothing waits for depth but what
needs it: an image whose depth has not come yet is decided when depth of its time or later has, or
when the next image needs a decision.

Images come when the network or a detector is done with them, so depth is kept for as long as that
takes, whatever the rate of the sensor: half a second at first, and twice as long each time that an
image comes too late for its depth. At most it is as long as 30 frames last, which is the node's
history, where the network segments ten a second.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

SPAN = 0.5  # seconds for which depth frames are kept at first, while the network works
LONGEST = 3.0  # seconds for which they are kept for a slow one
KEPT = 15  # frames that are kept in any case, however old or large
MOST = 300  # frames, and
ROOM = 256 * 10**6  # bytes that all may hold: 3 s of 848x480 at 90 Hz are 270 frames of 220 MB

Depth = TypeVar('Depth')
Image = TypeVar('Image')


@dataclass(frozen=True)
class Pair(Generic[Image, Depth]):
    """
    An image and its depth.

    :param image: as it was given
    :param depth: as it was given; None: there is none
    :param difference: of their stamps, seconds: depth's minus image's; without depth the nearest
        one's, and infinite when none was there at all
    :param late: whether there is no depth because that of its time is no longer kept; the nearest
        is the oldest that is kept, then
    """

    image: Image
    depth: Depth | None
    difference: float
    late: bool = False


@dataclass(frozen=True)
class _Kept(Generic[Depth]):
    stamp: int
    depth: Depth
    size: int


class Pairing(Generic[Image, Depth]):
    """
    Pairs images with depth; not thread-safe.

    :param slop: seconds that the stamps of a pair may differ when none is equal
    """

    def __init__(self, slop: float) -> None:
        self.slop = slop
        self._depths: deque[_Kept[Depth]] = deque()
        self._size = 0  # bytes of all of them
        self._span = SPAN
        self._gone: int | None = None  # the stamp of the newest that is no longer kept
        self._waiting: tuple[int, Image] | None = None

    def clear(self) -> None:
        """Forget all."""
        self._forget_depth()
        self._waiting = None

    def _forget_depth(self) -> None:
        self._depths.clear()
        self._size, self._gone = 0, None

    def add_depth(self, stamp: int, depth: Depth, size: int = 0) -> list[Pair[Image, Depth]]:
        """
        Depth came.

        :param stamp: nanoseconds
        :param size: of what it holds, bytes
        :return: the pair that is decided by it, or none
        """
        if self._depths and stamp < self._depths[-1].stamp:
            self._forget_depth()  # time began anew, as with a bag that loops
        self._depths.append(_Kept(stamp, depth, size))
        self._size += size
        self._trim()
        return self._decide()

    def _trim(self) -> None:
        begin = self._depths[-1].stamp - self._span * 1e9
        while len(self._depths) > KEPT and (
                self._depths[0].stamp < begin or self._size > ROOM or len(self._depths) > MOST):
            oldest = self._depths.popleft()
            self._size -= oldest.size
            self._gone = oldest.stamp

    def add_image(self, stamp: int, image: Image) -> list[Pair[Image, Depth]]:
        """
        An image came.

        :param stamp: nanoseconds
        :return: the pairs that are decided by it, oldest first
        """
        decided = self.flush()
        self._waiting = stamp, image
        return decided + self._decide()

    def at(self, stamp: int) -> Depth | None:
        """
        The depth of a time, as far as it has come.

        :param stamp: nanoseconds
        """
        return self._nearest(stamp, None).depth

    def flush(self) -> list[Pair[Image, Depth]]:
        """
        Nothing more will come.

        :return: the pair that waited for it, or none
        """
        if self._waiting is None:
            return []
        waiting, self._waiting = self._waiting, None
        pair = self._nearest(*waiting)
        if pair.late:
            self._span = min(2 * self._span, LONGEST)
        return [pair]

    def _decide(self) -> list[Pair[Image, Depth]]:
        """Whether all depth that the waiting image could have is there."""
        if self._waiting is None or not self._depths or self._depths[-1].stamp < self._waiting[0]:
            return []
        return self.flush()

    def _nearest(self, stamp: int, image: Image) -> Pair[Image, Depth]:
        if not self._depths:
            return Pair(image, None, float('inf'))
        nearest = min(self._depths, key=lambda kept: abs(kept.stamp - stamp))
        difference = (nearest.stamp - stamp) / 1e9
        if abs(difference) <= self.slop:
            return Pair(image, nearest.depth, difference)
        late = self._gone is not None and stamp - self._gone <= self.slop * 1e9
        return Pair(image, None, difference, late)
