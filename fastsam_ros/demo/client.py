# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the demo does as an ordinary ROS client of the node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
import time

import cv2
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.process import spin
from fastsam_ros.srv import ClearPrompts, Prompt

NODE = 'fastsam'
STEP = 0.1  # seconds between two looks at whether to give up


class Client:
    """
    Listens to the node, asks it, and takes pictures; spins in a thread of its own.

    Nothing is waited for once `gives_up` says so.
    """

    def __init__(self) -> None:
        self._node = rclpy.create_node('fastsam_demo')
        self.results = 0
        self.segments = 0
        self.size = (0, 0)  # width and height of the images, pixels
        self.figures: dict[str, str] = {}
        self.news = Event()
        self.gives_up: Callable[[], bool] = lambda: False
        node, private = self._node, f'{NODE}/'
        node.create_subscription(
            SegmentationArray, private + 'segmentations', self._on_segmentations, 5)
        node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._prompt = node.create_client(Prompt, private + 'prompt')
        self._clear = node.create_client(ClearPrompts, private + 'clear_prompts')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)
        self._over = Event()
        self._thread = Thread(target=spin, args=(self._executor, self._over), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the graph."""
        self._over.set()
        self._executor.shutdown()
        self._thread.join()
        self._node.destroy_node()

    def ask(self, prompt: PromptMessage, keep: bool, patience: float) -> tuple[str, float]:
        """
        Ask the node.

        :param patience: seconds to wait for the answer
        :return: the answer in words, and how long it took, ms
        """
        began = time.monotonic()
        answer = self._call(self._prompt, Prompt.Request(prompts=[prompt], keep=keep), patience)
        took = (time.monotonic() - began) * 1e3
        if answer is None:
            return 'no answer', took
        if not answer.success:
            return answer.message, took
        found = answer.result.segmentations
        texts = [f'{s.area} px (score {s.prompt_score:.2f})' for s in found[:3]]
        return ', '.join(texts) or 'nothing there', took

    def clear(self, ids: Sequence[str], patience: float) -> None:
        """
        End kept prompts.

        :param ids: of those that are ended; all others stay
        :param patience: seconds to wait for the answer
        """
        if ids:  # a request without any would end them all
            self._call(self._clear, ClearPrompts.Request(ids=ids), patience)

    def take_overlay(self, path: Path, patience: float) -> bool:
        """
        Write the next overlay picture; the node draws only while somebody looks.

        :param path: of the picture
        :param patience: seconds to wait for it
        :return: whether one came in time
        """
        came, pictures = Event(), []

        def receive(message: Image) -> None:
            pictures.append(message)
            came.set()

        subscription = self._node.create_subscription(
            Image, f'{NODE}/overlay', receive, 1)
        self._wait(came, patience)
        self._node.destroy_subscription(subscription)
        if not pictures:
            return False
        picture = pictures[-1]
        pixels = np.frombuffer(picture.data, np.uint8).reshape(picture.height, picture.width, 3)
        return cv2.imwrite(str(path), pixels)

    def _call(self, client, request, patience: float):
        until = time.monotonic() + patience
        while not client.wait_for_service(STEP):
            if self.gives_up() or time.monotonic() > until:
                return None
        done = Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: done.set())
        return future.result() if self._wait(done, patience) else None

    def _wait(self, event: Event, patience: float) -> bool:
        """Whether an event came in time."""
        until = time.monotonic() + patience
        while not event.wait(STEP):
            if self.gives_up() or time.monotonic() > until:
                return False
        return True

    def _on_segmentations(self, message: SegmentationArray) -> None:
        self.results += 1
        self.segments = len(message.segmentations)
        self.size = (message.width, message.height)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith(f'/{NODE}: /'):
                self.figures = {pair.key: pair.value for pair in status.values}
                self.news.set()
