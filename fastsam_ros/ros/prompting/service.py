# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The services ~/prompt and ~/clear_prompts; ~/teach is made here too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Semaphore

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from fastsam_ros.core import Answer
from fastsam_ros.core import Prompt as CorePrompt
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.thing import State, Status
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.ros.callback_errors import Refused, answered
from fastsam_ros.ros.callback_groups import AtMost
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.engine import Engine, no_such_camera
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.standing import Kind, StandingPrompt
from fastsam_ros.ros.prompting.known_names import KnownNames
from fastsam_ros.ros.prompting.requests import (
    PromptNames,
    has_image,
    lifetime_of,
    read_request,
)
from fastsam_ros.ros.prompting.teaching import Teaching
from fastsam_ros.ros.topics import messages, qos
from fastsam_ros.srv import ClearPrompts, Prompt, Teach

# At a time: one that waits for its frame or for a text holds up no other. The one too many is
# told so at once.
REQUESTS = 100


class Services:
    """
    Answers what clients ask of a node.

    :param node: whose services they are
    :param settings: the node's parameters, always up to date
    :param active: gives the engine, or raises Refused when the node is not active
    :param cameras: gives the cameras there are, by name
    :param model: gives the model; None while none is loaded
    """

    def __init__(
        self,
        node: Node,
        settings: Mapping[str, object],
        active: Callable[[], Engine],
        cameras: Callable[[], dict[str, Camera]],
        model: Callable[[], FastSam | None],
    ) -> None:
        self.logger = node.get_logger()
        self._settings, self._active, self._cameras = settings, active, cameras
        self._names = PromptNames()
        self._room = Semaphore(REQUESTS)
        node.create_service(
            Prompt, '~/prompt', self._on_prompt, qos_profile=qos.REQUESTS,
            callback_group=AtMost(REQUESTS + 1))
        node.create_service(
            ClearPrompts, '~/clear_prompts', self._on_clear, qos_profile=qos.REQUESTS,
            callback_group=MutuallyExclusiveCallbackGroup())
        self._model, self._known = model, KnownNames(node)
        self._teaching = Teaching(node, active, model, self._frame, self.show_names)

    def show_names(self) -> None:
        """Say what the model has words for now."""
        names = self._known.show(self._model())
        for camera in list(self._cameras().values()):
            camera.space.classes.know(names)

    @answered
    def _on_prompt(self, request: Prompt.Request, response: Prompt.Response) -> None:
        if not self._room.acquire(blocking=False):
            raise Refused(response.BUSY, (
                f'{REQUESTS} requests wait already, mostly for frames that have not come: ask '
                'again later'))
        try:
            self._answer(request, response)
        finally:
            self._room.release()

    def _answer(self, request: Prompt.Request, response: Prompt.Response) -> None:
        engine = self._active()
        camera, prompts = engine.camera(request.camera), read_request(request)
        frame = self._frame(camera, request)  # may have to be waited for
        with engine.in_use():
            if request.prompts or request.keep:
                prompts = self._names.give(prompts, _standing(self._cameras()))
                response.ids = [prompt.id for prompt in prompts]
            result = engine.segmented(camera, frame)
            answers = result.scene.answer(prompts)
            response.result = messages.answers_message(result, answers)
            if request.keep:
                keep_answers(camera, frame, request, answers)
                response.message = f'kept: {", ".join(dict.fromkeys(response.ids))}'
            elif frame.session >= 0:
                camera.publishers.answer(result, answers, response.result, frame.picture())

    def _frame(self, camera: Camera, request: Prompt.Request | Teach.Request) -> Frame:
        if has_image(request):
            return Frame.sent_along(request.image)
        if request.stamp.sec or request.stamp.nanosec:
            return camera.history.at(request.stamp)
        return camera.history.newest(
            segmented=camera.is_streaming(), max_age=self._settings['max_age'])

    @answered
    def _on_clear(self, request: ClearPrompts.Request, response: ClearPrompts.Response) -> None:
        cameras, ids = self._cameras(), list(request.ids)
        if request.camera:
            if request.camera not in cameras:
                raise no_such_camera(request.camera, cameras)
            cameras = {request.camera: cameras[request.camera]}
        response.cleared = [
            name for camera in cameras.values() for name in camera.standing.clear(ids)]
        unknown = sorted(set(ids) - set(response.cleared))
        if unknown:
            raise Refused(response.NO_SUCH_PROMPT, (
                f'no standing prompt is called {", ".join(map(repr, unknown))}; those that '
                f'stand: {", ".join(map(repr, _standing(cameras))) or "none"}'))


def _standing(cameras: Mapping[str, Camera]) -> list[str]:
    return [prompt.id for camera in cameras.values() for prompt in camera.standing.all()]


def keep_answers(
    camera: Camera, frame: Frame, request: Prompt.Request, answers: Sequence[Answer]
) -> None:
    """
    Let what was asked stand; prompts that share an id are parts of one thing.

    :param frame: that was asked about, with its result
    :param request: with one prompt for each answer, or none for everything
    :param answers: to its prompts
    :raises Refused: when points or a box are to be followed and nothing answers them
    """
    parts: dict[str, list[Answer]] = {}
    messages_of: dict[str, list[PromptMessage]] = {}
    for answer, message in zip(answers, request.prompts or [PromptMessage(selection=1)]):
        parts.setdefault(answer.prompt.id, []).append(answer)
        messages_of.setdefault(answer.prompt.id, []).append(message)
        if not (len(answer) or request.fixed) and answer.prompt.names_pixels:
            raise Refused(Prompt.Response.NOTHING_THERE, _nothing_there(answer.prompt))
    camera.standing.keep([
        StandingPrompt(
            id, Kind.of(found[0].prompt, request.fixed),
            tuple(answer.prompt for answer in found), tuple(messages_of[id]),
            lifetime_of(request), frame.time, Status(id, State.UNKNOWN, (), 0))
        for id, found in parts.items()
    ], frame, parts, camera.history.since(frame))


def _nothing_there(prompt: CorePrompt) -> str:
    return (
        f'no segment answers {prompt.id!r}, so there is nothing to follow, and none of the '
        'request is kept: ask elsewhere, lower the parameter confidence, or ask with fixed for '
        'the place itself')
