# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The last frames of a camera, so that a prompt can be answered for the picture that was seen."""

from __future__ import annotations

from collections import deque
from threading import Condition
import time

from builtin_interfaces.msg import Time

from fastsam_ros.ros.callback_errors import Refused
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.srv import Prompt

PATIENCE = 2.0  # seconds that a prompt waits for a frame that may still come
NEAR = 1.0  # seconds; a result that is so much older than the newest image is not 'now'
MB = 10**6


class History:
    """
    The newest frames of one camera, by their stamps.

    Frames come faster than the network sees them, and what people and programs ask about is what
    they saw segmented. So the last ones that came and the last ones that were segmented are kept
    apart: the first must not push out the others.

    What a frame holds is counted when it comes, when its picture is made, when it was segmented
    and when somebody asks for the sum, as nodes do for their diagnostics: to count all at each
    frame takes longer than to receive one.

    :param length: how many of each are kept
    :param megabytes: that all of them may hold; the newest is kept in any case
    """

    def __init__(self, length: int, megabytes: int) -> None:
        self._came: deque[Frame] = deque()
        self._seen: deque[Frame] = deque()
        self._changed = Condition()
        self.resize(length, megabytes)

    def resize(self, length: int, megabytes: int) -> None:
        """Keep another number of frames; the oldest go first."""
        with self._changed:
            self._length, self._limit = length, megabytes * MB
            self._trim()

    def __len__(self) -> int:
        return len({*self._came, *self._seen})

    @property
    def nbytes(self) -> int:
        """What the frames hold, bytes."""
        with self._changed:
            frames = {*self._came, *self._seen}
            for frame in frames:
                frame.weight = frame.nbytes
            return sum(frame.weight for frame in frames)

    def add(self, frame: Frame) -> None:
        """Keep a frame; the oldest go when there are too many."""
        with self._changed:
            frame.weight = frame.nbytes
            self._came.append(frame)
            self._trim()
            self._changed.notify_all()

    def segmented(self, frame: Frame) -> None:
        """The frame has its result now."""
        with self._changed:
            if frame not in self._seen:
                # Mostly it is the newest; a prompt may have asked about an older one.
                self._seen = deque(sorted([*self._seen, frame], key=lambda kept: kept.arrived))
                frame.weight = frame.nbytes
                self._trim()
            self._changed.notify_all()

    def _trim(self) -> None:
        for frames in (self._came, self._seen):
            while len(frames) > self._length:
                frames.popleft()
        frames = {*self._came, *self._seen}
        held = sum(frame.weight for frame in frames)
        if held <= self._limit:
            return
        for frame in sorted(frames, key=lambda frame: frame.arrived)[:-1]:
            if held <= self._limit:
                break
            held -= frame.weight
            for kept in (self._came, self._seen):
                if kept and kept[0] is frame:
                    kept.popleft()

    def clear(self) -> None:
        """Forget all frames."""
        with self._changed:
            self._came.clear()
            self._seen.clear()

    def since(self, frame: Frame) -> list[Frame]:
        """Frames after one that were segmented and followed through, oldest first."""
        with self._changed:
            return [kept for kept in self._seen if kept.time > frame.time
                    and kept.result.things is not None and kept.session == frame.session]

    def newest(self, segmented: bool, max_age: float = 0.0, patience: float = PATIENCE) -> Frame:
        """
        The newest frame.

        :param segmented: one that the network has seen, as long as it sees them
        :param max_age: seconds; an older image is refused; 0: no limit
        :param patience: seconds to wait for the first one
        :raises Refused: when none came, or too long ago
        """
        with self._changed:
            frames = self._seen if segmented else self._came
            self._changed.wait_for(lambda: self._seen if segmented else self._came, patience)
            frames = self._seen if segmented else self._came
            frame = frames[-1] if frames else None
            last = max((*self._came, *self._seen), key=lambda kept: kept.arrived, default=None)
        if frame is None:
            raise Refused(Prompt.Response.NO_FRAME, _none_yet(last is not None, patience))
        age = time.monotonic() - last.arrived
        if max_age and age > max_age:
            raise Refused(Prompt.Response.TOO_OLD, (
                f'the newest image came {age:.1f} s ago, more than max_age ({max_age:g} s): is '
                'the camera still running? Name the frame by its stamp to ask about it anyway'))
        if last.arrived - frame.arrived > NEAR:
            frame = last
        frame.settled.wait(patience)  # the network may just be at it
        return frame

    def at(self, stamp: Time, patience: float = PATIENCE) -> Frame:
        """
        The frame of exactly that stamp; of several the last.

        :param patience: seconds to wait for a frame that is newer than all others, since who asks
            may have received it earlier; and then while the network has it
        :raises Refused: when it is not kept
        """
        wanted = (stamp.sec, stamp.nanosec)
        with self._changed:
            self._changed.wait_for(
                lambda: self._find(wanted) or not self._may_come(wanted), patience)
            frame, kept = self._find(wanted), [*self._seen, *self._came]
        if frame is None:
            raise Refused(Prompt.Response.NO_FRAME, _not_kept(wanted, kept))
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
    text = 'no frame has the stamp {}.{:09d}'.format(*wanted)
    if not frames:
        return f'{text}: none has come yet'
    kept = sorted({as_pair(frame) for frame in frames})
    if kept[-1] == (0, 0):
        return f'{text}: this camera sends its images without stamps, so ask about the newest'
    return (
        f'{text}: {len(kept)} are kept, from {kept[0][0]}.{kept[0][1]:09d} to '
        f'{kept[-1][0]}.{kept[-1][1]:09d}; raise the parameters history and history_mb to keep '
        'more')
