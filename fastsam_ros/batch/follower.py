# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What answers prompts on the frames of a video or bag, one frame after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from fastsam_ros.core import Answer, Prompt, Scene, Selection
from fastsam_ros.core.answers import similar_to
from fastsam_ros.following.carry import CUT, GONE
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.tracker import Tracked, Tracker
from fastsam_ros.media.frames import Frame
from fastsam_ros.media.results import PromptState, Result, Segment, answer_segments, result_of

NOTHING = 'nothing answers it on this frame'
FOLLOWED, SEARCHING = (state.name.lower() for state in (State.FOLLOWED, State.SEARCHING))


@dataclass(eq=False)
class Question:
    """
    Prompts that share an id.

    :param name: their id; of one without, its number
    :param is_thing: whether what answers is followed; else they are asked again
    :param prompts: by number; several are parts of one thing
    :param owners: ids of followed segments, to the number of the prompt that they answer
    :param looks: of what was pointed at first, (D,) each, where similar things are asked for
    """

    name: str
    is_thing: bool
    prompts: dict[int, Prompt] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    looks: list[np.ndarray] = field(default_factory=list)

    def answers(self, scene: Scene) -> list[Answer]:
        """What answers the prompts in a scene; similar things look like what was pointed at."""
        if not self.looks:
            return scene.answer([*self.prompts.values()])
        segments = scene.without_candidates
        return [
            similar_to(segments, prompt, looks)
            for prompt, looks in zip(self.prompts.values(), self.looks)]

    def learn(self, scene: Scene) -> None:
        """Remember what was pointed at, where similar things are asked for."""
        prompts = [*self.prompts.values()]
        if self.looks or any(prompt.selection != Selection.SIMILAR for prompt in prompts):
            return
        answers = scene.answer(prompts)
        if all(map(len, answers)):
            self.looks = [scene.looks[answer.indices[0]] for answer in answers]

    def bound(self, answers: Sequence[Answer], ids: np.ndarray) -> None:
        """Remember which segment answers which prompt."""
        self.owners = {
            id: number for number, answer in zip(self.prompts, answers)
            for id in ids[answer.indices].tolist()}

    def segments(self, status: Status) -> list[Segment]:
        """What is seen of the thing."""
        return [
            Segment(one.runs, one.id, one.score, self.owners[one.id], one.prompt_score,
                    one.label, self.name, one.label_score)
            for one in status.segments]


def questions(prompts: Sequence[Prompt], fixed: bool) -> list[Question]:
    """
    Prompts by their names, in the order in which they are asked.

    :param fixed: whether points and boxes mean the same pixels on every frame
    """
    named: dict[str, Question] = {}
    for number, prompt in enumerate(prompts):
        name = prompt.id or str(number)
        is_thing = prompt.names_pixels and prompt.selection != Selection.SIMILAR and not fixed
        question = named.setdefault(name, Question(name, is_thing))
        question.prompts[number] = prompt
    return [*named.values()]


class Follower:
    """
    Answers prompts on frames that come one after the other.

    Points and boxes mean a thing: it is bound on the first frame where something answers them,
    and followed from there on. All else is asked again on each frame that the network sees;
    what is similar to something, with its looks.

    :param prompts: what is asked; none: everything
    :param fixed: points and boxes mean the same pixels on every frame
    :param track: give segments ids that stay; else they are counted from 1 on each frame, but for
        things
    """

    def __init__(self, prompts: Sequence[Prompt], fixed: bool, track: bool) -> None:
        self._prompts, self._track = prompts, track
        self._questions = questions(prompts, fixed)
        # Of recordings nothing is too old to be carried: the network sees every N-th frame.
        self._tracker = Tracker(carry_for=float('inf'))
        self._last: Result | None = None
        self._stamps: dict[str, tuple[int, int]] = {}

    @property
    def needs_masks(self) -> bool:
        """Whether anything is pointed at: followed, or an example of what is similar."""
        return any(
            question.is_thing or prompt.selection == Selection.SIMILAR
            for question in self._questions for prompt in question.prompts.values())

    def see(self, frame: Frame, scene: Scene, stamp: int) -> Result:
        """
        Take the next frame that the network has seen.

        :param scene: what it found there; candidates below the confidence are followed too
        :param stamp: of the frame, ns; later than all before
        """
        tracked = self._learn(frame, scene, stamp)
        ids = tracked.ids if self._track else np.arange(1, len(scene) + 1)
        if not self._questions:
            self._last = result_of(scene, ids=ids)
            return self._last
        things = {status.name: status for status in tracked.things}
        found = [self._found(q, scene, ids, things.get(q.name)) for q in self._questions]
        states = tuple(
            self._state(q, frame, segments, things.get(q.name))
            for q, segments in zip(self._questions, found))
        self._last = Result(scene.height, scene.width, tuple(chain(*found)), states)
        return self._last

    def carry(self, frame: Frame, stamp: int) -> Result:
        """
        Take the next frame, which the network has not seen: what it saw last moves along.

        :param stamp: as in `see`
        """
        moved = self._tracker.move(self._last.segments, frame.image, stamp)
        there = {segment.prompt for segment in moved or ()}
        why = CUT if moved is None else GONE
        states = tuple(
            replace(state, state=SEARCHING, message=why)
            if state.state == FOLLOWED and there.isdisjoint(question.prompts) else state
            for question, state in zip(self._questions, self._last.states))
        return replace(self._last, segments=tuple(moved or ()), states=states)

    def recall(self, frame: Frame, scene: Scene | None, stamp: int, result: Result) -> None:
        """
        Take the next frame as an earlier run took it.

        :param scene: as in `see`; None: it was carried
        :param result: what came of it
        """
        if scene is None:
            self._tracker.move((), frame.image, stamp)
            return
        self._learn(frame, scene, stamp)
        self._last = result
        self._stamps.update((state.name, state.seen) for state in result.states)

    def _learn(self, frame: Frame, scene: Scene, stamp: int) -> Tracked:
        """Follow what is followed to a frame, and bind what is asked for and answered there."""
        tracked = self._tracker.update(frame.image, scene, stamp)
        for question in self._questions:
            question.learn(scene)
            if question.is_thing and question.name not in self._tracker.names:
                answers = question.answers(scene)
                if any(map(len, answers)):
                    self._tracker.bind(question.name, answers)
                    question.bound(answers, tracked.ids)
        return self._tracker.newest

    def _found(
        self, question: Question, scene: Scene, ids: np.ndarray, status: Status | None
    ) -> list[Segment]:
        if question.is_thing:
            return question.segments(status) if status else []
        answers = question.answers(scene)
        return [
            segment for number, answer in zip(question.prompts, answers)
            for segment in answer_segments(number, answer, ids)]

    def _state(
        self, question: Question, frame: Frame, found: Sequence[Segment], status: Status | None
    ) -> PromptState:
        if found:
            self._stamps[question.name] = frame.header_stamp
        state = status.state if status else State.FOLLOWED if found else State.SEARCHING
        message = status.message if status else '' if found else NOTHING
        seen = self._stamps.get(question.name, (0, 0))
        return PromptState(question.name, state.name.lower(), message, seen)
