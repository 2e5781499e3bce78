# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What may be asked about an image."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from fastsam_ros.core.errors import PromptError

FAR = 1 << 31  # pixels; no image reaches so far, and int64 holds it


class Selection(IntEnum):
    """How many of the matches are wanted; the numbers are those of `msg/Prompt`."""

    BEST = 0  # the best match alone
    ALL = 1  # every match, best first
    UNION = 2  # all matches joined, minus background points' segments
    SIMILAR = 3  # the best match and all that look like it, best first

    @classmethod
    def parse(cls, value: Selection | int | str) -> Selection:
        """
        Read a selection.

        :param value: a member, its number or its name in any case
        :raises PromptError: for anything else
        """
        try:
            return cls[value.upper()] if isinstance(value, str) else cls(value)
        except (KeyError, ValueError) as error:
            raise PromptError(
                f'unknown selection {value!r}: use best (0), all (1), union (2) or '
                'similar (3)') from error


@dataclass(frozen=True, eq=False)
class Prompt:
    """
    One question about an image; a segment must satisfy all that is given, nothing given is all.

    :param points: (K, 2) x, y, image pixels; inside the image
    :param labels: (K,) 1 foreground, 0 background; empty: all foreground
    :param box: x0, y0, x1, y1, image pixels, or None; rounded to whole pixels, of which it must
        hold at least one; the part outside the image is cut off
    :param text: what the segment shows, or empty
    :param selection: a `Selection`, its number or its name
    :param id: the asker's name for it
    :raises PromptError: when a value is not finite, of the wrong shape or contradicts another
    """

    points: np.ndarray = ()
    labels: np.ndarray = ()
    box: np.ndarray | None = None
    text: str = ''
    selection: Selection = Selection.BEST
    id: str = ''

    def __post_init__(self) -> None:
        points = _points(self.points)
        labels = _array(self.labels, 'labels', 'a list of 1 and 0')
        if not len(labels):
            labels = np.ones(len(points))
        if len(labels) != len(points):
            raise PromptError(
                f'{len(points)} points came with {len(labels)} labels: give one label a point, '
                '1 foreground or 0 background, or none at all')
        if not ((labels == 0) | (labels == 1)).all():
            raise PromptError(f'labels must be 1 (foreground) or 0 (background), not {labels}')
        for name, value in (
            ('points', points),
            ('labels', labels.astype(bool)),
            ('box', None if self.box is None else _box(self.box)),
            ('selection', Selection.parse(self.selection)),
            ('text', _text(self.text)),
        ):
            object.__setattr__(self, name, value)
        self._check_exemplar()

    def _check_exemplar(self) -> None:
        if self.selection == Selection.SIMILAR and (
                self.text or (self.box is None and not self.labels.any())):
            raise PromptError(
                'similar needs a point or a box on one of the things that are looked for, and no '
                'text')

    @cached_property
    def is_click(self) -> bool:
        """Whether it only asks for the best segment at one point."""
        alone = self.box is None and not self.text and self.selection == Selection.BEST
        return alone and len(self.points) == 1 and bool(self.labels[0])

    @property
    def names_pixels(self) -> bool:
        """Whether it points at something, by points or a box, be there a text or not."""
        return len(self.points) > 0 or self.box is not None

    def check(self, height: int, width: int) -> None:
        """
        Hold the prompt against an image's size.

        :raises PromptError: when a point lies outside an image of that size, or the box wholly
        """
        outside = (self.points < 0) | (self.points >= (width, height))
        if outside.any():
            point = self.points[outside.any(axis=1)][0]
            raise PromptError(
                f'point ({point[0]:g}, {point[1]:g}) lies outside the {width}x{height} image: '
                f'x must be from 0 to below {width}, y from 0 to below {height}')
        if self.box is not None:
            x0, y0, x1, y1 = self.box
            if x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0:
                raise PromptError(
                    f'box ({x0}, {y0}) to ({x1}, {y1}) lies outside the {width}x{height} image')


def _array(value: object, name: str, expected: str, dimensions: int = 1) -> np.ndarray:
    """Finite numbers as float64, in that many dimensions; nothing at all is an empty array."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise PromptError(f'{name} must be {expected}, not {value!r}') from error
    if array.ndim != dimensions and array.size:
        raise PromptError(f'{name} must be {expected}, not an array of shape {array.shape}')
    if not np.isfinite(array).all():
        raise PromptError(f'{name} must be finite numbers; nan or inf came')
    return array


def _points(value: object) -> np.ndarray:
    expected = 'pairs of x, y'
    points = _array(value, 'points', expected, dimensions=2)
    if points.size and points.shape[1] != 2:
        raise PromptError(f'points must be {expected}, not an array of shape {points.shape}')
    return points.reshape(-1, 2)


def _box(value: object) -> np.ndarray:
    box = _array(value, 'box', 'x0, y0, x1, y1')
    if len(box) != 4:
        raise PromptError(f'a box is x0, y0, x1, y1, four numbers; {len(box)} came')
    whole = np.rint(box)
    if whole[2] <= whole[0] or whole[3] <= whole[1]:
        raise PromptError(
            f'box {box.tolist()} is empty: in whole pixels x1 must be above x0 and y1 above y0 '
            '(corners, not width and height)')
    return np.clip(whole, -FAR, FAR).astype(np.int64)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise PromptError(f'text must be a string, not {value!r}')
    return value.strip()
