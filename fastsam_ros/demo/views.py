# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the demo camera looks at: photographs, a folder of pictures, a video or a real camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
import math
from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError, ParameterError
from fastsam_ros.media.images import read_picture
from fastsam_ros.media.sources import PICTURES, natural

# Photographs of scenes and whole things in scikit-image's own package; none is downloaded.
PHOTOGRAPHS = ('motorcycle_left.png', 'coffee.png', 'rocket.jpg', 'astronaut.png')
STAY = 8.0  # seconds with each picture
CLOSEST = 0.62  # of the widest view: how near the camera goes
USUAL_RATE = 30.0  # frames a second, where a video does not say
MOST_SKIPPED = 30  # frames of a video that are decoded for one picture

View = Callable[[float], np.ndarray]


def open_view(source: str, width: int, height: int) -> View:
    """
    A view for what a person named.

    :param source: '' for photographs, a camera's number, a video, a picture, or a folder of them
    :param width: of the view, pixels
    :param height: of the view, pixels
    :return: gives the (height, width, 3) uint8 RGB picture at a time in seconds
    :raises ImageError: when there is nothing to see
    """
    if not source:
        return Wander(photographs(), width, height)
    if source.isdecimal():
        return Film(int(source), width, height)
    path = Path(source).expanduser()
    if path.is_dir():
        files = sorted((p for p in path.iterdir() if p.suffix.lower() in PICTURES),
                       key=lambda p: natural(p.name))
        return Wander(files, width, height)
    if not path.exists():
        raise ImageError(
            f'{source} is not there: give a video, a picture, a folder of pictures, or the number '
            'of a camera such as 0')
    return (Wander([path], width, height) if path.suffix.lower() in PICTURES
            else Film(str(path), width, height))


def photographs() -> list[Path]:
    """
    The photographs that scikit-image ships.

    :raises ImageError: when it is not installed
    """
    found = find_spec('skimage')
    if found is None or found.origin is None:
        raise ImageError(
            'the demo camera shows photographs of scikit-image: pip install scikit-image, or name '
            'a video, a folder of pictures or a camera as its source')
    folder = Path(found.origin).with_name('data')
    return [folder / name for name in PHOTOGRAPHS if (folder / name).is_file()]


class Wander:
    """
    A camera that wanders over pictures, nearer and farther, one after the other.

    :param files: the pictures
    :param width: of the view, pixels
    :param height: of the view, pixels
    :raises ImageError: when there is none, or one cannot be read
    """

    def __init__(self, files: Sequence[Path], width: int, height: int) -> None:
        if not files:
            raise ImageError('there are no pictures to show in that folder')
        self._files, self._size = list(files), (width, height)
        self._shown: tuple[int, np.ndarray] = (0, read_picture(self._files[0]))

    def __call__(self, seconds: float) -> np.ndarray:
        """The picture at a time: (height, width, 3) uint8 RGB."""
        number = int(seconds / STAY) % len(self._files)
        if number != self._shown[0]:
            self._shown = (number, read_picture(self._files[number]))
        size, centre = self._window(self._shown[1], seconds)
        # A third of what warpAffine costs, and as smooth.
        return cv2.resize(cv2.getRectSubPix(self._shown[1], size, centre), self._size)

    def _window(
        self, picture: np.ndarray, seconds: float
    ) -> tuple[tuple[int, int], tuple[float, float]]:
        """Size and centre of what is seen of a picture, x before y, pixels."""
        width, height = self._size
        rows, columns = picture.shape[:2]
        near = (1 + CLOSEST + (1 - CLOSEST) * math.cos(seconds * 2 * math.pi / STAY)) / 2
        scale = min(columns / width, rows / height) * near
        wide, high = max(round(scale * width), 1), max(round(scale * height), 1)
        across = (1 + math.sin(seconds * 0.71)) / 2
        down = (1 + math.sin(seconds * 0.53 + 1)) / 2
        x = across * (columns - wide) + (wide - 1) / 2
        y = down * (rows - high) + (high - 1) / 2
        return (wide, high), (x, y)


class Film:
    """
    A video at its own speed, over and over, or a real camera.

    :param source: path of the video or number of the camera
    :param width: of the view, pixels
    :param height: of the view, pixels
    :raises ImageError: when it cannot be opened
    """

    def __init__(self, source: str | int, width: int, height: int) -> None:
        self._live = isinstance(source, int)
        self._name = f'camera {source}' if self._live else source
        self._capture = cv2.VideoCapture(source)
        self._size = (width, height)
        self._shown, self._begin = -math.inf, 0.0  # times of this frame and the first one, seconds
        self._step = 1 / USUAL_RATE  # from one frame to the next, seconds
        self._picture: np.ndarray | None = None
        if self._live:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        if not self._capture.isOpened():
            raise ImageError(
                f'{self._name} cannot be opened: is it there, is it free, and may you read it?')

    def __call__(self, seconds: float) -> np.ndarray:
        """
        A camera's next picture, or a video's at a time: (height, width, 3) uint8 RGB.

        :param seconds: since the start; never less than before
        :raises ImageError: when there is none
        """
        if self._live:
            self._grab()
        elif not self._advance(seconds):
            return self._picture
        there, picture = self._capture.retrieve()
        if not there:
            raise ImageError(f'{self._name} gives no pictures')
        self._picture = cover(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), *self._size)
        return self._picture

    def close(self) -> None:
        """Let go of it; no more pictures are taken."""
        self._capture.release()

    def _advance(self, seconds: float) -> bool:
        """Go on to the first frame that is not too early; whether it is another one."""
        skipped = 0
        while self._shown < seconds:
            if skipped == MOST_SKIPPED:  # decoding is too slow: play it slower, not in jumps
                self._begin += seconds - self._shown
                self._shown = seconds
                break
            self._next()
            skipped += 1
        return skipped > 0

    def _next(self) -> None:
        if not self._capture.grab():
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            self._begin = self._shown + self._step
            self._grab()
        time = self._begin + self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        if math.isfinite(self._shown):
            # Where a file has no times, frames follow at the usual rate.
            self._step = time - self._shown if time > self._shown else self._step
            time = self._shown + self._step
        self._shown = time

    def _grab(self) -> None:
        if not self._capture.grab():
            raise ImageError(f'{self._name} gives no pictures')


def cover(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """
    The middle of a picture, as much as fits the size, scaled to it.

    :param picture: (H, W, 3) uint8
    """
    if min(width, height) < 1:
        raise ParameterError(f'a view of {width}x{height} pixels is empty')
    rows, columns = picture.shape[:2]
    scale = min(columns / width, rows / height)
    wide, high = max(round(width * scale), 1), max(round(height * scale), 1)
    left, top = (columns - wide) // 2, (rows - high) // 2
    inner = picture[top : top + high, left : left + wide]
    return inner if (high, wide) == (height, width) else cv2.resize(inner, (width, height))
