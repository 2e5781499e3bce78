# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the page shows without ROS: a picture stands still, a video or a camera goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError, ParameterError
from fastsam_ros.demo.views import Film
from fastsam_ros.media.downloads import shown_address
from fastsam_ros.media.images import load_formats, read_picture
from fastsam_ros.media.sources import find_sources
from fastsam_ros.media.streams import NetworkCamera, Webcam, is_stream

WEBCAM = (1280, 720)  # pixels that a webcam is asked for
LONGEST = 1920  # pixels of a larger video's longer side


@dataclass(frozen=True)
class Show:
    """
    Something to look at; the page calls it a camera.

    :param name: what the page lists
    :param still: whether there is but one picture
    :param open: gives what gives the (H, W, 3) uint8 RGB picture at a time in seconds, or None
        where none has come yet
    """

    name: str
    still: bool
    open: Callable[[], Callable[[float], np.ndarray | None]]


def find_shows(arguments: Iterable[str]) -> list[Show]:
    """
    What a person named: pictures, folders of them, videos, numbers of webcams, network cameras.

    :raises ImageError: when nobody answers at an address
    :raises ParameterError: when there is nothing of the kind
    """
    load_formats()
    arguments = list(arguments)
    webcams = [_webcam(int(word)) for word in arguments if word.isdecimal()]
    streams = [word for word in arguments if is_stream(word)]
    webcams += map(_network_camera, streams)
    files = [word for word in arguments if not word.isdecimal() and word not in streams]
    shows = [_show(source) for source in (find_sources(files) if files else ())
             if source.kind != 'bag']
    if not webcams and not shows:
        raise ParameterError(
            f'{" ".join(arguments)} holds no picture and no video; give pictures, a folder of '
            'them, videos, the number of a webcam such as 0, or the address of a camera')
    return _apart(webcams + shows)


def _apart(shows: list[Show]) -> list[Show]:
    """Different names: what tells two addresses apart may be what is not shown of them."""
    often: Counter[str] = Counter()
    for number, show in enumerate(shows):
        often[show.name] += 1
        if (times := often[show.name]) > 1:
            shows[number] = replace(show, name=f'{show.name} ({times})')
    return shows


def _show(source) -> Show:
    path = source.path
    if source.kind == 'picture':
        return Show(source.name, True, lambda: _still(read_picture(path)))
    return Show(source.name, False, lambda: Film(str(path), *_size(str(path))))


def _webcam(number: int) -> Show:
    return Show(f'webcam {number}', False, lambda: Webcam(number, *WEBCAM))


def _network_camera(address: str) -> Show:
    return Show(shown_address(address), False, lambda: NetworkCamera(address))


def _still(picture: np.ndarray) -> Callable[[float], np.ndarray]:
    return lambda _: picture


def _size(path: str) -> tuple[int, int]:
    """Width and height in which a video is shown."""
    video = cv2.VideoCapture(path)
    width, height = (
        video.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    video.release()
    if not width or not height:
        raise ImageError(f'{path} cannot be read as a video')
    scale = min(1.0, LONGEST / max(width, height))
    return round(width * scale), round(height * scale)
