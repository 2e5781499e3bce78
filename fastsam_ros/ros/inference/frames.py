# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera's frame, and what the network found in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
import time

import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.core import Scene
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following import tracker
from fastsam_ros.ros.topics.conversions import to_rgb
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.topics.stamps import SECOND, stamp_of


@dataclass(eq=False)
class Frame:
    """
    An image message and, once the network saw it, its result.

    :param message: as it came
    :param arrived: when, time.monotonic()
    :param time: of its stamp, ns; of its arrival where the camera sends no stamps
    :param session: counts how often the camera's stamps began anew; -1: a client sent the image
        along, so it shows none of the things that are followed
    :param result: None until the network has run; then it stays
    :param settled: is set when the pipeline is done with the frame, be it dropped
    :param weight: bytes that it held when they were counted last
    """

    message: Image | CompressedImage
    arrived: float = field(default_factory=time.monotonic)
    time: int = 0
    session: int = 0
    result: Result | None = None
    settled: Event = field(default_factory=Event)
    weight: int = 0
    _picture: np.ndarray | None = None
    _asking: Lock = field(default_factory=Lock)
    _keeping: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.time = self.time or stamp_of(self.message.header) or int(self.arrived * SECOND)

    @classmethod
    def sent_along(cls, image: Image) -> Frame:
        """A picture that came with a request and is no camera's."""
        return cls(image, session=-1)

    @property
    def nbytes(self) -> int:
        """What the frame holds in memory, bytes."""
        # A copy: other threads ask the scene for more, which it keeps.
        arrays = [] if self.result is None else vars(self.result.scene).copy().values()
        pixels = self._picture
        own = pixels is not None and pixels.flags.owndata
        return (len(self.message.data) + (pixels.nbytes if own else 0)
                + sum(getattr(a, 'nbytes', 0) for a in arrays if a is not pixels))

    def picture(self) -> np.ndarray:
        """
        The image, converted once: (H, W, 3) uint8 RGB.

        :raises ImageError: when the message cannot be read
        """
        if self._picture is None:
            self._picture = to_rgb(self.message)
            self.weight = self.nbytes  # a compressed message holds a twentieth of it
        return self._picture

    def keep(self, result: Result) -> Result:
        """
        Set the result, if there is none: what was told once is not told otherwise later.

        :return: the one that the frame has now
        """
        with self._keeping:
            if self.result is None:
                self.result = result
            return self.result

    def segmented(self, model: FastSam, identify: Callable[[Scene], Result]) -> Result:
        """
        The frame's result; the network runs now if it has not seen the frame.

        :param identify: gives a scene's segments their ids
        :raises ImageError: when the message cannot be read
        :raises BackendError: when the network fails
        """
        with self._asking:  # of those who ask at the same time one runs the network
            if self.result is None:
                self.keep(identify(model(self.picture())))
            return self.result

    def as_seen(self) -> tracker.Frame:
        """The frame as the tracker takes it; it must have its result."""
        return tracker.Frame(self.picture(), self.result.scene, self.time, self.result.ids)
