# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments answer a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fastsam_ros.core.boxes import best_in_box, in_box
from fastsam_ros.core.errors import HOW_TO_GET_A_TEXT_MODEL, PromptError, TextError
from fastsam_ros.core.run_lengths import RunLengths

if TYPE_CHECKING:
    from fastsam_ros.core.scene import Scene

NONE = np.empty(0, np.int64)
FAR = 1 << 31  # pixels; no image reaches so far, and int64 holds it


class Selection(IntEnum):
    """How many of the matches are wanted; the numbers are those of `msg/Prompt`."""

    BEST = 0  # the best match alone
    ALL = 1  # every match, best first
    UNION = 2  # all matches joined, minus background points' segments

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
                f'unknown selection {value!r}: use best (0), all (1) or union (2)') from error


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
        points = _array(self.points, 'points', (-1, 2))
        labels = _array(self.labels, 'labels', (-1,))
        if not len(labels):
            labels = np.ones(len(points))
        if len(labels) != len(points):
            raise PromptError(
                f'{len(points)} points came with {len(labels)} labels: give one label a point, '
                '1 foreground or 0 background, or none at all')
        if not np.isin(labels, (0, 1)).all():
            raise PromptError(f'labels must be 1 (foreground) or 0 (background), not {labels}')
        for name, value in (
            ('points', points),
            ('labels', labels.astype(bool)),
            ('box', None if self.box is None else _box(self.box)),
            ('selection', Selection.parse(self.selection)),
            ('text', self.text.strip()),
        ):
            object.__setattr__(self, name, value)

    @cached_property
    def is_click(self) -> bool:
        """Whether it only asks for the best segment at one point."""
        alone = self.box is None and not self.text and self.selection == Selection.BEST
        return alone and len(self.points) == 1 and bool(self.labels[0])

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


def _array(value: object, name: str, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.asarray(value, np.float64).reshape(shape)
    except (TypeError, ValueError, OverflowError) as error:
        expected = 'pairs of x, y' if shape == (-1, 2) else f'a list of {name}'
        raise PromptError(f'{name} must be {expected}, not {value!r}') from error
    if not np.isfinite(array).all():
        raise PromptError(f'{name} must be finite numbers; nan or inf came')
    return array


def _box(value: object) -> np.ndarray:
    box = _array(value, 'box', (-1,))
    if len(box) != 4:
        raise PromptError(f'a box is x0, y0, x1, y1, four numbers; {len(box)} came')
    whole = np.rint(box)
    if whole[2] <= whole[0] or whole[3] <= whole[1]:
        raise PromptError(
            f'box {box.tolist()} is empty: in whole pixels x1 must be above x0 and y1 above y0 '
            '(corners, not width and height)')
    return np.clip(whole, -FAR, FAR).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Answer:
    """
    What answers a prompt.

    :param prompt: the question
    :param scene: where it was asked
    :param indices: (K,) int64, matching segments of the scene, best first
    :param scores: (K,) float32, how well each answers the prompt, 0 to 1
    :param labels: K texts that the segments were matched to; empty ones without a text prompt
    :param removed: (M,) int64, segments that background points take out of a union
    """

    prompt: Prompt
    scene: Scene
    indices: np.ndarray
    scores: np.ndarray
    labels: tuple[str, ...]
    removed: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    @cached_property
    def mask(self) -> np.ndarray:
        """All matches joined, of a union minus what background points remove: (H, W) bool."""
        mask = np.zeros((self.scene.height, self.scene.width), bool)
        for runs in self.scene.run_lengths(self.indices):
            mask[runs.window] |= runs.mask()
        for runs in self.scene.run_lengths(self.removed):
            mask[runs.window] &= ~runs.mask()
        return mask

    def run_lengths(self) -> list[RunLengths]:
        """One mask a match; for a union one in all, or none when nothing is left of it."""
        if self.prompt.selection != Selection.UNION:
            return self.scene.run_lengths(self.indices)
        joined = RunLengths.from_mask(self.mask)
        return [joined] if joined.area else []


def answer(scene: Scene, prompts: Sequence[Prompt]) -> list[Answer]:
    """
    Answer many prompts at once; the points of all are tested in one matrix product.

    :raises PromptError: when a prompt does not fit the scene's image
    :raises TextError: when a prompt has text and the scene no text model
    """
    points = [prompt.points for prompt in prompts]
    joined = np.concatenate(points) if points else np.empty((0, 2))
    there = bool(((joined >= 0) & (joined < (scene.width, scene.height))).all())
    for prompt in prompts:
        if prompt.box is not None or not there:
            prompt.check(scene.height, scene.width)
    hits = scene.hits(joined) if len(joined) else np.empty((len(scene), 0), bool)
    best = _best_hits(scene, hits) if any(prompt.is_click for prompt in prompts) else NONE
    bounds = np.cumsum([0, *map(len, points)]).tolist()
    return [
        _click(scene, prompt, best[start:stop]) if prompt.is_click
        else _answer(scene, prompt, hits[:, start:stop])
        for prompt, start, stop in zip(prompts, bounds, bounds[1:])
    ]


def _best_hits(scene: Scene, hits: np.ndarray) -> np.ndarray:
    """The best segment at each point (P,); -1 where there is none."""
    if not len(scene):
        return np.full(hits.shape[1], -1)
    best = np.where(hits, scene.point_scores[:, None], -1).argmax(axis=0)
    return np.where(hits.any(axis=0), best, -1)


def _click(scene: Scene, prompt: Prompt, best: np.ndarray) -> Answer:
    """`_answer` for a single point: there may be thousands of them."""
    indices = best if best[0] >= 0 else NONE
    return Answer(
        prompt, scene, indices, scene.point_scores[indices], ('',) * len(indices), NONE)


def _answer(scene: Scene, prompt: Prompt, hits: np.ndarray) -> Answer:
    """One prompt, given which segments (rows) its points (columns) hit."""
    match, scores, removed = _by_points(scene, prompt, hits)
    indices = np.flatnonzero(match)
    scores = scores[indices]
    if prompt.box is not None:
        kept, overlap = _by_box(scene, prompt, indices)
        indices, scores = indices[kept], scores[kept] * overlap
    labels: tuple[str, ...] = ('',) * len(indices)
    if prompt.text:
        kept, likeness, labels = _by_text(scene, prompt, indices)
        indices, scores = indices[kept], scores[kept] * likeness
    order = np.argsort(-scores, kind='stable')
    if prompt.selection == Selection.BEST:
        order = order[:1]
    labels = tuple(labels[i] for i in order)
    return Answer(prompt, scene, indices[order], scores[order], labels, removed)


def _by_points(
    scene: Scene, prompt: Prompt, hits: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which segments the points ask for (N,) bool, how well (N,), and which they take away."""
    if not len(prompt.points):
        everything = prompt.box is None and not prompt.text
        scores = scene.scores if everything else np.ones_like(scene.scores)
        return np.ones(len(scene), bool), scores, NONE
    foreground, background = hits[:, prompt.labels], hits[:, ~prompt.labels]
    wanted, unwanted = foreground.any(axis=1), background.any(axis=1)
    union = prompt.selection == Selection.UNION
    if not prompt.labels.any():
        return ~unwanted, scene.scores, np.flatnonzero(unwanted) if union else NONE
    scores = scene.point_scores * foreground.mean(axis=1, dtype=np.float32)
    if not union or not unwanted.any():
        return wanted & ~unwanted, scores, NONE
    removed = unwanted & ~wanted
    # A segment with a background point in it may stay when a smaller one cuts that point out.
    cut_out = background[removed].any(axis=0)
    return wanted & ~(background & ~cut_out).any(axis=1), scores, np.flatnonzero(removed)


def _by_box(
    scene: Scene, prompt: Prompt, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Positions among the candidates that the box asks for, and how well they fill it.

    The best one of a box alone can be found without decoding all; with points or text besides,
    any segment that shows in the box may be the best of what is asked for.
    """
    if prompt.selection != Selection.BEST:
        return in_box(scene, prompt.box, candidates)
    if not len(prompt.points) and not prompt.text:
        return best_in_box(scene, prompt.box, candidates)
    return in_box(scene, prompt.box, candidates, least=0)


def _by_text(
    scene: Scene, prompt: Prompt, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Positions among the candidates that the text describes, how well, and as what."""
    if scene.matcher is None:
        raise TextError(f'the prompt asks for {prompt.text!r}, but {HOW_TO_GET_A_TEXT_MODEL}')
    scores, labels = scene.matcher.match(scene, prompt.text, candidates)
    keep = np.flatnonzero(scores >= scene.matcher.threshold)
    return keep, scores[keep], tuple(labels[i] for i in keep)
