# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who asks the node for a thing and listens, and the node's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
import subprocess
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import rclpy
from rclpy.client import Client
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import RegionOfInterest

from benchmark.node import PROGRAM, light_executor
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.dds_profile import make_room
from fastsam_ros.srv import ClearPrompts, Prompt

PATIENCE = 120.0  # seconds for the node to answer
AGAIN = 2.0  # seconds after which a request is sent again
TICK = 0.1
EARLY = (Prompt.Response.NOT_READY, Prompt.Response.NO_FRAME)


@dataclass
class Received:
    """
    Messages of a topic.

    :param times: when each came, time.monotonic()
    :param messages: serialised
    """

    times: list[float] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    def take(self, message: bytes) -> None:
        """Keep one; to read it is for later."""
        self.times.append(time.monotonic())
        self.messages.append(message)


class Robot(Node):
    """Asks for a thing and listens to what becomes of it."""

    def __init__(self) -> None:
        super().__init__('robot')
        self.tracked, self.prompted = Received(), Received()
        self.results = 0  # of all segments, see `count_all`
        self.figures: dict[str, str] = {}  # of the node's camera, as it diagnoses itself
        self._listening = None
        self._executor = light_executor()
        self._executor.add_node(self)
        self._ask = self.create_client(Prompt, 'fastsam/prompt')
        self._clear = self.create_client(ClearPrompts, 'fastsam/clear_prompts')
        self.create_subscription(
            SegmentationArray, 'fastsam/prompted', self.prompted.take, 2, raw=True)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)

    def listen(self, wanted: bool) -> None:
        """Subscribe to `~/tracked`, or no longer."""
        if self._listening is not None:
            self.destroy_subscription(self._listening)
            self._listening = None
        if wanted:
            self._listening = self.create_subscription(
                SegmentationArray, 'fastsam/tracked', self.tracked.take, QoSProfile(depth=10),
                raw=True)

    def count_all(self) -> None:
        """Subscribe to all segments."""
        self.create_subscription(
            SegmentationArray, 'fastsam/segmentations', self._on_all, 2, raw=True)

    def _on_all(self, _: bytes) -> None:
        self.results += 1

    def follow(self, truth: np.ndarray, again: Sequence[int] = EARLY) -> Prompt.Response:
        """
        Keep asking for a thing of the newest frame until it is followed.

        :param truth: (H, W) bool
        :param again: errors after which it is asked again
        :return: the answer
        :raises RuntimeError: at any other
        """
        rows, columns = np.nonzero(truth)
        x, y = int(columns.min()), int(rows.min())
        box = RegionOfInterest(
            x_offset=x, y_offset=y, width=int(columns.max()) + 1 - x,
            height=int(rows.max()) + 1 - y)
        request = Prompt.Request(prompts=[PromptMessage(id='thing', box=box)], keep=True)
        answer, end = None, time.monotonic() + PATIENCE
        while answer is None or (not answer.success and answer.error in again):
            if time.monotonic() > end:
                raise RuntimeError('the node does not answer')
            answer = self._call(self._ask, request)
        if not answer.success:
            raise RuntimeError(f'the thing of the first frame: {answer.message}')
        return answer

    def clear(self) -> None:
        """End what is followed."""
        while self._call(self._clear, ClearPrompts.Request()) is None:
            pass

    def _call(self, client: Client, request: object) -> object | None:
        future = client.call_async(request)
        self.spin(AGAIN, future.done)
        return future.result() if future.done() else None

    def spin(self, seconds: float, done: Callable[[], bool] = lambda: False) -> None:
        """Listen for a while, or until something is done."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not done():
            self._executor.spin_once(min(left, TICK))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith('/image'):
                self.figures = {pair.key: pair.value for pair in status.values}


@contextmanager
def robot_and_node(**parameters: object) -> Iterator[Robot]:
    """
    Start a node in a process of its own, and who listens to it here.

    :param parameters: of the node
    """
    make_room()
    command = [sys.executable, str(PROGRAM), '--ros-args']
    for name, value in parameters.items():
        command += ['-p', f'{name}:={value}']
    rclpy.init()
    process = subprocess.Popen(command)
    try:
        yield Robot()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        rclpy.try_shutdown()
