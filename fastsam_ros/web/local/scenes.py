# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The frames of one show: segmented, remembered for questions, and followed for what is kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
import time

import numpy as np

from fastsam_ros.core import Answer, FastSamError, Prompt, Scene
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.tracker import Frame, Tracker
from fastsam_ros.web.local.shows import Show
from fastsam_ros.web.session.questions import Question

KEPT = 30  # frames that can be asked about
SECOND = 10**9  # ns


@dataclass(frozen=True)
class Box:
    """Like `sensor_msgs/RegionOfInterest`."""

    x_offset: int
    y_offset: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Segment:
    """Like `msg/Segmentation`, which `packets.columns` reads."""

    id: int
    prompt_id: str
    score: float
    prompt_score: float
    label: str
    box: Box
    area: int
    counts: np.ndarray


def segment(runs, id: int, score: float, prompt_id='', prompt_score=0.0, label='') -> Segment:
    """
    One segment for the page.

    :param runs: its mask
    :param id: of it
    :param score: the network's, 0 to 1
    """
    box = Box(runs.x, runs.y, runs.width, runs.height)
    counts = np.ascontiguousarray(runs.counts, np.uint32)
    return Segment(int(id), prompt_id, float(score), float(prompt_score), label, box, runs.area,
                   counts)


class Scenes:
    """
    A show that is open, one at a time; methods may be called from any thread.

    :param model: segments the frames
    :param show: what is shown
    """

    def __init__(self, model: FastSam, show: Show) -> None:
        self.show = show
        self._model = model
        # None until it is opened, and when it gives no pictures
        self._view: Callable[[float], np.ndarray | None] | None = None
        self._tracker = Tracker()
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._asked: dict[str, list[Prompt]] = {}  # kept, and asked again on each frame: texts
        self._began = 0.0
        self._lock = Lock()

    def step(self) -> tuple[Frame, list[Segment], list[dict]] | None:
        """
        The next frame, what was kept in it, and how each of that stands; None when not yet there.

        :raises FastSamError: when there is none; the next call opens the show anew
        """
        image = self._look()
        if image is None:
            return None
        scene, stamp = self._model(image), time.time_ns()
        with self._lock:
            tracked = self._tracker.update(image, scene, stamp)
            frame = Frame(image, scene, stamp, tracked.ids)
            self._frames[stamp] = frame
            while len(self._frames) > KEPT:
                self._frames.popitem(last=False)
            found = [segment(one.runs, one.id, one.score, thing.name, one.prompt_score, one.label)
                     for thing in tracked.things for one in thing.segments]
            states = [{'id': thing.name, 'state': thing.state.name.lower(),
                       'message': thing.message} for thing in tracked.things]
            for name, prompts in self._asked.items():
                again, message = self._answered(frame, name, prompts)
                found += again
                states.append({'id': name, 'message': message,
                               'state': 'followed' if again else 'searching'})
        return frame, found, states

    def close(self) -> None:
        """Let go of a camera or a video, which would stay open; the next step opens it anew."""
        if close := getattr(self._view, 'close', None):
            self._view = None
            close()

    def _look(self) -> np.ndarray | None:
        view, self._view = self._view, None
        if view is None:
            view, self._began = self.show.open(), time.monotonic()
        image = view(time.monotonic() - self._began)
        self._view = view
        return image

    def at(self, stamp: int) -> Scene | None:
        """What was found in a frame; None when it is no longer there."""
        with self._lock:
            frame = self._frames.get(stamp)
        return frame and frame.scene

    def ask(self, stamp: int, question: Question) -> tuple[Frame, list[Segment]] | None:
        """
        Answer about a frame; None when it is no longer there.

        :raises FastSamError: when the prompt makes no sense, or nothing answers what is to be kept
        """
        with self._lock:
            frame = self._frames.get(stamp)
            if frame is None:
                return None
            answers = frame.scene.answer(question.prompts)
            found = [one for answer in answers for one in answer_segments(
                frame.scene, answer, frame.ids, question.prompt.id)]
            if question.keep:
                self._keep(question, answers, frame)
            return frame, found

    def _keep(self, question: Question, answers: list[Answer], frame: Frame) -> None:
        prompt = question.prompt
        self._asked.pop(prompt.id, None)
        if prompt.names_pixels and not question.fixed and any(map(len, answers)):
            later = [one for when, one in self._frames.items() if when > frame.stamp]
            self._tracker.bind(prompt.id, answers, frame, later)
        else:
            self._tracker.drop([prompt.id])
            self._asked[prompt.id] = question.prompts

    def forget(self, ids: Iterable[str]) -> None:
        """End kept prompts."""
        with self._lock:
            self._tracker.drop([*ids])
            for name in ids:
                self._asked.pop(name, None)

    def _answered(
        self, frame: Frame, name: str, prompts: list[Prompt]
    ) -> tuple[list[Segment], str]:
        """What answers a kept question now; or nothing and why, say as a word was forgotten."""
        try:
            answers = frame.scene.answer(prompts)
        except FastSamError as error:
            return [], str(error)
        return [one for answer in answers for one in answer_segments(
            frame.scene, answer, frame.ids, name)], ''


def answer_segments(scene: Scene, answer: Answer, ids: np.ndarray, name: str) -> list[Segment]:
    """What answers a prompt, for the page."""
    return [
        segment(runs, ids[n], scene.scores[n], name, score, label)
        for runs, n, score, label in zip(
            answer.run_lengths(), answer.indices, answer.scores, answer.labels)]


def scene_segments(scene: Scene, ids: np.ndarray) -> list[Segment]:
    """All segments that the network is sure of, largest first."""
    names = getattr(scene, 'labels', None) or [''] * len(scene)
    runs = scene.run_lengths()
    order = sorted(range(len(runs)), key=lambda n: -runs[n].area)
    return [segment(runs[n], ids[n], scene.scores[n], label=names[n]) for n in order]
