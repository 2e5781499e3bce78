# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The way from a frame back to an older one, which moves masks; `motion.py` finds it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import cv2
import numpy as np

from fastsam_ros.core.native import library
from fastsam_ros.following.small_mask import FAINT, SmallMask, cut_out, windows_of

HALF = 2  # ways are joined at this part of the shrunk picture's size


class Flow:
    """
    Where each point of a frame was in an older one.

    Ways over several frames are joined at half of the size, which is finer than DIS computes them
    and a third of the work.

    :param places: (h, w, 2) float32 x, y, pixels of the shrunk picture
    """

    def __init__(self, places: np.ndarray) -> None:
        self.shape = places.shape[:2]
        self.places = places

    @classmethod
    def of(cls, movement: np.ndarray) -> Flow:
        """Of how far each point is from where it was: (h, w, 2) float32 x, y; taken over."""
        return cls(np.add(still(movement.shape[:2]), movement, out=movement))

    @classmethod
    def of_half(cls, movement: np.ndarray, shape: tuple[int, int]) -> Flow:
        """
        Of how far points are from where they were, at half of the size.

        :param movement: (h / HALF, w / HALF, 2) float32 x, y, pixels of the shrunk picture
        :param shape: h, w
        """
        flow = cls.__new__(cls)
        flow.shape, flow.movement = shape, movement
        return flow

    @cached_property
    def places(self) -> np.ndarray:
        """Where each pixel was: (h, w, 2) float32 x, y."""
        whole = cv2.resize(self.movement, self.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.add(still(self.shape), whole, out=whole)

    @cached_property
    def movement(self) -> np.ndarray:
        """How far points are from where they were; see `of_half`."""
        rows, columns = (-(-side // HALF) for side in self.shape)
        return cv2.resize(
            self.places - still(self.shape), (columns, rows), interpolation=cv2.INTER_LINEAR)

    @cached_property
    def half(self) -> np.ndarray:
        """Where points were, at half of the size: (h / HALF, w / HALF, 2) float32 x, y."""
        shape = self.movement.shape[:2]
        scale = np.float32(shape[::-1]) / np.float32(self.shape[::-1])
        return still(shape) + self.movement * scale

    def after(self, newer: Flow) -> Flow:
        """This way, begun at the end of a newer one."""
        before = cv2.remap(
            self.movement, newer.half, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return Flow.of_half(np.add(newer.movement, before, out=before), self.shape)

    def move(self, masks: Sequence[SmallMask]) -> list[SmallMask]:
        """An older frame's masks, as they are on the newer frame."""
        if not masks:
            return []
        height, width = self.shape
        windows, addresses = windows_of(masks)
        moved, totals = np.empty_like(windows), np.empty(len(masks), np.int64)
        values = np.empty(len(masks) * height * width, np.uint8)
        library().fastsam_move(
            self.places, height, width, len(masks), windows, addresses, FAINT, moved, totals,
            values, len(values))
        return cut_out(moved, totals, values)


@lru_cache(maxsize=4)
def still(shape: tuple[int, int]) -> np.ndarray:
    """Each point's own place: (h, w, 2) float32 x, y."""
    x, y = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in shape[::-1]))
    return np.stack([x, y], axis=-1)
