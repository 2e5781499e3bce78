# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the hub talks to where there is no node: the model in this process, one show at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
import math
from threading import Condition, Thread
import time
from typing import Any

import numpy as np

from fastsam_ros.core import Scene
from fastsam_ros.core.errors import FastSamError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.text.words.store import in_words
from fastsam_ros.web.local.scenes import SECOND, Scenes, Segment, answer_segments, scene_segments
from fastsam_ros.web.local.shows import Show
from fastsam_ros.web.session import packets
from fastsam_ros.web.session.clients import Packet
from fastsam_ros.web.session.hub import Reply, Shown
from fastsam_ros.web.session.jpeg import to_jpeg, to_pixels
from fastsam_ros.web.session.questions import Lesson, Question

FASTEST = 30.0  # frames a second; a browser shows no more
FIRST_WAIT = 1.0  # seconds until a webcam that is not there is looked for again; doubles
LONGEST_WAIT = 30.0
LINGER = 10.0  # seconds that what nobody looks at stays open: somebody may only load the page anew
FORGOTTEN = 'the picture is no longer kept: go on and ask about a newer one'


@dataclass(frozen=True)
class Trouble:
    """
    Why a show has no picture.

    :param message: in words
    :param wait: seconds from one try to the next
    :param until: when that is, by the monotonic clock
    """

    message: str
    wait: float
    until: float

    @classmethod
    def of(cls, show: Show, error: FastSamError, before: Trouble | None) -> Trouble:
        """It could not be shown, as before or for the first time."""
        if show.still:
            return cls(str(error), math.inf, math.inf)  # until somebody looks at it again
        wait = min(2 * before.wait, LONGEST_WAIT) if before else FIRST_WAIT
        return cls(f'{error} (next try in {wait:g} s)', wait, time.monotonic() + wait)


class LocalBridge:
    """
    Shows pictures, videos and webcams, and answers with the model.

    :param model: segments
    :param shows: what there is to look at
    """

    def __init__(self, model: FastSam, shows: Sequence[Show]) -> None:
        self.deliver: Callable[[Packet], None] = lambda packet: None  # set by who listens
        self._model = model
        self._shows = {show.name: show for show in shows}
        self._open: dict[str, Scenes] = {}
        self._kept: dict[str, dict[str, Any]] = {}  # what is kept, by id
        self._looks: Set[str] = frozenset()
        self._fresh: set[str] = set()  # stills that somebody new looks at
        self._ends: dict[str, float] = {}  # when what nobody looks at is closed
        self._wrong: dict[str, Trouble] = {}  # shows that have no picture
        self._running = True
        self._changed = Condition()
        self._thread = Thread(target=self._run, name='web-local', daemon=True)

    def start(self) -> None:
        """Begin to show."""
        self._thread.start()

    def stop(self) -> None:
        """End after the frame at hand."""
        with self._changed:
            self._running = False
            self._changed.notify()
        self._thread.join()

    def watch(self, cameras: Set[str], smooth: Set[str] = frozenset()) -> None:
        """Show these from now on, and no others; with all segments, as the model runs anyway."""
        looks = cameras | smooth
        with self._changed:
            self._fresh |= looks - self._looks
            self._looks = looks
            self._changed.notify()

    def state(self) -> dict[str, Any]:
        """What there is to look at: plain values for JSON."""
        words = getattr(self._model, 'words', None)
        return {
            'node': True, 'name': 'fastsam page', 'message': '',
            'names': [*getattr(self._model, 'names', ()), *getattr(words, 'names', ())],
            'kept': list(self._kept.values()),
            'cameras': [{
                'name': name, 'topic': name, 'publishers': int(name not in self._wrong),
                'message': self._wrong[name].message if name in self._wrong else '',
                'still': show.still} for name, show in self._shows.items()]}

    async def ask(self, question: Question, picture: Shown | None = None) -> Reply:
        """Ask a prompt; about a picture instead of a frame when one is given."""
        answer = self._about_picture if picture else self._about_frame
        return await asyncio.to_thread(answer, question, picture)

    async def teach(self, lesson: Lesson, picture: Shown | None = None) -> Reply:
        """Teach a word; by a picture instead of a frame when one is given."""
        return await asyncio.to_thread(self._learn, lesson, picture)

    async def forget(self, ids: list[str]) -> Reply:
        """End kept prompts."""
        for scenes in list(self._open.values()):
            await asyncio.to_thread(scenes.forget, ids)
        with self._changed:
            self._kept = {name: e for name, e in self._kept.items() if name not in ids}
        self._again()
        return Reply(True)

    def _about_frame(self, question: Question, _: None) -> Reply:
        scenes = self._open.get(question.camera)
        stamp = question.stamp[0] * SECOND + question.stamp[1]
        found = scenes and scenes.ask(stamp, question)
        if not found:
            return Reply(False, FORGOTTEN, forgotten=True)
        if question.keep:
            with self._changed:
                entry = {question.prompt.id: question.describe()}
                self._kept = {**self._kept, **entry}
            self._again()
        frame, segments = found
        return _reply(question, segments, frame.image.shape)

    def _about_picture(self, question: Question, picture: Shown) -> Reply:
        pixels = _pixels(picture)
        scene = self._model(pixels)
        (answer,) = scene.answer([question.prompt])
        ids = np.arange(1, len(scene.boxes) + 1)
        segments = answer_segments(scene, answer, ids, question.prompt.id)
        return _reply(question, segments, pixels.shape)

    def _learn(self, lesson: Lesson, picture: Shown | None) -> Reply:
        scene = self._shown(lesson.question) if picture is None else self._model(_pixels(picture))
        if scene is None:
            return Reply(False, FORGOTTEN, forgotten=True)
        count = self._model.teach(
            lesson.word, scene.answer(lesson.question.prompts), lesson.counter)
        self._again()
        return Reply(True, in_words(lesson.word, count))

    def _shown(self, question: Question) -> Scene | None:
        scenes = self._open.get(question.camera)
        return scenes and scenes.at(question.stamp[0] * SECOND + question.stamp[1])

    def _again(self) -> None:
        """What is kept has changed: pictures that stand still are shown anew."""
        with self._changed:
            self._fresh |= self._looks
            self._changed.notify()

    def _run(self) -> None:
        while names := self._next():
            began = time.monotonic()
            for name in names:
                self._try(name)
            with self._changed:
                self._changed.wait_for(
                    lambda: not self._running, max(0, 1 / FASTEST + began - time.monotonic()))
        for scenes in self._open.values():
            scenes.close()

    def _rest(self) -> None:
        """Close what nobody has looked at for a while."""
        now = time.monotonic()
        for name in self._looks:
            self._ends.pop(name, None)
        for name in self._open.keys() - self._looks:
            if self._ends.setdefault(name, now + LINGER) <= now:
                self._open[name].close()
                self._ends[name] = math.inf

    def _try(self, name: str) -> None:
        try:
            shown = self._show(name)
        except FastSamError as error:
            trouble = Trouble.of(self._shows[name], error, self._wrong.get(name))
            self._wrong = {**self._wrong, name: trouble}
        else:
            if not shown:
                return  # what was wrong may still be
            self._wrong = {wrong: why for wrong, why in self._wrong.items() if wrong != name}

    def _note(self, states: list[dict]) -> None:
        """How what is kept stands has become known."""
        after = {state['id']: state for state in states}
        with self._changed:
            before = self._kept
            self._kept = {name: {**e, **after.get(name, {})} for name, e in before.items()}
        if self._kept != before:
            self.deliver(Packet('kept', '', (0, 0), b''))

    def _next(self) -> list[str]:
        """What has a frame to show, as soon as anything has; nothing at the end."""
        with self._changed:
            self._rest()
            while self._running and not self._due():
                self._changed.wait(self._patience())
                self._rest()
            names = self._due() if self._running else []
            self._fresh -= set(names)
            return names

    def _due(self) -> list[str]:
        return [name for name in self._seen() if name in self._fresh or self._wait(name) <= 0]

    def _patience(self) -> float | None:
        """Seconds until something is due by itself, or to be closed."""
        waits = [self._wait(name) for name in self._seen()]
        waits += [end - time.monotonic() for end in self._ends.values()]
        return min((max(wait, 0.0) for wait in waits if math.isfinite(wait)), default=None)

    def _seen(self) -> list[str]:
        return [name for name in sorted(self._looks) if name in self._shows]

    def _wait(self, name: str) -> float:
        """Seconds until a show goes on by itself, or is tried again."""
        if name in self._wrong:
            return self._wrong[name].until - time.monotonic()
        return math.inf if self._shows[name].still else 0.0

    def _show(self, name: str) -> bool:
        """Show the next frame; whether there is one yet."""
        if name not in self._open:
            self._open[name] = Scenes(self._model, self._shows[name])
        step = self._open[name].step()
        if step is None:
            return False
        frame, kept, states = step
        stamp = divmod(frame.stamp, SECOND)
        size = {'width': frame.image.shape[1], 'height': frame.image.shape[0]}
        header = {'camera': name, 'stamp': stamp, **size}
        if states:
            table, counts = packets.columns(kept)
            data = packets.pack(
                {**header, 'kind': 'prompted', 'segments': table}, counts)
            self.deliver(Packet('prompted', name, stamp, data))
            self._note(states)
        picture = to_jpeg(frame.image)
        table, counts = packets.columns(scene_segments(frame.scene, frame.ids))
        data = packets.pack(
            {**header, 'kind': 'frame', 'age': None, 'media': packets.media_type(picture),
             'segments': table}, counts, picture)
        self.deliver(Packet('frame', name, stamp, data))
        return True


def _pixels(picture: Shown) -> np.ndarray:
    return np.ascontiguousarray(to_pixels(picture.data, picture.size)[..., ::-1])


def _reply(question: Question, segments: list[Segment], shape: tuple[int, ...]) -> Reply:
    table, counts = packets.columns(segments)
    return Reply(True, '', ({
        'camera': question.camera, 'id': question.prompt.id, 'keep': question.keep,
        'stamp': list(question.stamp), 'width': shape[1], 'height': shape[0],
        'segments': table}, counts))
