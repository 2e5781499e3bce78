# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which depth belongs to which image.

The same stamp, if there is one; else the nearest within a slop. Nothing waits for depth but what
needs it: an image whose depth has not come yet is decided when depth of its time or later has, or
when the next image needs a decision.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

KEPT = 15  # depth frames: half a second of a usual camera, while the network works

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
    """

    image: Image
    depth: Depth | None
    difference: float


class Pairing(Generic[Image, Depth]):
    """
    Pairs images with depth; not thread-safe.

    :param slop: seconds that the stamps of a pair may differ when none is equal
    """

    def __init__(self, slop: float) -> None:
        self.slop = slop
        self._depths: deque[tuple[int, Depth]] = deque(maxlen=KEPT)
        self._waiting: tuple[int, Image] | None = None

    def clear(self) -> None:
        """Forget all."""
        self._depths.clear()
        self._waiting = None

    def add_depth(self, stamp: int, depth: Depth) -> list[Pair[Image, Depth]]:
        """
        Depth came.

        :param stamp: nanoseconds
        :return: the pair that is decided by it, or none
        """
        if self._depths and stamp < self._depths[-1][0]:
            self._depths.clear()  # time began anew, as with a bag that loops
        self._depths.append((stamp, depth))
        return self._decide()

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
        return [self._nearest(*waiting)]

    def _decide(self) -> list[Pair[Image, Depth]]:
        """Whether all depth that the waiting image could have is there."""
        if self._waiting is None or not self._depths or self._depths[-1][0] < self._waiting[0]:
            return []
        return self.flush()

    def _nearest(self, stamp: int, image: Image) -> Pair[Image, Depth]:
        if not self._depths:
            return Pair(image, None, float('inf'))
        found, depth = min(self._depths, key=lambda kept: abs(kept[0] - stamp))
        difference = (found - stamp) / 1e9
        return Pair(image, depth if abs(difference) <= self.slop else None, difference)
