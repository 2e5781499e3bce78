# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The services ~/prompt and ~/clear_prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from fastsam_ros.core import PromptError
from fastsam_ros.ros.callback_errors import answered
from fastsam_ros.ros.callback_groups import AtMost
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.model import Engine
from fastsam_ros.ros.prompting.standing import Names, from_messages
from fastsam_ros.ros.topics import messages
from fastsam_ros.ros.topics.publishers import Result
from fastsam_ros.srv import ClearPrompts, Prompt

PROMPTS = 3  # at a time: one that waits for its frame holds up no other; one is answered at a time


class Services:
    """
    Answers what clients ask of a node.

    :param node: whose services they are
    :param settings: the node's parameters, always up to date
    :param active: gives the engine, or raises PromptError when the node is not active
    :param cameras: gives the cameras there are
    """

    def __init__(
        self,
        node: Node,
        settings: Mapping[str, object],
        active: Callable[[], Engine],
        cameras: Callable[[], list[Camera]],
    ) -> None:
        self.logger = node.get_logger()
        self.answering = Lock()  # held while a prompt is answered; so long the model must stay
        self._settings, self._active, self._cameras = settings, active, cameras
        self._names = Names()
        node.create_service(
            Prompt, '~/prompt', self._on_prompt, callback_group=AtMost(PROMPTS))
        node.create_service(
            ClearPrompts, '~/clear_prompts', self._on_clear,
            callback_group=MutuallyExclusiveCallbackGroup())

    @answered
    def _on_prompt(self, request: Prompt.Request, response: Prompt.Response) -> None:
        engine = self._active()
        camera, prompts = engine.camera(request.camera), from_messages(request.prompts)
        frame = self._frame(camera, request)  # may have to be waited for
        with self.answering:
            if self._active() is not engine:
                raise PromptError('the node was started anew meanwhile: ask again')
            if request.prompts or request.keep:
                prompts = self._names.give(prompts, self._standing())
            segments = engine.found(camera, frame)
            result = Result(frame.message.header, segments, segments.scene.answer(prompts))
            response.result = messages.answers_message(result.header, segments, result.answers)
            if request.keep:
                camera.standing.keep(prompts)
                response.message = f'kept: {", ".join(prompt.id for prompt in prompts)}'
            camera.outputs.answer(result, response.result)

    def _frame(self, camera: Camera, request: Prompt.Request) -> Frame:
        image, stamp = request.image, request.stamp
        if len(image.data) or image.width or image.height:
            return Frame(image, foreign=True)
        if stamp.sec or stamp.nanosec:
            return camera.history.at(stamp)
        return camera.history.newest(processed=self._settings['mode'] == 'everything')

    @answered
    def _on_clear(self, request: ClearPrompts.Request, response: ClearPrompts.Response) -> None:
        ids = list(request.ids)
        cleared = [name for camera in self._cameras() for name in camera.standing.clear(ids)]
        response.cleared = cleared
        unknown = sorted(set(ids) - set(cleared))
        if unknown:
            raise PromptError(
                f'no standing prompt is called {", ".join(map(repr, unknown))}; those that '
                f'stand: {", ".join(map(repr, self._standing())) or "none"}')

    def _standing(self) -> list[str]:
        return [prompt.id for camera in self._cameras() for prompt in camera.standing.all()]
