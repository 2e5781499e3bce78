# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A browser's prompt, checked, in the browser's words and in the node's."""

from __future__ import annotations

from dataclasses import dataclass
import secrets
from typing import Any

import numpy as np

from fastsam_ros.core.errors import PromptError
from fastsam_ros.core.prompts import Prompt

MOST_POINTS = 1000
LONGEST_TEXT = 500
MOST_PARTS = 100


@dataclass(frozen=True)
class Question:
    """
    What a browser asks.

    :param camera: its name; '' for the only one
    :param stamp: of the frame that was seen, seconds and nanoseconds; (0, 0) for the newest
    :param prompt: in pixels of that frame
    :param keep: go on answering it on later frames
    :param fixed: with `keep`: the same pixels on every frame, not the same things
    :param parts: further prompts of the same id: parts of one thing
    """

    camera: str
    stamp: tuple[int, int]
    prompt: Prompt
    keep: bool = False
    fixed: bool = False
    parts: tuple[Prompt, ...] = ()

    @classmethod
    def parse(cls, message: dict[str, Any]) -> Question:
        """
        Read a message of a browser.

        :param message: as the page sends it
        :raises PromptError: when it is not a question
        """
        prompt = message.get('prompt')
        if not isinstance(prompt, dict):
            raise PromptError(f'a question holds a prompt, an object; {prompt!r} came')
        checked = _prompt(prompt)
        return cls(
            _text(message.get('camera', ''), 'camera'), _stamp(message.get('stamp')), checked,
            message.get('keep') is True, message.get('fixed') is True,
            _parts(message.get('parts') or [], checked.id))

    @property
    def prompts(self) -> list[Prompt]:
        """Everything that is asked, all of one id."""
        return [*self.parts, self.prompt]

    def describe(self) -> dict[str, Any]:
        """What the list of kept prompts shows: plain values for JSON."""
        prompt = self.prompt
        return {
            'id': prompt.id, 'camera': self.camera, 'text': prompt.text,
            'points': prompt.points.tolist(), 'labels': prompt.labels.astype(int).tolist(),
            'box': None if prompt.box is None else prompt.box.tolist(),
            'selection': prompt.selection.name.lower(), 'fixed': self.fixed,
        }


@dataclass(frozen=True)
class Lesson:
    """
    What a browser teaches.

    :param word: such as 'my mug'
    :param question: whose answer shows it
    :param counter: the answer is not it
    """

    word: str
    question: Question
    counter: bool = False

    @classmethod
    def parse(cls, message: dict[str, Any]) -> Lesson:
        """
        Read a message of a browser.

        :param message: as the page sends it
        :raises PromptError: when it teaches nothing
        """
        word = _text(message.get('word'), 'word')
        return cls(word, Question.parse(message), message.get('counter') is True)


def _prompt(prompt: dict[str, Any]) -> Prompt:
    points, labels = prompt.get('points') or [], prompt.get('labels') or []
    for name, values in (('points', points), ('labels', labels)):
        if not isinstance(values, list) or len(values) > MOST_POINTS:
            raise PromptError(f'{name} must be a list of at most {MOST_POINTS}')
    text = _text(prompt.get('text', ''), 'text')
    box = prompt.get('box')
    checked = Prompt(
        points, labels, box, text, prompt.get('selection', 'best'),
        _text(prompt.get('id', ''), 'id') or _name(points, box, text))
    if checked.box is not None and _is_outside(checked.box):
        raise PromptError(f'box {box} lies outside of any picture')
    return checked


def _parts(boxes: object, name: str) -> tuple[Prompt, ...]:
    if not isinstance(boxes, list) or len(boxes) > MOST_PARTS:
        raise PromptError(f'parts must be a list of at most {MOST_PARTS} boxes')
    return tuple(_prompt({'box': box, 'id': name}) for box in boxes)


def _is_outside(box: np.ndarray) -> bool:
    """Left of and above every picture, or so far away that nothing of it is left."""
    return bool(box[2:].min() <= 0 or (box[2:] <= box[:2]).any())


def _name(points: list, box: object, text: str) -> str:
    """A name that no other asker has, and that says what it is to who reads it elsewhere."""
    kinds = (('text', text), ('box', box), ('point', points), ('everything', True))
    kind = next(name for name, given in kinds if given)
    return f'{kind}-{secrets.token_hex(3)}'


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise PromptError(f'{name} must be a text of at most {LONGEST_TEXT} characters')
    return value


def _stamp(value: object) -> tuple[int, int]:
    if value is None:
        return 0, 0
    limits = (2**31, 10**9)
    if not isinstance(value, list) or len(value) != 2 or not all(
            type(number) is int and 0 <= number < limit for number, limit in zip(value, limits)):
        raise PromptError(f'stamp must be [seconds, nanoseconds], not {value!r}')
    return value[0], value[1]
