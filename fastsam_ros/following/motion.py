# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Optical flow between the frames of a camera: once for a frame, whatever is followed in it.

Flow is computed by DIS (Kroeger et al., 'Fast Optical Flow using Dense Inverse Search', ECCV
2016, arXiv:1603.03590) on grey pictures shrunk by a whole factor. It points backwards, from the
newer frame to where the same point was in the older one, since that is what moving a mask needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import RLock

import cv2
import numpy as np

LONGEST = 480  # pixels; the longer side of the pictures that flow is computed on
MOST = 64  # frames that are kept; 25 MB at the most
AGREE = 1.5  # pixels of the shrunk picture; flow forward and backward that differs more is wrong
NONSENSE = 0.11  # a smaller share of a mask in which both agree: the picture was cut


@dataclass(frozen=True, eq=False)
class Grid:
    """
    The shrunk picture of an image.

    :param height: of the image, pixels
    :param width: of the image, pixels
    :param factor: how many pixels of the image make one of the shrunk picture, a side
    """

    height: int
    width: int

    @property
    def factor(self) -> int:
        """How many pixels of the image make one of the shrunk picture, a side."""
        return -(-max(self.height, self.width) // LONGEST)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the shrunk picture."""
        return max(self.height // self.factor, 1), max(self.width // self.factor, 1)

    def shrink(self, image: np.ndarray) -> np.ndarray:
        """An image (H, W, 3) uint8 RGB at the size of the grid."""
        rows, columns = self.shape
        whole = image[: rows * self.factor, : columns * self.factor]
        return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


@dataclass(eq=False)
class Picture:
    """
    A frame as motion keeps it.

    :param stamp: ns
    :param size: height and width of the image, pixels
    :param grey: (h, w) uint8, shrunk
    :param flow: (h, w, 2) float32 to the picture before it, or None for the first one
    """

    stamp: int
    size: tuple[int, int]
    grey: np.ndarray
    flow: np.ndarray | None = None


class Motion:
    """The newest pictures of a camera and the flow between them; safe in several threads."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._pictures: list[Picture] = []
        self._lock = RLock()

    def forget(self) -> None:
        """Know no picture any more."""
        with self._lock:
            self._pictures.clear()

    def add(self, image: np.ndarray, stamp: int) -> None:
        """
        Take the next frame; one that is not newer than all others is left aside.

        :param image: (H, W, 3) uint8 RGB
        :param stamp: of the frame, ns
        """
        size = image.shape[:2]
        grey = cv2.cvtColor(Grid(*size).shrink(image), cv2.COLOR_RGB2GRAY)
        with self._lock:
            if self._pictures and self._pictures[-1].size != size:
                self._pictures.clear()
            if not self._pictures or self._pictures[-1].stamp < stamp:
                self._pictures = [*self._pictures[1 - MOST:], Picture(stamp, size, grey)]

    def between(self, old: int, new: int) -> np.ndarray | None:
        """
        Where each point of a frame was in an older one.

        :param old: stamp of the older frame, ns
        :param new: stamp of the newer frame, ns
        :return: (h, w, 2) float32 x, y, pixels of the shrunk picture; None when one is not kept
        """
        with self._lock:
            chain = [picture for picture in self._pictures if old <= picture.stamp <= new]
            if not chain or chain[0].stamp != old or chain[-1].stamp != new:
                return None
            return joined(self._flows(chain), chain[0].grey.shape)

    def agreement(self, old: int, new: int, mask: np.ndarray) -> float:
        """
        Share of a mask in which flow forward and backward agree; below `NONSENSE` it is a cut.

        :param old, new: stamps, ns
        :param mask: (h, w) bool, of the newer frame
        """
        back = self.between(old, new)
        with self._lock:
            first, last = (
                next(p.grey for p in self._pictures if p.stamp == at) for at in (old, new))
            forth = self._dis.calc(first, last, None)
        error = np.hypot(*np.moveaxis(back + sample(forth, back), -1, 0))
        return float((error[mask] < AGREE).mean()) if mask.any() else 0.0

    def _flows(self, chain: list[Picture]) -> Iterator[np.ndarray]:
        for before, after in zip(chain, chain[1:]):
            if after.flow is None:
                after.flow = self._dis.calc(after.grey, before.grey, None)
            yield after.flow


def joined(flows: Iterator[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """One flow from the last picture to the first, of those between neighbours, oldest first."""
    whole = None
    for flow in flows:
        whole = flow if whole is None else flow + sample(whole, flow)
    return np.zeros((*shape, 2), np.float32) if whole is None else whole


def sample(values: np.ndarray, flow: np.ndarray, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """
    What is at the places that a flow points to.

    :param values: (h, w) or (h, w, 2)
    :param flow: (h, w, 2) float32
    """
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(
        values, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=border)
