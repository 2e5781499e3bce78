# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A picture on its way through a run, and when those of a video or bag are shown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True, eq=False)
class Frame:
    """
    A picture, or one of the pictures in a video or bag.

    :param image: (H, W, 3) uint8 RGB, upright
    :param time: when it is shown, in ticks of the video's or bag's clock
    :param stamp: in a bag: when it was recorded, nanoseconds
    :param header: in a bag: its message's
    """

    image: np.ndarray
    time: int = 0
    stamp: int = 0
    header: object = None

    @property
    def header_stamp(self) -> tuple[int, int]:
        """Sec and nanosec of the header; zeros where there is none."""
        return (0, 0) if self.header is None else (
            self.header.stamp.sec, self.header.stamp.nanosec)


@dataclass(frozen=True)
class Clock:
    """
    How times of frames are counted.

    :param rate: frames a second, on average
    :param tick: seconds
    """

    rate: Fraction
    tick: Fraction

    def nanoseconds(self, time: int) -> int:
        """
        A time from the beginning on.

        :param time: ticks
        """
        return round(time * self.tick * 1_000_000_000)
