# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras on the network: pictures that come without end, as RTSP or as JPEGs over HTTP."""

from __future__ import annotations

import atexit
from threading import Condition, Thread
from urllib.parse import urlsplit

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError
from fastsam_ros.media.downloads import content_type, is_address

STREAMS = ('rtsp', 'rtsps', 'rtmp')
MOTION_JPEG = 'multipart/x-mixed-replace'
PATIENCE = 5.0  # seconds that a camera may say nothing
LIMITS = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(1e3 * PATIENCE),
          cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1e3 * PATIENCE)]


def is_stream(argument: str) -> bool:
    """
    Whether what was typed is the address of a camera; http is asked what it has there.

    :param argument: such as rtsp://192.168.1.20/live or http://192.168.1.20/video.mjpg
    :raises ImageError: when nobody answers at an http address
    """
    if is_address(argument):
        return content_type(argument) == MOTION_JPEG
    return urlsplit(argument).scheme.lower() in STREAMS


def stream_name(address: str) -> str:
    """
    An address as it may be shown: without name and password.

    :param address: of a camera
    """
    parts = urlsplit(address)
    return f'{parts.scheme}://{parts.netloc.rpartition("@")[2]}{parts.path}'


class NetworkCamera:
    """
    A camera on the network; a thread takes its pictures as they come, so the newest is at hand.

    :param address: of it
    :raises ImageError: when it cannot be opened
    """

    def __init__(self, address: str) -> None:
        self._name = stream_name(address)
        self._capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, LIMITS)
        if not self._capture.isOpened():
            raise ImageError(f'{self._name} cannot be opened: is the camera on, and its address '
                             'right?')
        self._picture: np.ndarray | None = None
        self._over = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name='network-camera', daemon=True)
        self._thread.start()
        atexit.register(self._end)  # FFmpeg must not be at work when the interpreter goes

    def __call__(self, seconds: float) -> np.ndarray:
        """
        A picture that was not given before: (H, W, 3) uint8 RGB.

        :param seconds: since the start; the camera decides
        :raises ImageError: when none comes any more; then another one has to be opened
        """
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._picture is not None, PATIENCE)
            picture, self._picture = self._picture, None
            if picture is None:
                self._over = True
                raise ImageError(f'{self._name} gives no pictures')
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)

    def _run(self) -> None:
        while not self._over:
            there, picture = self._capture.read()
            with self._changed:
                self._picture = picture if there else None
                self._over = self._over or not there
                self._changed.notify()
        self._capture.release()
        atexit.unregister(self._end)

    def _end(self) -> None:
        self._over = True
        self._thread.join()
