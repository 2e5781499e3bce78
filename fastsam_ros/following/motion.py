# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Optical flow between the frames of a camera: once for a frame, whatever is followed in it.

Flow is computed by DIS (Kroeger et al., 'Fast Optical Flow using Dense Inverse Search', ECCV
2016, arXiv:1603.03590), in src/flow/flow.cpp, on grey pictures, half as large as those in
which masks are compared. It points backwards, from the newer frame to where the same point was in
the older one, since that is what moving a mask needs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from threading import RLock

from cachetools import LRUCache
import numpy as np

from fastsam_ros.core.images import check_image, packed
from fastsam_ros.core.native import library
from fastsam_ros.following.flow import SCALE, Flow, points_of
from fastsam_ros.following.small_mask import Grid

MOST = 64  # frames that are kept at the most; of 640x480 .2 MB each, of a large square .5 MB
WAYS = 24  # ways over several frames that are kept at the most; nearly as large
SMALLEST = 16  # points a side; on fewer no patch of DIS has room
SAME = 0.7  # correlation of a picture with the one before, moved; of true frames .75 or more
OTHER = 0.3  # a lower one needs no second look
FLAT = 2.0  # grey levels; less contrast tells nothing
AGREE = 0.75  # points; flow forward and backward that differs more is wrong
STEP = 2  # points; how coarsely two pictures are compared
NONSENSE = 0.2  # share of the picture in which both agree; less is a cut: .05 of cuts at most


@dataclass(eq=False)
class Picture:
    """
    A frame as motion keeps it.

    :param stamp: ns
    :param size: height and width of the image, pixels
    :param grey: (h, w) uint8, a pixel for each point of the flow
    :param flow: to the picture before it; None: it shows another scene
    :param linked: whether `flow` was looked for already
    """

    stamp: int
    size: tuple[int, int]
    grey: np.ndarray
    flow: Flow | None = None
    linked: bool = False


class Motion:
    """The newest pictures of a camera and the flow between them; safe in several threads."""

    def __init__(self) -> None:
        self._pictures: list[Picture] = []
        self._ways: LRUCache[tuple[int, int], Flow] = LRUCache(WAYS)  # by both stamps
        self._lock = RLock()

    def forget(self) -> None:
        """Know no picture any more."""
        with self._lock:
            self._pictures.clear()
            self._ways.clear()

    def add(self, image: np.ndarray, stamp: int) -> None:
        """
        Take a frame, mostly the next one; one that is there already is left aside.

        :param image: (H, W, 3) uint8 RGB
        :param stamp: of the frame, ns
        :raises ImageError: when it is no RGB image
        """
        check_image(image)
        size = image.shape[:2]
        with self._lock:
            kept = self._pictures[self._place(stamp) :][:1]
        if kept and (kept[0].stamp, kept[0].size) == (stamp, size):
            return
        picture = Picture(stamp, size, grey_of(image))
        with self._lock:
            if self._pictures and self._pictures[-1].size != size:
                self.forget()
            self._insert(picture)

    def forget_before(self, stamp: int) -> None:
        """Know no picture any more that is older than a frame: nobody will ask about it."""
        with self._lock:
            del self._pictures[: self._place(stamp)]
            for ends in [ends for ends in self._ways if ends[0] < stamp]:
                del self._ways[ends]

    def _place(self, stamp: int) -> int:
        """Where a picture of that stamp belongs, or is."""
        return bisect_left(self._pictures, stamp, key=lambda kept: kept.stamp)

    def _insert(self, picture: Picture) -> None:
        """Put a picture where it belongs; the network may bring one that `carry` was not given."""
        place = self._place(picture.stamp)
        after = self._pictures[place : place + 1]
        if after and after[0].stamp == picture.stamp:
            return
        for kept in after:
            kept.linked = False
            self._ways.clear()
        self._pictures.insert(place, picture)
        del self._pictures[:-MOST]

    def between(self, old: int, new: int) -> Flow | None:
        """
        The way from a frame back to an older one.

        :param old: stamp of the older frame, ns
        :param new: stamp of the newer frame, ns
        :return: None when one of them is not kept, or the picture was cut between them
        """
        with self._lock:
            chain = [picture for picture in self._pictures if old <= picture.stamp <= new]
            if not chain or chain[0].stamp != old or chain[-1].stamp != new:
                return None
            reached, way = self._known(chain)
            for number in range(reached, len(chain) - 1):
                flow = self._flow(*chain[number : number + 2])
                if flow is None:
                    return None
                way = flow if way is None else way.after(flow)
                self._ways[old, chain[number + 1].stamp] = way
            return Flow.none(Grid(*chain[0].size).shape) if way is None else way

    def _known(self, chain: Sequence[Picture]) -> tuple[int, Flow | None]:
        """How far a way from the first of some pictures is known, and the way."""
        for number in range(len(chain) - 1, 0, -1):
            way = self._ways.get((chain[0].stamp, chain[number].stamp))
            if way is not None:
                return number, way
        return 0, None

    def _flow(self, before: Picture, after: Picture) -> Flow | None:
        if not after.linked:
            after.linked = True
            flow = self._search(after, before)
            after.flow = flow if self._holds(flow, before, after) else None
        return after.flow

    def _search(self, picture: Picture, other: Picture) -> Flow:
        """Where each point of a picture is in another of the same size."""
        shape = Grid(*picture.size).shape
        if min(picture.grey.shape) < SMALLEST:
            return Flow.none(shape)
        movement = np.empty((*picture.grey.shape, 2), np.float32)
        library().fastsam_flow(picture.grey, other.grey, *picture.grey.shape, movement)
        return Flow(movement, shape)

    def _holds(self, flow: Flow, before: Picture, after: Picture) -> bool:
        """Whether both show the same scene: flow makes one of the other, or is the way back."""
        alike = correlation(after.grey, before.grey, flow.movement)
        if alike >= SAME or alike < OTHER:
            return alike >= SAME
        forth = self._search(before, after)
        error = np.linalg.norm(forth.after(flow).movement, axis=-1)
        return float((error < AGREE).mean()) >= NONSENSE


def grey_of(image: np.ndarray) -> np.ndarray:
    """
    The grey picture in which flow is computed.

    :param image: (H, W, 3) uint8 RGB, any strides
    :return: (h, w) uint8
    """
    grid = Grid(*image.shape[:2])
    grey = np.empty(points_of(grid.shape), np.uint8)
    image = packed(image)
    row, _, channel = image.strides
    library().fastsam_grey(
        image.ctypes.data, row, channel, grid.height, grid.width, SCALE * grid.factor,
        *grey.shape, grey)
    return grey


def correlation(one: np.ndarray, other: np.ndarray, movement: np.ndarray) -> float:
    """
    Of a grey picture with another, looked at where the movement leads.

    :param one: (h, w) uint8
    :param other: likewise
    :param movement: (h, w, 2) float32 x, y, points
    :return: -1 to 1; 1 where both are of one shade, and the same
    """
    sums = np.empty(6, np.int64)
    library().fastsam_compare(movement, *one.shape, STEP, one, other, sums)
    count, ones, others, squares, other_squares, products = sums.tolist()
    scale = sqrt((count * squares - ones**2) * (count * other_squares - others**2)) / count**2
    if scale < FLAT:
        return float(abs(ones - others) < FLAT * count)
    return (count * products - ones * others) / count**2 / scale
