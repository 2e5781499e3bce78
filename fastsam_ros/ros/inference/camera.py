# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Everything that belongs to one camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
import math
import time

import numpy as np
from rclpy.node import Node

from fastsam_ros.core import Answer, Prompt, Scene
from fastsam_ros.following.identities import Identities
from fastsam_ros.ros.callback_errors import complain
from fastsam_ros.ros.inference.counters import Counters
from fastsam_ros.ros.inference.frames import Frame, History, Segments
from fastsam_ros.ros.inference.newest import Job
from fastsam_ros.ros.prompting.standing import Standing, answer_each
from fastsam_ros.ros.topics.image_subscription import Source
from fastsam_ros.ros.topics.publishers import Outputs, Result

NEAR = 1.0  # seconds; longer ago the picture moved in another way


class Camera:
    """
    One camera's frames, prompts, counts and topics.

    :param node: whose it is
    :param name: '' when it is the only one
    :param history: frames to keep
    """

    def __init__(self, node: Node, name: str, history: int) -> None:
        self.name = name
        self.logger = node.get_logger()
        self.counters = Counters()
        self.history = History(history)
        self.standing = Standing()
        self.outputs = Outputs(node, f'~/{name}/' if name else '~/')
        self.source: Source | None = None
        self._clock = node.get_clock()
        self._tracker = Identities()
        self._tracked = -math.inf  # when the last frame that was tracked came

    def rest(self) -> None:
        """Forget the frames and who is who; prompts stay, and no id comes again."""
        self.history.clear()
        self.outputs.rest()
        self._tracker.forget()

    def drop(self, frame: Frame) -> None:
        """A newer frame took its place."""
        self.counters.count('dropped')
        frame.settled.set()

    def fail(self, frame: Frame, error: Exception) -> None:
        """It could not be read, segmented or published."""
        self.counters.count('failed')
        frame.settled.set()
        complain(self.logger, error)

    def process(self, frame: Frame, scene: Scene, tracking: bool) -> Result:
        """
        Publish what the network found in a frame, and keep it for prompts.

        :param tracking: give ids that stay
        :return: what was published
        """
        ids = self._update(frame, scene) if tracking else _plain(scene)
        # Known before it is published: who sees a result may ask about it at once.
        segments = frame.keep(Segments(scene, ids).lean())
        frame.settled.set()
        self.history.processed(frame)
        result = Result(frame.message.header, segments, None)
        self.outputs.everything(result)
        return result

    def number(self, frame: Frame, tracking: bool, on_demand: bool, scene: Scene) -> np.ndarray:
        """
        Ids for the segments of a frame that somebody asks about.

        Mostly it is not in the row of those that are tracked: a thing that is tracked has its id
        there too, and no other thing gets it.

        :param on_demand: frames that are asked about are those that make the row
        :return: (N,) uint32
        """
        if not tracking:
            return _plain(scene)
        if on_demand and not frame.foreign and frame.arrived > self._tracked:
            return self._update(frame, scene)
        if frame.foreign or abs(frame.arrived - self._tracked) > NEAR:
            return self._tracker.fresh(len(scene))
        return self._tracker.look(scene)

    def _update(self, frame: Frame, scene: Scene) -> np.ndarray:
        soon = frame.arrived - self._tracked <= NEAR
        self._tracked = max(self._tracked, frame.arrived)
        return self._tracker.update(scene, soon)

    def expects_answers(self) -> bool:
        """Whether prompts stand, and anybody sees what answers them."""
        return len(self.standing) > 0 and self.outputs.wants_answers()

    def respond(
        self, frame: Frame, result: Result, picture: np.ndarray, later: Callable[[Job], None]
    ) -> None:
        """
        Answer what stands, and paint the overlay.

        :param result: of `process`
        :param picture: the frame's, (H, W, 3) uint8 RGB
        :param later: takes what may be slow, texts and painting; only the newest will be done
        """
        prompts = self.standing.all() if self.expects_answers() else []
        if any(prompt.text for prompt in prompts):
            later(partial(self._finish, result, picture))
        else:
            result = self._answer(result, prompts)
            if self.outputs.wants_overlay():
                later(partial(self.outputs.paint, result, picture))
        self._count(frame, result)

    def _finish(self, result: Result, picture: np.ndarray) -> None:
        result = self._answer(result, self.standing.all())
        if self.outputs.wants_overlay():
            self.outputs.paint(result, picture)

    def _answer(self, result: Result, prompts: list[Prompt]) -> Result:
        """Publish the answers to prompts, if there are any, and return the result with them."""
        answers = self._answers(result.segments.scene, prompts)
        if answers is None:
            return result
        result = replace(result, answers=answers)
        self.outputs.answer(result)
        return result

    def _answers(self, scene: Scene, prompts: list[Prompt]) -> list[Answer] | None:
        answers, wrong = answer_each(scene, prompts)
        for error in wrong:
            complain(self.logger, error)
        left = {prompt.id for prompt in self.standing.all()}  # some may be cleared meanwhile
        if not any(prompt.id in left for prompt in prompts):
            return None
        return [answer for answer in answers if answer.prompt.id in left]

    def _count(self, frame: Frame, result: Result) -> None:
        stamp = result.header.stamp  # which drivers may fill with anything
        delay = self._clock.now().nanoseconds - (stamp.sec * 10**9 + stamp.nanosec)
        self.counters.result(
            len(result.segments.scene), time.monotonic() - frame.arrived, delay * 1e-9)


def _plain(scene: Scene) -> np.ndarray:
    return np.arange(1, len(scene) + 1, dtype=np.uint32)
