# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The service ~/teach: a word is learned from what answers prompts."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from fastsam_ros.core import Answer, PromptError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros.callback_errors import Refused, answered
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.engine import Engine
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.prompting.requests import read_prompts
from fastsam_ros.ros.topics import qos
from fastsam_ros.srv import Teach
from fastsam_ros.text.words.store import in_words


class Teaching:
    """
    Teaches the node's model.

    :param node: whose service it is
    :param active: gives the engine, or raises Refused when the node is not active
    :param model: gives the model of an active node
    :param find: gives the frame that a request is about
    :param changed: is told when a word was taught or forgotten
    """

    def __init__(
        self,
        node: Node,
        active: Callable[[], Engine],
        model: Callable[[], FastSam],
        find: Callable[[Camera, Teach.Request], Frame],
        changed: Callable[[], None],
    ) -> None:
        self.logger = node.get_logger()
        self._active, self._model = active, model
        self._find, self._changed = find, changed
        node.create_service(
            Teach, '~/teach', self._on_teach, qos_profile=qos.REQUESTS,
            callback_group=MutuallyExclusiveCallbackGroup())

    @answered
    def _on_teach(self, request: Teach.Request, response: Teach.Response) -> None:
        check(request)
        engine = self._active()
        with engine.in_use():
            model = self._model()
            if request.forget:
                model.forget(request.word)
                response.message = f'{request.word!r} is forgotten'
            else:
                answers = self._answers(engine, request)
                response.examples = model.teach(request.word, answers, request.counter)
                response.message = in_words(request.word, response.examples)
        self._changed()

    def _answers(self, engine: Engine, request: Teach.Request) -> list[Answer]:
        camera = engine.camera(request.camera)
        result = engine.segmented(camera, self._find(camera, request))
        answers = result.scene.answer(read_prompts(request.prompts))
        for number, answer in enumerate(answers, 1):
            if not len(answer):
                raise Refused(Teach.Response.NOTHING_THERE, (
                    f'no segment answers prompt {number} of {len(answers)}, and nothing was '
                    'learned: point at the thing itself, or lower the parameter confidence'))
        return answers


def check(request: Teach.Request) -> None:
    """
    Refuse what contradicts itself.

    :raises PromptError: says why
    """
    if request.forget and (request.prompts or request.counter):
        raise PromptError(
            'forget forgets a word with all of its examples: leave prompts empty and counter '
            'false')
    if not request.forget and not request.prompts:
        raise PromptError(
            'prompts say what shows the word, and none came: point at it, or drag a box around it')
