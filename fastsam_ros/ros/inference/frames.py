# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The last frames of a camera, so that a prompt can be answered for the picture that was seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Condition, Event, Lock
import time

from builtin_interfaces.msg import Time
import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.core import PromptError, Scene
from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros.topics.conversions import to_rgb

NOT_KEPT = 'no frame has the stamp'  # how the error begins; clients tell it by that
PATIENCE = 2.0  # seconds that a prompt waits for a frame that may still come


@dataclass(frozen=True, eq=False)
class Segments:
    """
    A scene in the order of `SegmentationArray`: by area, largest first.

    :param scene: what the network found
    :param ids: (N,) identities, in the scene's order
    """

    scene: Scene
    ids: np.ndarray

    def lean(self) -> Segments:
        """As they are kept: without the picture, unless texts may be asked about it."""
        scene = self.scene
        return self if scene.matcher is not None else Segments(
            replace(scene, image=None), self.ids)


@dataclass(eq=False)
class Frame:
    """
    An image message and, once the network saw it, its segments.

    :param message: as it came
    :param arrived: when, time.monotonic()
    :param foreign: a client sent it along, so it shows none of the things that are tracked
    :param segments: None until the network has run; then they stay
    :param settled: is set when the pipeline is done with the frame, be it dropped
    """

    message: Image | CompressedImage
    arrived: float = field(default_factory=time.monotonic)
    foreign: bool = False
    segments: Segments | None = None
    settled: Event = field(default_factory=Event)
    _asking: Lock = field(default_factory=Lock)
    _keeping: Lock = field(default_factory=Lock)

    def keep(self, segments: Segments) -> Segments:
        """
        Set the segments, if there are none: what was told once is not told otherwise later.

        :return: those that the frame has now
        """
        with self._keeping:
            if self.segments is None:
                self.segments = segments
            return self.segments

    def found(self, model: FastSam, number: Callable[[Scene], np.ndarray]) -> Segments:
        """
        The frame's segments; the network runs now if it has not seen the frame.

        :param number: gives the identities of a scene's segments, (N,) uint32
        :raises ImageError: when the message cannot be read
        :raises BackendError: when the network fails
        """
        with self._asking:  # of those who ask at the same time one runs the network
            if self.segments is None:
                scene = model(to_rgb(self.message))
                self.keep(Segments(scene, number(scene)).lean())
            return self.segments


class History:
    """
    The newest frames of one camera, by their stamps.

    Frames come faster than the network sees them, and what people and programs ask about is what
    they saw segmented. So the last ones that came and the last ones that were processed are kept
    apart: the first must not push out the others.

    :param length: how many of each are kept
    """

    def __init__(self, length: int) -> None:
        self._came: deque[Frame] = deque(maxlen=length)
        self._seen: deque[Frame] = deque(maxlen=length)
        self._changed = Condition()

    def resize(self, length: int) -> None:
        """Keep another number of frames; the oldest go first."""
        with self._changed:
            self._came = deque(self._came, maxlen=length)
            self._seen = deque(self._seen, maxlen=length)

    def add(self, frame: Frame) -> None:
        """Keep a frame; the oldest goes when there are too many."""
        with self._changed:
            self._came.append(frame)
            self._changed.notify_all()

    def processed(self, frame: Frame) -> None:
        """The frame has its segments now."""
        with self._changed:
            if frame not in self._seen:
                # Mostly it is the newest; a prompt may have asked about an older one.
                frames = sorted([*self._seen, frame], key=lambda kept: kept.arrived)
                self._seen = deque(frames, maxlen=self._seen.maxlen)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all frames."""
        with self._changed:
            self._came.clear()
            self._seen.clear()

    def newest(self, processed: bool, patience: float = PATIENCE) -> Frame:
        """
        The newest frame.

        :param processed: only one that the network has seen will do
        :param patience: seconds to wait for the first one
        :raises PromptError: when none came
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frames(processed), patience)
            frame = next(reversed(self._frames(processed)), None)
        if frame is not None:
            frame.settled.wait(patience)  # the network may just be at it
            return frame
        raise PromptError(_none_yet(bool(self._came), patience))

    def _frames(self, processed: bool) -> deque[Frame]:
        return self._seen if processed else self._came

    def at(self, stamp: Time, patience: float = PATIENCE) -> Frame:
        """
        The frame of exactly that stamp; of several, after a bag began anew, the last.

        :param patience: seconds to wait for a frame that is newer than all others, since who asks
            may have received it earlier; and then while the network has it
        :raises PromptError: when it is not kept
        """
        wanted = (stamp.sec, stamp.nanosec)
        with self._changed:
            self._changed.wait_for(
                lambda: self._find(wanted) or not self._may_come(wanted), patience)
            frame, kept = self._find(wanted), [*self._seen, *self._came]
        if frame is None:
            raise PromptError(_not_kept(wanted, kept))
        frame.settled.wait(patience)
        return frame

    def _find(self, wanted: tuple[int, int]) -> Frame | None:
        newest_first = (*reversed(self._came), *reversed(self._seen))
        return next((frame for frame in newest_first if as_pair(frame) == wanted), None)

    def _may_come(self, wanted: tuple[int, int]) -> bool:
        """Whether a frame of that stamp would be the next."""
        return len(self._came) > 0 and wanted > as_pair(self._came[-1])


def as_pair(frame: Frame) -> tuple[int, int]:
    """Seconds and nanoseconds of a frame's stamp."""
    stamp = frame.message.header.stamp
    return stamp.sec, stamp.nanosec


def _none_yet(came: bool, patience: float) -> str:
    if came:
        return (
            f'images come, but none has been segmented within {patience:g} s: the network may '
            'be slow or still compile for their size, or they cannot be read; see the log and '
            '/diagnostics, or ask again')
    return (
        f'no image has come within {patience:g} s: is the camera running, and is the node '
        'subscribed to its topic? See /diagnostics')


def _not_kept(wanted: tuple[int, int], frames: list[Frame]) -> str:
    text = '{} {}.{:09d}'.format(NOT_KEPT, *wanted)
    if not frames:
        return f'{text}: none has come yet'
    kept = sorted({as_pair(frame) for frame in frames})
    return (
        f'{text}: {len(kept)} are kept, from {kept[0][0]}.{kept[0][1]:09d} to '
        f'{kept[-1][0]}.{kept[-1][1]:09d}; raise the parameter history to keep more')
