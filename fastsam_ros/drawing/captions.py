# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Texts beside segments, none over another.

A caption is a dark plate with light text and a bar in the segment's colour: readable on any
picture. It lies inside a segment that has room for it, else at the edge of its box, and moves on
to the next free place when that one is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import unicodedata

import cv2
import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths

FONT = cv2.FONT_HERSHEY_SIMPLEX
ASCII_FONT = int(cv2.__version__.split('.')[0]) < 5  # OpenCV 4 draws '?' for any other letter
NO_ACCENT = str.maketrans({'ß': 'ss', 'ø': 'o', 'Ø': 'O', 'æ': 'ae', 'Æ': 'AE', 'œ': 'oe',
                           'Œ': 'OE', 'ł': 'l', 'Ł': 'L', 'đ': 'd', 'Đ': 'D', 'ı': 'i'})
PLATE = (24, 26, 30)  # RGB
PLATE_OPACITY = 0.8
INK = (245, 246, 248)
TEXT_SHARE = 1 / 1300  # font scale a pixel of the picture's shorter side
LEAST_SCALE, MOST_SCALE = 0.4, 2.0
GAP = 2  # pixels between captions
STEPS = 4  # how many plates away from its segment a caption may move
COARSE = 48  # samples along the longer side of a mask when looking for room inside it


@dataclass(frozen=True)
class Place:
    """A rectangle of pixels, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def overlaps(self, other: Place) -> bool:
        """Whether the two are closer than the gap."""
        across = self.left < other.right + GAP and other.left < self.right + GAP
        return across and self.top < other.bottom + GAP and other.top < self.bottom + GAP


@dataclass(frozen=True)
class Lettering:
    """
    How big captions are on one picture.

    :param scale: of the font
    """

    scale: float

    @classmethod
    def fit(cls, height: int, width: int) -> Lettering:
        """What can be read on a picture of that size, pixels."""
        scale = min(height, width) * TEXT_SHARE
        return cls(min(max(scale, LEAST_SCALE), MOST_SCALE))

    @property
    def pad(self) -> int:
        """Pixels around the text; the coloured bar is as wide."""
        return max(round(8 * self.scale), 3)

    @property
    def thickness(self) -> int:
        """Of the strokes, pixels."""
        return max(round(1.4 * self.scale), 1)

    def measure(self, text: str) -> tuple[int, int, int]:
        """The plate's width and height and where its text's base line is, pixels."""
        (width, height), base = cv2.getTextSize(text, FONT, self.scale, self.thickness)
        return width + 3 * self.pad, height + base + self.pad, height + self.pad // 2 + base // 3


def caption(label: str, score: float | None = None) -> str:
    """
    What is written beside a segment: 'cup 62 %'.

    :param label: a word, or ''
    :param score: 0 to 1; None or NaN: it is left out
    """
    share = '' if score is None or score != score else f'{100 * score:.0f} %'
    return f'{label} {share}'.strip()


def write_captions(
    picture: np.ndarray, run_lengths: Sequence[RunLengths], texts: Sequence[str], tints: np.ndarray
) -> list[Place | None]:
    """
    Write texts into a picture, earlier ones first; one that finds no free place is left out.

    :param picture: (H, W, 3) uint8 RGB, changed in place
    :param run_lengths: N masks
    :param texts: N texts, '' for none
    :param tints: (N, 3) uint8 RGB
    :return: where each was written, None where it was not
    """
    lettering = Lettering.fit(*picture.shape[:2])
    taken: list[Place] = []
    places: list[Place | None] = []
    for runs, text, tint in zip(run_lengths, map(drawable, texts), tints.tolist()):
        place = None
        if text and runs.area:
            place = _free_place(runs, lettering.measure(text)[:2], picture.shape[:2], taken)
        if place is not None:
            taken.append(place)
            _write(picture, place, text, tint, lettering)
        places.append(place)
    return places


def write_notes(picture: np.ndarray, texts: Sequence[str]) -> None:
    """
    Write lines into the upper left corner of a picture, such as what is searched for.

    :param picture: (H, W, 3) uint8 RGB, changed in place
    :param texts: N lines, from the top
    """
    lettering, top = Lettering.fit(*picture.shape[:2]), GAP
    for text in map(drawable, texts):
        width, height, _ = lettering.measure(text)
        if top + height > len(picture):
            return
        place = Place(GAP, top, min(GAP + width, picture.shape[1]), top + height)
        _write(picture, place, text, [*INK], lettering)
        top += height + GAP


def drawable(text: str) -> str:
    """A text as this OpenCV can draw it: where it knows ASCII alone, letters lose accents."""
    if not ASCII_FONT:
        return text
    plain = unicodedata.normalize('NFKD', text.translate(NO_ACCENT))
    return ''.join(letter for letter in plain if not unicodedata.combining(letter))


def _write(picture, place: Place, text: str, tint: list[int], lettering: Lettering) -> None:
    window = picture[place.top : place.bottom, place.left : place.right]
    plate = np.full(window.shape, PLATE, np.uint8)
    plate[:, : lettering.pad] = tint
    window[:] = cv2.addWeighted(window, 1 - PLATE_OPACITY, plate, PLATE_OPACITY, 0)
    window[:, : lettering.pad] = tint
    base = place.top + lettering.measure(text)[2]
    start = place.left + 2 * lettering.pad
    strokes = (FONT, lettering.scale, INK, lettering.thickness, cv2.LINE_AA)
    cv2.putText(picture, text, (start, base), *strokes)


def _free_place(runs, size, limits, taken: list[Place]) -> Place | None:
    height, width = limits
    if size[0] > width or size[1] > height:
        return None
    for left, top in _corners(runs, *size):
        left, top = min(max(left, 0), width - size[0]), min(max(top, 0), height - size[1])
        place = Place(left, top, left + size[0], top + size[1])
        if not any(place.overlaps(other) for other in taken):
            return place
    return None


def _corners(runs: RunLengths, width: int, height: int) -> Iterator[tuple[int, int]]:
    """Where a plate's upper left corner may lie, best first."""
    room = _room_inside(runs, width, height)
    if room is not None:
        yield room
    right, bottom = runs.x + runs.width - width, runs.y + runs.height
    for step in range(STEPS):
        away = step * (height + GAP)
        yield runs.x, runs.y - height - GAP - away
        yield runs.x, bottom + GAP + away
        yield right, runs.y - height - GAP - away
        yield right, bottom + GAP + away
        yield runs.x, runs.y + away
        yield right, bottom - height - away


def _room_inside(runs: RunLengths, width: int, height: int) -> tuple[int, int] | None:
    """The corner of a plate around the mask's innermost point, when it fits into the mask."""
    if width > runs.width or height > runs.height:
        return None
    step = -(-max(runs.width, runs.height) // COARSE)
    coarse = np.pad(runs.mask()[::step, ::step].view(np.uint8), 1)
    depth = cv2.distanceTransform(coarse, cv2.DIST_L1, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    left, top = int(column) * step - width // 2, int(row) * step - height // 2
    if left < 0 or top < 0:
        return None
    inside = coarse[1:-1, 1:-1][top // step : (top + height) // step + 1]
    inside = inside[:, left // step : (left + width) // step + 1]
    return (runs.x + left, runs.y + top) if inside.all() else None
