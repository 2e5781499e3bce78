# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Everything that belongs to one camera."""

from __future__ import annotations

from dataclasses import replace
import time

import numpy as np
from rclpy.node import Node
from rclpy.time import Time

from fastsam_ros.core import Answer, Scene, Tracker
from fastsam_ros.ros.counters import Counters
from fastsam_ros.ros.guard import complain
from fastsam_ros.ros.history import Frame, History, Segments
from fastsam_ros.ros.outputs import Outputs, Result
from fastsam_ros.ros.prompts import Standing, answer_each
from fastsam_ros.ros.source import Source


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
        self._tracker = Tracker()

    def rest(self) -> None:
        """Forget the frames and who is who; prompts stay."""
        self.history.clear()
        self._tracker = Tracker()

    def drop(self, frame: Frame) -> None:
        """A newer frame took its place."""
        self.counters.count('dropped')
        frame.settled.set()

    def fail(self, frame: Frame, error: Exception) -> None:
        """It could not be read, segmented or published."""
        self.counters.count('failed')
        frame.settled.set()
        complain(self.logger, error)

    def process(self, frame: Frame, scene: Scene, picture: np.ndarray, tracking: bool) -> None:
        """
        Publish what the network found in a frame, and keep it for prompts.

        :param picture: the frame's, (H, W, 3) uint8 RGB
        :param tracking: give ids that stay
        """
        ids = np.arange(1, len(scene) + 1, dtype=np.uint32)
        segments = Segments(scene, self._tracker.update(scene) if tracking else ids)
        # Known before it is published: who sees a result may ask about it at once.
        kept = scene if scene.matcher is not None else replace(scene, image=None)
        frame.segments = Segments(kept, segments.ids)
        frame.settled.set()
        self.history.processed(frame)
        result = Result(frame.message.header, segments, None)
        self.outputs.everything(result)
        # Texts may take long, so they come after what everybody waits for.
        answers = self._answers(scene)
        self.outputs.answered(replace(result, answers=answers), picture)
        self._count(frame, len(scene))

    def _answers(self, scene: Scene) -> list[Answer] | None:
        prompts = self.standing.all()
        if not prompts or not self.outputs.wants_answers():
            return None
        answers, wrong = answer_each(scene, prompts)
        for error in wrong:
            complain(self.logger, error)
        return answers

    def _count(self, frame: Frame, segments: int) -> None:
        now = self._clock.now()
        stamp = Time.from_msg(frame.message.header.stamp, clock_type=now.clock_type)
        delay = (now.nanoseconds - stamp.nanoseconds) * 1e-9
        self.counters.result(segments, time.monotonic() - frame.arrived, delay)
