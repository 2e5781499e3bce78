# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An image fitted into the network's input, and pixels there and back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fastsam_ros.core.pixels import copy, is_backwards

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
            copy(image, inner)
            return
        backwards = is_backwards(image)
        stored = image[..., ::-1] if backwards else image
        # OpenCV resizes into the view when its rows are where it expects them.
        cv2.resize(stored, (width, height), dst=inner, interpolation=cv2.INTER_LINEAR)
        if backwards:  # the input is smaller than most images, so colours are put right here
            copy(inner[..., ::-1], inner)

    def boxes_to_image(self, boxes: np.ndarray) -> np.ndarray:
        """
        Boxes of the network's input as boxes of the image, clipped to it.

        :param boxes: (N, 4) float32 x0, y0, x1, y1, network pixels
        :return: (N, 4) float32 x0, y0, x1, y1, image pixels
        """
        gain_y, gain_x = self.gain
        offset = np.array([self.left, self.top] * 2, np.float32)
        scale = np.array([gain_x, gain_y] * 2, np.float32)
        limit = np.array([self.width, self.height] * 2, np.float32)
        return np.clip((boxes - offset) / scale, 0, limit)

    def rows_in_prototypes(self, rows: np.ndarray) -> np.ndarray:
        """Where the centres of image rows lie among prototype rows: float64, prototype pixels."""
        return ((rows + 0.5) * self.gain[0] + self.top) / PROTOTYPE_STRIDE - 0.5

    def columns_in_prototypes(self, columns: np.ndarray) -> np.ndarray:
        """Where the centres of image columns lie among prototype columns: float64."""
        return ((columns + 0.5) * self.gain[1] + self.left) / PROTOTYPE_STRIDE - 0.5


def _scaled(height: int, width: int, gain: float) -> tuple[int, int]:
    """Both sides scaled, pixels; thin images keep a pixel."""
    return max(round(height * gain), 1), max(round(width * gain), 1)
