# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth images: units by encoding, and what in them is no measurement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from fastsam_ros.core.errors import DepthError
from fastsam_ros.core.native import library

MILLIMETRES = ('16UC1', 'mono16')
METRES = '32FC1'
MISSING = 65535  # what some drivers write beside 0
FARTHEST = 1e6  # metres; where nothing was hit, some write the largest float. As in src/space/


class Image(Protocol):
    """What sensor_msgs/Image has."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: object


@dataclass(frozen=True, eq=False)
class DepthImage:
    """
    Distances along the optical axis, as REP 118 has them.

    :param pixels: (H, W) uint16 millimetres, 0 and 65535 where nothing was measured; or float32
        metres, NaN, beyond FARTHEST or not above 0 there
    """

    pixels: np.ndarray

    @classmethod
    def from_message(cls, message: Image) -> DepthImage:
        """
        The depth in a message; a view of its data where that is laid out without gaps.

        :param message: as sensor_msgs/Image
        :raises DepthError: when it has another encoding or contradicts itself
        """
        if message.encoding not in (*MILLIMETRES, METRES):
            raise DepthError(
                f'a depth image has the encoding 16UC1 or mono16 (millimetres) or 32FC1 (metres), '
                f'not {message.encoding!r}: subscribe to the depth, not to a picture of it')
        kind = np.dtype('<f4' if message.encoding == METRES else '<u2')
        if message.is_bigendian:
            kind = kind.newbyteorder('>')
        height, width, step = message.height, message.width, message.step
        if not height or not width or step < width * kind.itemsize or step % kind.itemsize \
                or len(message.data) < step * (height - 1) + width * kind.itemsize:
            raise DepthError(
                f'a {width}x{height} {message.encoding} image cannot have a step of {step} and '
                f'{len(message.data)} bytes')
        pixels = np.ndarray((height, width), kind, message.data, 0, (step, kind.itemsize))
        native = np.float32 if message.encoding == METRES else np.uint16
        return cls(np.require(pixels, native, ['C', 'A']))

    @property
    def height(self) -> int:
        """Pixels."""
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        """Pixels."""
        return self.pixels.shape[1]

    @cached_property
    def valid(self) -> np.ndarray:
        """Where anything was measured: (H, W) bool."""
        if self.pixels.dtype == np.uint16:
            return (self.pixels != 0) & (self.pixels != MISSING)
        return (self.pixels > 0) & (self.pixels <= FARTHEST)

    @cached_property
    def density(self) -> float:
        """Share of the pixels where anything was measured, 0 to 1."""
        return np.count_nonzero(self.valid) / self.pixels.size

    @cached_property
    def metres(self) -> np.ndarray:
        """(H, W) float32, 0 where nothing was measured."""
        if self.pixels.dtype == np.uint16:
            return np.where(self.valid, self.pixels, 0) * np.float32(0.001)
        return np.where(self.valid, self.pixels, np.float32(0))

    @cached_property
    def millimetres(self) -> np.ndarray:
        """(H, W) uint16, 0 where nothing was measured; what is 65 m away and more is not here."""
        if self.pixels.dtype == np.uint16:
            return self.pixels
        rounded = np.empty(self.pixels.shape, np.uint16)
        library().fastsam_millimetres(self.pixels, self.pixels.size, rounded)
        return rounded

    def where(self, mask: np.ndarray) -> DepthImage:
        """
        The depth inside a mask alone, of the same kind; nothing was measured elsewhere.

        :param mask: (H, W) bool
        """
        nothing = np.nan if self.pixels.dtype == np.float32 else 0
        return replace(self, pixels=np.where(mask, self.pixels, self.pixels.dtype.type(nothing)))
