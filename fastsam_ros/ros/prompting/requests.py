# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Requests to prompts: what a request may ask for, and the names of prompts without one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import count

from fastsam_ros.core import Prompt, PromptError, Selection
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.ros.topics.stamps import SECOND
from fastsam_ros.srv import Prompt as Service
from fastsam_ros.srv import Teach


def read_request(request: Service.Request) -> list[Prompt]:
    """
    The prompts of a request; none at all asks for everything.

    :raises PromptError: when it contradicts itself; says which of several prompts is wrong
    """
    prompts = read_prompts(request.prompts)
    _check_names(prompts, request.keep)
    _check_lifetime(request)
    if request.keep and has_image(request):
        raise PromptError(
            'keep asks about the frames of a camera, and an image came with the request: send '
            'one of both')
    if request.fixed and not request.keep:
        raise PromptError('fixed says how a prompt is kept: set keep too')
    if request.fixed and not all(map(may_be_fixed, prompts)):
        raise PromptError(
            'fixed asks about the same pixels on every frame: give points or a box, and no text')
    return prompts


def read_prompts(messages: Sequence[PromptMessage]) -> list[Prompt]:
    """
    Prompts of their messages; none at all asks for everything.

    :raises PromptError: says which of several is wrong
    """
    if not messages:
        return [Prompt(selection=Selection.ALL)]
    prompts = []
    for number, message in enumerate(messages, 1):
        try:
            prompts.append(from_message(message))
        except PromptError as error:
            which = f'prompt {number} of {len(messages)}: ' if len(messages) > 1 else ''
            raise PromptError(f'{which}{error}') from error
    return prompts


def from_message(message: PromptMessage) -> Prompt:
    """
    The prompt in a message.

    :raises PromptError: when it contradicts itself; see `fastsam_ros.core.Prompt`
    """
    box = message.box
    corners = (box.x_offset, box.y_offset, box.x_offset + box.width, box.y_offset + box.height)
    sides = (box.x_offset, box.y_offset, box.width, box.height)
    if any(sides) and not (box.width and box.height):
        raise PromptError(
            f'the box has width {box.width} and height {box.height}: both must be above 0, or '
            'all four fields 0 for no box')
    return Prompt(
        points=[(point.x, point.y) for point in message.points],
        labels=list(message.labels),
        box=corners if any(sides) else None,
        text=message.text,
        selection=message.selection,
        id=message.id,
    )


def has_image(request: Service.Request | Teach.Request) -> bool:
    """Whether a picture came along."""
    image = request.image
    return bool(len(image.data) or image.width or image.height)


def may_be_fixed(prompt: Prompt) -> bool:
    """Whether it can be asked about the same pixels again and again."""
    return prompt.names_pixels and not prompt.text and prompt.selection in (
        Selection.BEST, Selection.ALL, Selection.UNION)


def lifetime_of(request: Service.Request) -> int:
    """How long the prompts stand, ns; 0: for ever."""
    return request.lifetime.sec * SECOND + request.lifetime.nanosec


def _check_lifetime(request: Service.Request) -> None:
    lifetime = lifetime_of(request)
    if lifetime < 0:
        raise PromptError(
            f'lifetime must not be negative, and {lifetime / SECOND:g} s came; 0 is for ever')
    if lifetime and not request.keep:
        raise PromptError('lifetime says how long a prompt is kept: set keep too')


def _check_names(prompts: Sequence[Prompt], keep: bool) -> None:
    named = [prompt for prompt in prompts if prompt.id]
    names = [prompt.id for prompt in named]
    for prompt in named:
        if names.count(prompt.id) > 1 and not (keep and prompt.names_pixels):
            raise PromptError(
                f'several prompts have the id {prompt.id!r}: give each its own, or none; those '
                'with points or boxes that are kept may share one, as parts of one thing')


class PromptNames:
    """Ids for prompts that came without one; none is given twice in a node's life."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def give(self, prompts: Sequence[Prompt], taken: Collection[str] = ()) -> list[Prompt]:
        """
        The prompts, each with an id.

        :param taken: ids that stand; those and what the prompts themselves bring are not given
        """
        used = {*taken, *(prompt.id for prompt in prompts)}
        return [p if p.id else replace(p, id=self._unused(used)) for p in prompts]

    def _unused(self, used: Collection[str]) -> str:
        names = (f'prompt-{number}' for number in self._numbers)
        return next(name for name in names if name not in used)
