# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures, videos and webcams in a window of the desktop, with their segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
import os
import re
import sys

import cv2
import numpy as np

from fastsam_ros.core import Prompt
from fastsam_ros.core.errors import OutputError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.fastsam import FastSam
from fastsam_ros.web.local.scenes import Scenes, Segment, scene_segments
from fastsam_ros.web.local.shows import Show
from fastsam_ros.web.session.questions import Question

END, NEXT = {ord('q'), ord('Q'), 27}, {ord('n'), ord('N'), ord(' ')}
WAIT = 20  # milliseconds that a picture waits for a key at a time, where none follows it at once
NOTHING = np.zeros((480, 640, 3), np.uint8)  # until a camera has given a picture


class Window:
    """
    A window of OpenCV.

    :param title: of it
    :raises OutputError: where there is no display, or OpenCV was built without windows
    """

    def __init__(self, title: str) -> None:
        gui = re.search(r'^\s*GUI:\s*(\S+)', cv2.getBuildInformation(), re.MULTILINE)
        if gui is None or gui[1] == 'NONE':
            raise OutputError(
                'this OpenCV was built without windows: install opencv-python instead of '
                'opencv-python-headless, or look at it in a browser with fastsam page')
        named = any(os.environ.get(name) for name in ('DISPLAY', 'WAYLAND_DISPLAY'))
        if sys.platform.startswith('linux') and not named:
            raise OutputError(
                'there is no display to open a window on: leave out --show, or look at it in a '
                'browser with fastsam page')  # Qt would end the program
        self._title = title
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)

    def show(self, picture: np.ndarray, wait: int = 1) -> int:
        """
        Show a picture; the key that was pressed, or -1.

        :param picture: (H, W, 3) uint8 RGB
        :param wait: for a key, milliseconds
        """
        cv2.imshow(self._title, picture[..., ::-1])
        return cv2.waitKey(wait)

    @property
    def closed(self) -> bool:
        """Whether the person has closed it."""
        return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1

    def close(self) -> None:
        """Take it away."""
        cv2.destroyWindow(self._title)


def show_all(
    model: FastSam, shows: Sequence[Show], prompts: Sequence[Prompt], fixed: bool,
    window: Window, stopping: Iterable,
) -> None:
    """
    Show one after the other until all have been seen, or the person has had enough.

    :param model: segments them
    :param shows: pictures, videos and webcams
    :param prompts: what is asked about the first frame of each, and followed; none: everything
    :param fixed: the same pixels on each frame instead of the same things
    :param window: on which they are shown
    :param stopping: true once Ctrl-C was pressed
    """
    try:
        for show in shows:
            with closing(Scenes(model, show)) as scenes:
                if not _show(scenes, prompts, fixed, window, stopping):
                    return
    finally:
        window.close()


def _show(scenes: Scenes, prompts, fixed: bool, window: Window, stopping) -> bool:
    """Show one; whether the next one is wanted."""
    picture = None
    while True:
        newer = None
        if picture is None or not scenes.show.still:
            newer = _picture(scenes, prompts, fixed, picture is None)
        picture = picture if newer is None else newer
        key = window.show(NOTHING if picture is None else picture, WAIT if newer is None else 1)
        if key in NEXT:
            return True
        if key in END or window.closed or stopping:
            return False


def _picture(
    scenes: Scenes, prompts: Sequence[Prompt], fixed: bool, first: bool
) -> np.ndarray | None:
    """The next picture with what is drawn on it; None when not yet there."""
    step = scenes.step()
    if step is None:
        return None
    frame, found, _ = step
    if first:
        for question in _questions(prompts, fixed):
            _, answer = scenes.ask(frame.stamp, question)
            found = [*found, *answer]
    if not prompts:
        found = scene_segments(frame.scene, frame.ids)
    return draw(frame.image, [_runs(one) for one in found], [one.id for one in found],
                [one.label for one in found])


def _questions(prompts: Sequence[Prompt], fixed: bool) -> list[Question]:
    """Prompts of one id are one thing's parts; those without one are things of their own."""
    named: dict[str, list[Prompt]] = {}
    for number, prompt in enumerate(prompts):
        name = prompt.id or str(number)
        named.setdefault(name, []).append(replace(prompt, id=name))
    return [
        Question('', (0, 0), last, keep=True, fixed=fixed, parts=tuple(parts))
        for *parts, last in named.values()]


def _runs(segment: Segment) -> RunLengths:
    box = segment.box
    return RunLengths(
        box.x_offset, box.y_offset, box.width, box.height, segment.area, segment.counts)
