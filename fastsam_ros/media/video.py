# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Video files, read and written with PyAV (FFmpeg's libraries)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import BackendError, ImageError
from fastsam_ros.media.frames import Clock, Frame

try:
    import av
except ModuleNotFoundError as missing:
    raise BackendError('videos need PyAV, which is not installed: pip install av') from missing

ENCODER = 'libx264'
QUALITY = {'crf': '20', 'preset': 'veryfast'}
USUAL_RATE = Fraction(30)  # frames a second, where a file does not say


class MovieReader:
    """
    The frames of a video, upright; use it as a context.

    :param path: of the file
    :raises ImageError: when it can't be read or holds no video
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._container = av.open(str(path))
        except (av.FFmpegError, OSError) as error:
            raise ImageError(f'{path} cannot be read as a video: {_reason(error)}') from error
        if not self._container.streams.video:
            self._container.close()
            raise ImageError(f'{path} holds no video')
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = 'AUTO'

    def __enter__(self) -> MovieReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._container.close()

    @property
    def rate(self) -> Fraction:
        """Frames a second, on average."""
        return self._stream.average_rate or self._stream.guessed_rate or USUAL_RATE

    @property
    def tick(self) -> Fraction:
        """Of the video's clock, seconds."""
        return self._stream.time_base or 1 / self.rate

    @property
    def clock(self) -> Clock:
        """How times of its frames are counted."""
        return Clock(self.rate, self.tick)

    @property
    def frames(self) -> int | None:
        """How many there are, as far as the file says."""
        if self._stream.frames:
            return self._stream.frames
        if self._stream.duration:
            return round(self._stream.duration * self.tick * self.rate)
        return None

    def __iter__(self) -> Iterator[Frame]:
        """
        All frames, in order.

        :raises ImageError: when a frame can't be decoded, or there is none
        """
        last, count = -1, 0
        try:
            for frame in self._container.decode(self._stream):
                step = max(round(1 / (self.rate * self.tick)), 1)
                # Where a file has no times, or ones that run backwards, frames follow at the rate.
                last = frame.pts if frame.pts is not None and frame.pts > last else last + step
                count += 1
                yield Frame(upright(frame), last)
        except av.FFmpegError as error:
            raise ImageError(f'{self.path}, frame {count}: {_reason(error)}') from error
        if not count:
            raise ImageError(f'{self.path} holds no frame that can be decoded')


class MovieWriter:
    """
    An H.264 video; use it as a context.

    :param path: of the file; its ending decides the container
    :param like: of the frames' times
    :raises BackendError: when this FFmpeg can't write H.264 to such a file
    """

    def __init__(self, path: Path, like: Clock) -> None:
        self._like, self._path = like, path
        if ENCODER not in av.codecs_available:
            raise BackendError(f'this FFmpeg has no {ENCODER}: install PyAV by pip install av')
        self._container = av.open(str(path), 'w')
        self._stream = None
        self._last = -1

    def __enter__(self) -> MovieWriter:
        return self

    def __exit__(self, kind: type | None, error: object, trace: object) -> None:
        try:
            if self._stream is not None and kind is None:
                self._container.mux(self._stream.encode())
        finally:
            self._container.close()

    def write(self, image: np.ndarray, time: int) -> None:
        """
        Write the next frame.

        :param image: (H, W, 3) uint8 RGB, all of one size
        :param time: when it is shown, in ticks
        """
        if self._stream is None:
            self._begin(*image.shape[:2])
        frame = av.VideoFrame.from_ndarray(self._padded(image), format='rgb24')
        self._last = max(time, self._last + 1)  # of two at one time the second comes a tick later
        frame.pts, frame.time_base = self._last, self._like.tick
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise BackendError(f'{self._path} cannot be written: {_reason(error)}') from error

    def _begin(self, height: int, width: int) -> None:
        self._stream = self._container.add_stream(ENCODER, rate=self._like.rate)
        self._stream.options = QUALITY
        self._stream.pix_fmt = 'yuv420p'
        self._stream.height, self._stream.width = height + height % 2, width + width % 2
        self._stream.codec_context.time_base = self._like.tick

    def _padded(self, image: np.ndarray) -> np.ndarray:
        """Sides made even by repeating the last row or column, as colours at half size ask for."""
        height, width = image.shape[:2]
        return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), 'edge')


def upright(frame: av.VideoFrame) -> np.ndarray:
    """The picture of a frame as it is to be shown: (H, W, 3) uint8 RGB, turned as noted."""
    image = frame.to_ndarray(format='rgb24')
    turns = round(getattr(frame, 'rotation', 0) / 90) % 4  # anticlockwise, as phones note it
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _reason(error: Exception) -> str:
    return getattr(error, 'strerror', None) or str(error)
