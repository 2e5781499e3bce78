# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An image in the network's input, and its pixels among the prototypes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from fastsam_ros.core.images import copy_pixels, is_bgr

STRIDE = 32  # the coarsest grid of YOLOv8: input sides are multiples of it
PROTOTYPE_STRIDE = 4  # network pixels a prototype pixel
GREY = 114  # what the network saw around its training images


@dataclass(frozen=True)
class Letterbox:
    """
    The geometry of one image inside the network's input.

    The image is scaled with its aspect kept, centred, and padded with grey to the input's size.
    Rounding follows ultralytics' `LetterBox`, so both networks see the same pixels.

    :param height: of the image, pixels
    :param width: of the image, pixels
    :param input_height: of the network's input, pixels
    :param input_width: of the network's input, pixels
    :param resized: height and width of the scaled image inside the input, pixels; None: as large
        as fits
    """

    height: int
    width: int
    input_height: int
    input_width: int
    resized: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.resized is None:
            gain = min(self.input_height / self.height, self.input_width / self.width)
            object.__setattr__(self, 'resized', _scaled(self.height, self.width, gain))

    @classmethod
    def fit(cls, height: int, width: int, image_size: int) -> Letterbox:
        """
        The smallest input that holds the image with its longer side at `image_size` pixels.

        :param height: of the image, pixels, at least 1
        :param width: of the image, pixels, at least 1
        :param image_size: longer side of the input, pixels, a multiple of 32
        """
        # The sides are kept: those of an input whose shorter side was rounded down to a multiple
        # of 32 would come out a pixel smaller if they were worked out from the input.
        resized = _scaled(height, width, image_size / max(height, width))
        return cls(height, width, *(-(-side // STRIDE) * STRIDE for side in resized), resized)

    @property
    def top(self) -> int:
        """Rows of padding above the image, pixels."""
        return round((self.input_height - self.resized[0]) / 2 - 0.1)

    @property
    def left(self) -> int:
        """Columns of padding left of the image, pixels."""
        return round((self.input_width - self.resized[1]) / 2 - 0.1)

    @property
    def gain(self) -> tuple[float, float]:
        """Network pixels an image pixel, (y, x)."""
        height, width = self.resized
        return height / self.height, width / self.width

    def apply(self, image: np.ndarray, out: np.ndarray) -> None:
        """
        Write the letterboxed image.

        :param image: (height, width, 3) uint8, any strides
        :param out: (input_height, input_width, 3) uint8, overwritten
        """
        height, width = self.resized
        bottom, right = self.top + height, self.left + width
        out[: self.top] = out[bottom:] = GREY
        out[self.top : bottom, : self.left] = out[self.top : bottom, right:] = GREY
        inner = out[self.top : bottom, self.left : right]
        if (height, width) == image.shape[:2]:
            copy_pixels(image, inner)
            return
        bgr = is_bgr(image)
        stored = image[..., ::-1] if bgr else image
        # OpenCV resizes into the view when its rows are where it expects them.
        cv2.resize(stored, (width, height), dst=inner, interpolation=cv2.INTER_LINEAR)
        if bgr:  # swapped here, as the input is smaller than most images
            copy_pixels(inner[..., ::-1], inner)

    def boxes_to_image(self, boxes: np.ndarray) -> np.ndarray:
        """
        Boxes of the network's input as boxes of the image, clipped to it.

        :param boxes: (N, 4) float32 x0, y0, x1, y1, network pixels
        :return: (N, 4) float32 x0, y0, x1, y1, image pixels
        """
        offset, scale, limit = _frame(self)
        return np.minimum(np.maximum((boxes - offset) / scale, 0), limit)

    def points_in_prototypes(self, points: np.ndarray) -> np.ndarray:
        """
        Where image pixels' centres lie among the prototypes.

        :param points: (P, 2) x, y, image pixels
        :return: (P, 2) float x, y, prototype pixels
        """
        offset, scale, _ = _frame(self)
        return _in_prototypes(points, scale[:2], offset[:2])

    def rows_in_prototypes(self, rows: np.ndarray) -> np.ndarray:
        """Where the centres of image rows lie among prototype rows: float64, prototype pixels."""
        return _in_prototypes(rows, self.gain[0], self.top)

    def columns_in_prototypes(self, columns: np.ndarray) -> np.ndarray:
        """Where the centres of image columns lie among prototype columns: float64."""
        return _in_prototypes(columns, self.gain[1], self.left)


def _in_prototypes(pixels: np.ndarray, scale: Any, offset: Any) -> np.ndarray:
    return ((pixels + 0.5) * scale + offset) / PROTOTYPE_STRIDE - 0.5


@lru_cache(maxsize=64)
def _frame(letterbox: Letterbox) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What boxes of the input are moved back by, divided by, and end at: (4,) float32 each."""
    gain_y, gain_x = letterbox.gain
    pairs = (letterbox.left, letterbox.top), (gain_x, gain_y), (letterbox.width, letterbox.height)
    return tuple(np.array(pair * 2, np.float32) for pair in pairs)


def of_one_input(letterboxes: Sequence[Letterbox]) -> list[list[int]]:
    """Which images fit into inputs of one size: their numbers, a list a size."""
    groups: dict[tuple[int, int], list[int]] = {}
    for index, box in enumerate(letterboxes):
        groups.setdefault((box.input_height, box.input_width), []).append(index)
    return list(groups.values())


def _scaled(height: int, width: int, gain: float) -> tuple[int, int]:
    """Both sides scaled, pixels; thin images keep a pixel."""
    return max(round(height * gain), 1), max(round(width * gain), 1)


@dataclass(frozen=True, eq=False)
class Axis:
    """
    One axis of the image among the prototypes.

    A cell lies between two neighbouring prototype pixels and begins at the first of them.

    :param cells: (S,) int64, the cell of each image pixel's centre, clamped to 0 .. size - 2
    :param parts: (S,) float32, how far into its cell each centre lies, 0 to 1
    :param starts: (size,) int64, the first image pixel of each cell, and the axis' length
    :param scale: prototype pixels an image pixel
    :param offset: centre of image pixel 0 in prototype pixels, not clamped
    """

    cells: np.ndarray
    parts: np.ndarray
    starts: np.ndarray
    scale: float
    offset: float

    @classmethod
    def of(cls, first: float, second: float, length: int, size: int) -> Axis:
        """
        Measure one axis.

        :param first: centre of image pixel 0 in prototype pixels
        :param second: centre of image pixel 1
        :param length: image pixels
        :param size: prototype pixels, at least 2
        """
        scale = second - first
        positions = np.clip(first + scale * np.arange(length), 0, size - 1)
        cells = np.minimum(positions.astype(np.int64), size - 2)
        starts = np.searchsorted(cells, np.arange(size))
        parts = positions.astype(np.float32) - cells.astype(np.float32)
        return cls(cells, parts, starts, scale, first)


@lru_cache(maxsize=64)
def prototype_axes(letterbox: Letterbox, height: int, width: int) -> tuple[Axis, Axis]:
    """
    Rows and columns of the letterbox's image among its prototypes; shared, do not write.

    :param height: of the prototypes
    :param width: of the prototypes
    """
    rows = letterbox.rows_in_prototypes(np.arange(2))
    columns = letterbox.columns_in_prototypes(np.arange(2))
    return Axis.of(*rows, letterbox.height, height), Axis.of(*columns, letterbox.width, width)
