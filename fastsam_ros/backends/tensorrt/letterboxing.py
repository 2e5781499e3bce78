# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images into the network's input on the GPU, as `Letterbox.apply` does it on the host."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastsam_ros.backends.tensorrt.cuda import Buffer, Memory, Stream
from fastsam_ros.backends.tensorrt.driver import Kernels, blocks
from fastsam_ros.core.images import is_bgr
from fastsam_ros.core.letterbox import GREY, Letterbox

UNIT = 2048  # shares in which OpenCV counts weights


class Stored(NamedTuple):
    """
    An image as it lies in memory.

    :param pixels: (H, W, C) uint8
    :param bgr: whether its three channels are blue, green and red
    """

    pixels: np.ndarray
    bgr: bool

    @classmethod
    def of(cls, image: np.ndarray) -> Stored:
        """
        What crosses the bus of an image: of a grey one a third.

        :param image: (H, W, 3) uint8 RGB, any strides
        """
        if image.strides[2] == 0:
            return cls(image[..., :1], False)
        return cls(image[..., ::-1], True) if is_bgr(image) else cls(image, False)


def taps(length: int, size: int) -> np.ndarray:
    """
    Between which pixels of an axis those of a resized one lie, as OpenCV finds them.

    :param length: of the axis, pixels
    :param size: resized, pixels
    :return: (size, 4) int32: two pixels, and the weight of each, in shares of `UNIT`
    """
    scale = 1 / (size / length)
    positions = ((np.arange(size) + 0.5) * scale - 0.5).astype(np.float32)
    first = np.floor(positions)
    part = positions - first
    weights = np.rint(np.stack([1 - part, part]) * np.float32(UNIT))
    pixels = np.clip(np.stack([first, first + 1]), 0, length - 1)
    return np.stack([*pixels, *weights], axis=1).astype(np.int32)


class Letterboxing:
    """
    An image's way into one picture of the network's input.

    :param channels: of the images, one or three
    :param letterbox: of the image
    """

    def __init__(self, channels: int, letterbox: Letterbox) -> None:
        self._letterbox, self._channels = letterbox, channels
        height, width = letterbox.resized
        self._rows = Memory.of(taps(letterbox.height, height))
        self._columns = Memory.of(taps(letterbox.width, width))

    def queue(
        self, kernels: Kernels, stream: Stream, image: Buffer, bgr: int, out: int
    ) -> None:
        """
        Queue it.

        :param image: that was uploaded
        :param bgr: address of an int32, whether three channels are blue, green and red
        :param out: address of the picture, (input_height, input_width, 3) uint8
        """
        letterbox = self._letterbox
        kernels.launch(
            'letterbox', stream, (blocks(letterbox.input_width), letterbox.input_height),
            image, letterbox.width, self._channels, At(bgr), self._rows, self._columns,
            letterbox.top, letterbox.left, *letterbox.resized, letterbox.input_height,
            letterbox.input_width, GREY, At(out))


class At(NamedTuple):
    """Memory somewhere in a larger piece."""

    address: int
