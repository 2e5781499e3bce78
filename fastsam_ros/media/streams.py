# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras whose pictures come without end: webcams, and on the network RTSP or JPEGs over HTTP."""

from __future__ import annotations

from abc import ABC, abstractmethod
import atexit
from collections import deque
from threading import Thread
from urllib.parse import urlsplit

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError
from fastsam_ros.media.downloads import content_type, is_address, shown_address

STREAMS = ('rtsp', 'rtsps', 'rtmp')
MOTION_JPEG = 'multipart/x-mixed-replace'
PATIENCE = 5.0  # seconds that a camera may say nothing


def is_stream(argument: str) -> bool:
    """
    Whether what was typed is the address of a camera; http is asked what it has there.

    :param argument: such as rtsp://192.168.1.20/live or http://192.168.1.20/video.mjpg
    :raises ImageError: when nobody answers at an http address
    """
    if is_address(argument):
        return content_type(argument) == MOTION_JPEG
    return urlsplit(argument).scheme.lower() in STREAMS


class LiveCamera(ABC):
    """
    A camera; a thread opens it and takes its pictures, so that nobody waits for it.

    :param name: of it, as errors have it
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._newest: deque[np.ndarray] = deque(maxlen=1)
        self._trouble = ''  # why no picture comes any more
        self._closed = False
        self._thread = Thread(target=self._run, name='camera', daemon=True)
        atexit.register(self._end)  # OpenCV must not be at work when the interpreter goes
        self._thread.start()

    def __call__(self, seconds: float) -> np.ndarray | None:
        """
        The newest picture, (H, W, 3) uint8 RGB; None while there is no newer one.

        :param seconds: since the start; the camera decides
        :raises ImageError: when none comes any more; then another one has to be opened
        """
        if self._newest:
            return cv2.cvtColor(self._newest.pop(), cv2.COLOR_BGR2RGB)
        if self._trouble:
            raise ImageError(self._trouble)
        return None

    def close(self) -> None:
        """Take no more pictures; the camera is let go of after the one at hand."""
        self._closed = True

    @abstractmethod
    def _open(self, capture: cv2.VideoCapture) -> None:
        """
        Open it.

        :raises ImageError: when that cannot be
        """

    def _run(self) -> None:
        capture = cv2.VideoCapture()
        try:
            self._open(capture)
            while not self._closed:
                self._take(capture)
        except (ImageError, cv2.error) as error:
            self._trouble = str(error)
        finally:
            capture.release()
            atexit.unregister(self._end)

    def _take(self, capture: cv2.VideoCapture) -> None:
        there, picture = capture.read()
        if not there:
            raise ImageError(f'{self._name} gives no pictures')
        self._newest.append(picture)

    def _end(self) -> None:
        self.close()
        self._thread.join()


class NetworkCamera(LiveCamera):
    """
    A camera on the network.

    :param address: of it
    """

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(shown_address(address))

    def _open(self, capture: cv2.VideoCapture) -> None:
        if not cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG):
            raise ImageError(
                f'{self._name} cannot be opened: this OpenCV was built without FFmpeg, which '
                'pip install opencv-python-headless brings')
        patience = int(1e3 * PATIENCE)
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, patience,
                  cv2.CAP_PROP_READ_TIMEOUT_MSEC, patience]
        if not capture.open(self._address, cv2.CAP_FFMPEG, limits):
            raise ImageError(
                f'{self._name} cannot be opened: is the camera on, and its address right?')


class Webcam(LiveCamera):
    """
    A camera of this machine.

    :param number: of it, from 0
    :param width: that it is asked for, pixels; its pictures come as it makes them
    :param height: likewise
    """

    def __init__(self, number: int, width: int, height: int) -> None:
        self._number, self._size = number, (width, height)
        super().__init__(f'camera {number}')

    def _open(self, capture: cv2.VideoCapture) -> None:
        if not capture.open(self._number):
            raise ImageError(
                f'{self._name} cannot be opened: is it there, is it free, and may you read it?')
        for key, value in zip((cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT), self._size):
            capture.set(key, value)
