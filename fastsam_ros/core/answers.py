# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments answer a prompt: the rules for points, boxes and texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from fastsam_ros.core.clicks import click_logits
from fastsam_ros.core.logistic import sigmoid
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.prompts import Prompt, Selection
from fastsam_ros.core.segments import Segments

NONE = np.empty(0, np.int64)
NO_SCORES = np.empty(0, np.float32)
INSIDE = 0.5  # a segment is in a box when at least this part of its mask is
CHUNK = 8  # segments whose pixels are counted at a time while looking for the best one in a box

# A text and candidates: positions among these that it describes, how well, and as what.
MatchText = Callable[[str, np.ndarray], 'tuple[np.ndarray, np.ndarray, tuple[str, ...]]']


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
    scene: Segments
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
        for runs in self.scene.answer_run_lengths(self.indices):
            mask[runs.window] |= runs.mask()
        for runs in self.scene.answer_run_lengths(self.removed):
            mask[runs.window] &= ~runs.mask()
        return mask

    def run_lengths(self) -> list[RunLengths]:
        """One mask a match; for a union one in all, or none when nothing is left of it."""
        if self.prompt.selection != Selection.UNION:
            return self.scene.answer_run_lengths(self.indices)
        joined = RunLengths.from_mask(self.mask)
        return [joined] if joined.area else []


def answer(
    segments: Segments, prompts: Sequence[Prompt], match_text: MatchText
) -> list[Answer]:
    """
    Answer many prompts at once.

    :param match_text: as `Scene.match_text`
    :raises PromptError: when a prompt does not fit the image
    :raises TextError: when a prompt has text and there is no text model
    """
    points = [prompt.points for prompt in prompts]
    joined = np.concatenate(points) if points else np.empty((0, 2))
    within = bool(((joined >= 0) & (joined < (segments.width, segments.height))).all())
    for prompt in prompts:
        if prompt.box is not None or not within:
            prompt.check(segments.height, segments.width)
    hits = segments.hits(joined) if len(joined) else np.empty((len(segments), 0), bool)
    clicks = np.repeat(
        [prompt.is_click for prompt in prompts], np.array([*map(len, points)], np.int64))
    best, scores = _best_hits(segments, joined, hits & clicks) if clicks.any() else (NONE, NONE)
    bounds = [0, *accumulate(map(len, points))]
    return [
        _click(segments, prompt, best[start:stop], scores[start:stop]) if prompt.is_click
        else _answer(segments, prompt, hits[:, start:stop], match_text)
        for prompt, start, stop in zip(prompts, bounds, bounds[1:])
    ]


def _best_hits(
    segments: Segments, points: np.ndarray, hits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The best segment at each point (P,), -1 where there is none; its score (P,) float32."""
    if not len(segments):
        return np.full(len(points), -1), np.zeros(len(points), np.float32)
    logits = click_logits(segments, points, hits)
    best = logits.argmax(axis=0)
    highest = logits[best, np.arange(len(points))]
    return np.where(highest > -np.inf, best, -1), sigmoid(highest)


def _click(
    segments: Segments, prompt: Prompt, best: np.ndarray, scores: np.ndarray
) -> Answer:
    """`_answer` for a single point: there may be thousands of them."""
    found = best[0] >= 0
    return Answer(
        prompt, segments, best if found else NONE, scores if found else NO_SCORES,
        ('',) if found else (), NONE)


def _answer(
    segments: Segments, prompt: Prompt, hits: np.ndarray, match_text: MatchText
) -> Answer:
    """One prompt, given which segments (rows) its points (columns) hit."""
    match, scores, removed = _by_points(segments, prompt, hits)
    indices = np.flatnonzero(match)
    scores = scores[indices]
    if prompt.box is not None:
        kept, overlap = _by_box(segments, prompt, indices)
        indices, scores = indices[kept], scores[kept] * overlap
    labels: tuple[str, ...] = ('',) * len(indices)
    if prompt.text:
        kept, likeness, labels = match_text(prompt.text, indices)
        indices, scores = indices[kept], scores[kept] * likeness
    order = np.argsort(-scores, kind='stable')
    if prompt.selection in (Selection.BEST, Selection.SIMILAR):
        order = order[:1]
    if prompt.selection == Selection.SIMILAR and len(order):
        return _similar(segments, prompt, int(indices[order[0]]))
    labels = tuple(labels[i] for i in order)
    return Answer(prompt, segments, indices[order], scores[order], labels, removed)


def similar_to(segments: Segments, prompt: Prompt, looks: np.ndarray) -> Answer:
    """
    All segments that look like something that need not be among them, best first.

    :param prompt: that the answer is to
    :param looks: (D,) as `Segments.looks` has them
    """
    likeness = segments.likeness(looks)
    order = np.argsort(-likeness, kind='stable')
    order = order[likeness[order] >= segments.similar_threshold]
    return Answer(prompt, segments, order, likeness[order], ('',) * len(order), NONE)


def _similar(segments: Segments, prompt: Prompt, exemplar: int) -> Answer:
    """The exemplar and all segments that look like it; scores are their likeness."""
    likeness = segments.likeness(segments.looks[exemplar])
    likeness[exemplar] = 1
    order = np.argsort(-likeness, kind='stable')
    order = order[likeness[order] >= segments.similar_threshold]
    order = np.concatenate([[exemplar], order[order != exemplar]])
    return Answer(prompt, segments, order, likeness[order], ('',) * len(order), NONE)


def _by_points(
    segments: Segments, prompt: Prompt, hits: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which segments the points ask for (N,) bool, how well (N,), and which they take away."""
    if not len(prompt.points):
        everything = prompt.box is None and not prompt.text
        scores = segments.scores if everything else np.ones_like(segments.scores)
        return np.ones(len(segments), bool), scores, NONE
    foreground, background = _by_label(hits, prompt.labels)
    wanted, unwanted = foreground.any(axis=1), background.any(axis=1)
    union = prompt.selection == Selection.UNION
    if not prompt.labels.any():
        return ~unwanted, segments.scores, np.flatnonzero(unwanted) if union else NONE
    logits = click_logits(segments, prompt.points[prompt.labels], foreground)
    hit = np.flatnonzero(foreground)  # a twentieth of all pairs, mostly
    sums = np.bincount(
        hit // foreground.shape[1], sigmoid(logits.ravel()[hit]), len(segments))
    scores = (sums / foreground.shape[1]).astype(np.float32)
    if not union or not unwanted.any():
        return wanted & ~unwanted, scores, NONE
    removed = unwanted & ~wanted
    # A segment with a background point in it may stay when a smaller one cuts that point out.
    cut_out = background[removed].any(axis=0)
    return wanted & ~(background & ~cut_out).any(axis=1), scores, np.flatnonzero(removed)


def _by_label(hits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of foreground points and of background ones; all are foreground, mostly."""
    return (hits, hits[:, :0]) if labels.all() else (hits[:, labels], hits[:, ~labels])


def _by_box(
    segments: Segments, prompt: Prompt, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Positions among the candidates that the box asks for, and how well they fill it.

    The best one of a box alone can be found without counting the pixels of all; with points or
    text besides, any segment that shows in the box may be the best of what is asked for.
    """
    if prompt.selection not in (Selection.BEST, Selection.SIMILAR):
        return in_box(segments, prompt.box, candidates)
    if not len(prompt.points) and not prompt.text:
        return best_in_box(segments, prompt.box, candidates)
    return in_box(segments, prompt.box, candidates, least=0)


def in_box(
    segments: Segments, box: np.ndarray, candidates: np.ndarray, least: float = INSIDE
) -> tuple[np.ndarray, np.ndarray]:
    """
    The segments that lie in a box.

    :param box: (4,) int64 x0, y0, x1, y1, image pixels; part of it at least inside the image
    :param candidates: (K,) indices of segments
    :param least: the part of a mask that must be in the box, 0 to 1; one pixel must be anyway
    :return: positions among the candidates (L,) int64, and the IoU of each mask and the box (L,)
        float32
    """
    box = _clipped(segments, box)
    overlapping = np.flatnonzero(_shared(segments.extents[candidates], box) > 0)
    reaching = candidates[overlapping]
    shared, areas = segments.pixels_in(box, reaching), segments.areas_of(reaching)
    keep = (shared >= least * areas) & (shared > 0)
    return overlapping[keep], _iou(shared, areas, box)[keep]


def best_in_box(
    segments: Segments, box: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    The candidate of the highest IoU with the box, the first of them if several have it.

    It is found by branch and bound: a mask lies inside its own box, so |box and own box| / |box|
    bounds its IoU with the box, and candidates are looked at in the order of their bounds until
    none left can win.

    :param box: (4,) int64 x0, y0, x1, y1, image pixels; part of it at least inside the image
    :param candidates: (K,) indices of segments
    :return: as `in_box`, for one segment or none
    """
    box = _clipped(segments, box)
    bounds = (_shared(segments.extents[candidates], box) / _area(box)).astype(np.float32)
    order = np.argsort(-bounds, kind='stable')
    order = order[bounds[order] > 0]
    best, best_iou = order[:0], np.zeros(0, np.float32)
    for start in range(0, len(order), CHUNK):
        chunk = order[start : start + CHUNK]
        if len(best) and bounds[chunk[0]] < best_iou[0]:
            break
        found, some = np.concatenate([best, chunk]), candidates[chunk]
        shared = segments.pixels_in(box, some)
        ious = np.concatenate([best_iou, _iou(shared, segments.areas_of(some), box)])
        top = np.lexsort((found, -ious))[:1]
        best, best_iou = found[top], ious[top]
    return best[best_iou > 0], best_iou[best_iou > 0]


def _clipped(segments: Segments, box: np.ndarray) -> np.ndarray:
    return np.clip(box, 0, (segments.width, segments.height) * 2)


def _iou(shared: np.ndarray, areas: np.ndarray, box: np.ndarray) -> np.ndarray:
    """IoU of masks and a box from pixels that they share and those of each mask: float32."""
    return (shared / (_area(box) + areas - shared)).astype(np.float32)


def _area(box: np.ndarray) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _shared(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Area that each box (N, 4), grown to whole pixels, shares with the box: (N,) pixels."""
    low = np.maximum(np.floor(boxes[:, :2]), box[:2])
    high = np.minimum(np.ceil(boxes[:, 2:]), box[2:])
    return np.prod(np.maximum(high - low, 0), axis=1)
