# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The prompts that stand for a camera, and how each stands on its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import count
from threading import RLock

import numpy as np

from fastsam_ros.core import Answer, Prompt, PromptError, Selection
from fastsam_ros.core.answers import similar_to
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.tracker import Tracker
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.ros.callback_errors import Refused
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.topics.messages import matches
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.srv import Prompt as Service

MOST = 1000  # prompts of a camera that may stand at a time
NOTHING = 'nothing answers it on this frame'
NOT_CARRIED = 'it is answered only on frames that the network sees; listen to ~/prompted'
_numbers = count(1)


class Kind(Enum):
    """How a standing prompt is answered on the frames that come."""

    THING = 'the thing that answered it is followed'
    FIXED = 'the same pixels are asked about on each frame'
    WORDS = 'the text is asked again as often as it can be, and what answers is followed between'
    EVERYTHING = 'it is asked again on each frame'
    SIMILAR = 'everything that looks like what was pointed at is asked for on each frame'

    @classmethod
    def of(cls, prompt: Prompt, fixed: bool) -> Kind:
        """
        Of a prompt that is kept.

        :param fixed: as the request says
        """
        if fixed:
            return cls.FIXED
        if prompt.selection == Selection.SIMILAR:
            return cls.SIMILAR
        if prompt.names_pixels:
            return cls.THING
        return cls.WORDS if prompt.text else cls.EVERYTHING


@dataclass(eq=False)
class StandingPrompt:
    """
    One id that stands.

    :param id: unique in the camera
    :param kind: how it is answered
    :param prompts: as the core takes them; several are parts of one thing
    :param messages: as they were asked
    :param lifetime: ns; 0: for ever
    :param since: stamp from which the lifetime counts, ns; None: the next frame's
    :param status: how it stood on the last frame
    :param looks: of what was pointed at, (D,) each, where similar things are asked for
    :param thing: its name in the tracker; no two ever have the same
    """

    id: str
    kind: Kind
    prompts: tuple[Prompt, ...]
    messages: tuple[PromptMessage, ...]
    lifetime: int
    since: int | None
    status: Status
    looks: list[np.ndarray] = field(default_factory=list)
    thing: str = field(default_factory=lambda: f'thing-{next(_numbers)}')

    def has_ended(self, time: int) -> bool:
        """Whether its lifetime is over at a stamp, ns."""
        if self.since is None:
            self.since = time
        return 0 < self.lifetime < time - self.since


class Standing:
    """
    All standing prompts of a camera; may be used from any thread.

    :param tracker: follows the camera's things
    :param changed: is told when ids, a state, a message or the segments' ids changed
    """

    def __init__(self, tracker: Tracker, changed: Callable[[], None]) -> None:
        self._tracker, self._changed = tracker, changed
        self._prompts: dict[str, StandingPrompt] = {}
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._prompts)

    def all(self) -> list[StandingPrompt]:
        """In the order in which they came."""
        with self._lock:
            return list(self._prompts.values())

    def check_room(self, ids: Iterable[str]) -> None:
        """
        Refuse what would be too many.

        :raises Refused: when more than `MOST` would stand
        """
        number = len({*self._prompts, *ids})
        if number > MOST:
            raise Refused(Service.Response.TOO_MANY, (
                f'{number} prompts would stand and at most {MOST} may: end some with '
                'clear_prompts, or give the same id again to replace one'))

    def keep(
        self, prompts: Sequence[StandingPrompt], frame: Frame, answers: dict[str, list[Answer]],
        later: Sequence[Frame],
    ) -> None:
        """
        Let prompts stand; one of the same id is replaced.

        :param frame: that they were asked about, with its result
        :param answers: of each id there; a thing has at least one segment
        :param later: frames after it that the network saw, oldest first
        :raises Refused: when too many would stand
        """
        self.check_room(prompt.id for prompt in prompts)
        for prompt in prompts:  # nobody waits meanwhile: no thing has been named so before
            self._bind(prompt, frame, answers[prompt.id], later)
        with self._lock:
            replaced = [self._prompts[p.id].thing for p in prompts if p.id in self._prompts]
            self._prompts.update((prompt.id, prompt) for prompt in prompts)
            if replaced:
                self._tracker.drop(replaced)
        self._changed()

    def _bind(
        self, prompt: StandingPrompt, frame: Frame, answers: Sequence[Answer],
        later: Sequence[Frame],
    ) -> None:
        """Take over the first answer, and follow what has to be followed."""
        if prompt.kind in (Kind.THING, Kind.WORDS) and any(map(len, answers)):
            status = self._tracker.bind(
                prompt.thing, answers, frame.as_seen(), [kept.as_seen() for kept in later])
            prompt.status = replace(status, name=prompt.id)
        else:
            prompt.status = _asked(prompt, answers, frame.result, frame.time)
        if prompt.kind == Kind.SIMILAR:
            scene = frame.result.scene
            prompt.looks = [scene.looks[answer.indices[0]] for answer in answers]

    def clear(self, ids: Iterable[str] = ()) -> list[str]:
        """
        End prompts.

        :param ids: which; none: all
        :return: the ids of those that stood and ended
        """
        with self._lock:
            gone = [name for name in (list(ids) or list(self._prompts)) if name in self._prompts]
            ended = [self._prompts.pop(name) for name in dict.fromkeys(gone)]
            if ended:
                self._tracker.drop([prompt.thing for prompt in ended])
        if ended:
            self._changed()
        return [prompt.id for prompt in ended]

    def pause(self, why: str) -> None:
        """The frames begin anew: everything is searched for, and times count from the next."""
        with self._lock:
            self._tracker.reset()
            for prompt in self._prompts.values():
                prompt.since = None
                prompt.status = _searching(prompt, why)
        if self._prompts:
            self._changed()

    def update(self, frame: Frame, result: Result) -> list[Status]:
        """
        How they all stand on a frame that the network has seen and things were followed to.

        Words are not asked about it here, since that may take long; see `words` and `ask_again`.
        """
        with self._lock:
            self.clear([p.id for p in self.all() if p.has_ended(frame.time)] or ['\0'])
            before = [(p.status.state, p.status.segment_ids, p.status.message)
                      for p in self._prompts.values()]
            things = {status.name: status for status in result.things}
            asked = [p for p in self._prompts.values()
                     if p.kind in (Kind.FIXED, Kind.EVERYTHING)]
            answers = answer_each(result, asked)
            statuses = []
            for prompt in self._prompts.values():
                if prompt.kind == Kind.SIMILAR:
                    prompt.status = _similar(prompt, result, frame.time)
                elif prompt in asked:
                    prompt.status = _asked(prompt, answers[prompt.id], result, frame.time)
                elif prompt.thing in things:
                    prompt.status = replace(things[prompt.thing], name=prompt.id)
                elif prompt.kind == Kind.WORDS:
                    prompt.status = _searching(prompt, NOTHING)
                else:
                    continue  # bound since
                statuses.append(prompt.status)
            after = [(p.status.state, p.status.segment_ids, p.status.message)
                     for p in self._prompts.values()]
        if after != before:
            self._changed()
        return statuses

    def carried(self, things: Iterable[Status]) -> list[Status]:
        """
        How they all stand on a frame that things were carried to.

        :param things: of the tracker, on that frame
        """
        by_name = {status.name: status for status in things}
        return [
            replace(by_name[prompt.thing], name=prompt.id) if prompt.thing in by_name
            else _searching(prompt, NOTHING if prompt.kind == Kind.WORDS else NOT_CARRIED)
            for prompt in self.all()]

    def words(self) -> list[StandingPrompt]:
        """Those that a text is asked for, and nothing else."""
        return [prompt for prompt in self.all() if prompt.kind == Kind.WORDS]

    def ask_again(
        self, prompt: StandingPrompt, frame: Frame, later: Callable[[], Sequence[Frame]]
    ) -> None:
        """
        Ask for words in a frame and follow from there what answers; takes its time.

        :param later: gives the frames after it that the network saw meanwhile
        :raises FastSamError: when it cannot be answered
        """
        answers = frame.result.scene.answer(prompt.prompts)
        if any(map(len, answers)):
            self._tracker.bind(
                prompt.thing, answers, frame.as_seen(), [kept.as_seen() for kept in later()])
        with self._lock:
            cleared = self._prompts.get(prompt.id) is not prompt
            if cleared or not any(map(len, answers)):
                self._tracker.drop([prompt.thing])


def answer_each(
    result: Result, prompts: Sequence[StandingPrompt]
) -> dict[str, list[Answer] | Exception]:
    """Answers by id; one that no longer fits the image must not silence the others."""
    flat = [prompt for standing in prompts for prompt in standing.prompts]
    try:
        answers = iter(result.scene.answer(flat))
        return {p.id: [next(answers) for _ in p.prompts] for p in prompts}
    except PromptError:
        return {prompt.id: _answer(result, prompt) for prompt in prompts}


def _answer(result: Result, prompt: StandingPrompt) -> list[Answer] | Exception:
    try:
        return result.scene.answer(prompt.prompts)
    except PromptError as error:
        return error


def _similar(prompt: StandingPrompt, result: Result, time: int) -> Status:
    segments = result.scene.without_candidates
    return _asked(prompt, [
        similar_to(segments, core, looks) for core, looks in zip(prompt.prompts, prompt.looks)
    ], result, time)


def _asked(
    prompt: StandingPrompt, answers: Sequence[Answer] | Exception, result: Result, time: int
) -> Status:
    """Of a prompt that was asked about a frame of a stamp."""
    if isinstance(answers, Exception):
        return _searching(prompt, str(answers))
    segments = tuple(segment for answer in answers for segment in matches(result, answer))
    if segments:
        return Status(prompt.id, State.FOLLOWED, segments, time)
    return _searching(prompt, NOTHING)


def _searching(prompt: StandingPrompt, why: str) -> Status:
    return Status(prompt.id, State.SEARCHING, (), prompt.status.seen, why)
