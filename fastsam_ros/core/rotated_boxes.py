# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes that are turned, as detectors of aerial pictures and of grasps give them."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np

from fastsam_ros.core.errors import PromptError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.segments import Segments


@dataclass(frozen=True)
class RotatedBox:
    """
    A rectangle at any angle.

    :param x, y: centre, image pixels
    :param width, height: of the rectangle before it is turned, pixels, above 0
    :param angle: radians, from x to y: clockwise as the image is seen
    :raises PromptError: when a value is not finite or a side is not above 0
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        values = (self.x, self.y, self.width, self.height, self.angle)
        if not all(map(math.isfinite, values)) or min(self.width, self.height) <= 0:
            raise PromptError(
                f'a box needs finite numbers and sides above 0, not centre ({self.x}, {self.y}), '
                f'{self.width} x {self.height}, angle {self.angle}')

    @property
    def corners(self) -> np.ndarray:
        """In order around the rectangle: (4, 2) float64 x, y, image pixels."""
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (self.width / 2, self.height / 2)
        return half @ np.array([[cosine, sine], [-sine, cosine]]) + (self.x, self.y)

    def upright(self, height: int, width: int) -> tuple[int, int, int, int]:
        """
        The upright box around it, cut to an image.

        :param height: of the image, pixels
        :param width: of the image, pixels
        :return: x0, y0, x1, y1, whole pixels, x1 and y1 exclusive; empty (x1 = x0 or y1 = y0)
            when nothing of it lies in the image
        """
        limit = np.array([width, height])
        low = np.clip(np.rint(self.corners.min(axis=0)), 0, limit).astype(int)
        high = np.clip(np.rint(self.corners.max(axis=0)), low, limit).astype(int)
        return *low.tolist(), *high.tolist()


def best_in_rotated_box(segments: Segments, box: RotatedBox) -> tuple[int, float]:
    """
    The segment whose mask has the highest IoU with a box.

    :param segments: of the image
    :return: its index and the IoU, 0 to 1; -1 and 0 when no mask has a pixel in the box
    """
    x0, y0, x1, y1 = box.upright(segments.height, segments.width)
    if x1 <= x0 or y1 <= y0:
        return -1, 0.0
    inside = _paint(box, (x0, y0, x1, y1))
    area = float(box.width * box.height)
    best, best_iou = -1, 0.0
    reaching = _reaching(segments, (x0, y0, x1, y1))
    for index, runs in zip(reaching, segments.run_lengths(reaching)):
        shared = _shared(runs, inside, x0, y0)
        iou = shared / (runs.area + area - shared) if shared else 0.0
        if iou > best_iou:
            best, best_iou = index, iou
    return best, min(best_iou, 1.0)


def _reaching(segments: Segments, window: tuple[int, int, int, int]) -> list[int]:
    """Which segments' boxes reach into a window."""
    x0, y0, x1, y1 = window
    left, top, right, bottom = segments.extents.T
    return np.flatnonzero((left < x1) & (right > x0) & (top < y1) & (bottom > y0)).tolist()


def _paint(box: RotatedBox, window: tuple[int, int, int, int]) -> np.ndarray:
    """Whether the centre of each pixel of a window lies in the box: (h, w) bool."""
    x0, y0, x1, y1 = window
    x, y = np.arange(x0, x1) + 0.5 - box.x, np.arange(y0, y1)[:, None] + 0.5 - box.y
    cosine, sine = math.cos(box.angle), math.sin(box.angle)
    across, along = np.abs(x * cosine + y * sine), np.abs(y * cosine - x * sine)
    return (across <= box.width / 2) & (along <= box.height / 2)


def _shared(runs: RunLengths, inside: np.ndarray, x0: int, y0: int) -> int:
    """Pixels that a mask has where `inside`, whose corner is (x0, y0), is true."""
    left, top = max(runs.x, x0), max(runs.y, y0)
    right = min(runs.x + runs.width, x0 + inside.shape[1])
    bottom = min(runs.y + runs.height, y0 + inside.shape[0])
    if right <= left or bottom <= top:
        return 0
    mask = runs.mask()[top - runs.y : bottom - runs.y, left - runs.x : right - runs.x]
    return np.count_nonzero(mask & inside[top - y0 : bottom - y0, left - x0 : right - x0])
