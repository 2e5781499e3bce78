# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompt messages to prompts, and the prompts that stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import count
from threading import Lock

from fastsam_ros.core import Answer, FastSamError, Prompt, PromptError, Scene, Selection
from fastsam_ros.msg import Prompt as PromptMessage

MOST = 100  # prompts that may stand at a time; each is answered on every frame


def from_message(message: PromptMessage) -> Prompt:
    """
    The prompt in a message.

    :raises PromptError: when it contradicts itself; see `fastsam_ros.core.Prompt`
    """
    box = message.box
    corners = (box.x_offset, box.y_offset, box.x_offset + box.width, box.y_offset + box.height)
    return Prompt(
        points=[(point.x, point.y) for point in message.points],
        labels=list(message.labels),
        box=corners if box.width else None,
        text=message.text,
        selection=message.selection,
        id=message.id,
    )


def from_messages(messages: Sequence[PromptMessage]) -> list[Prompt]:
    """
    The prompts of a request; none at all asks for everything.

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
    named = [prompt.id for prompt in prompts if prompt.id]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise PromptError(f'two prompts have the id {twice!r}: give each its own, or none')
    return prompts


class Names:
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


class Standing:
    """The prompts that are answered on every later frame of a camera."""

    def __init__(self) -> None:
        self._prompts: dict[str, Prompt] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._prompts)

    def all(self) -> list[Prompt]:
        """In the order in which they came."""
        with self._lock:
            return list(self._prompts.values())

    def keep(self, prompts: Iterable[Prompt]) -> None:
        """
        Add prompts; one of the same id is replaced.

        :raises PromptError: when too many would stand
        """
        with self._lock:
            standing = {**self._prompts, **{prompt.id: prompt for prompt in prompts}}
            if len(standing) > MOST:
                raise PromptError(
                    f'{len(standing)} prompts would stand and at most {MOST} may: end some with '
                    'clear_prompts, or give the same id again to replace one')
            self._prompts = standing

    def clear(self, ids: Iterable[str] = ()) -> list[str]:
        """
        End prompts.

        :param ids: which; none: all
        :return: the ids of those that stood and ended
        """
        with self._lock:
            gone = [name for name in (list(ids) or list(self._prompts)) if name in self._prompts]
            for name in gone:
                self._prompts.pop(name, None)
            return gone


def answer_each(
    scene: Scene, prompts: Sequence[Prompt]
) -> tuple[list[Answer], list[FastSamError]]:
    """
    Answer all prompts that can be answered: one that no longer fits must not silence the others.

    :return: the answers, and what was wrong with the others
    """
    try:
        return scene.answer(prompts), []
    except Exception:  # an encoder of the user's own may raise anything
        answers, wrong = [], []
        for prompt in prompts:
            try:
                answers += scene.answer([prompt])
            except Exception as error:
                wrong.append(PromptError(f'standing prompt {prompt.id!r}: {error}'))
        return answers, wrong
