# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A word taught by one segment and asked for in later frames and in other videos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastsam_ros.core import Answer, Prompt
from fastsam_ros.evaluate.follow import MaskedVideo, sequences
from fastsam_ros.evaluate.points import scene_ious
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.appearance import appearance
from fastsam_ros.text.words.example import examples_of
from fastsam_ros.text.words.learned import Learned

ASKED = 8  # frames of a sequence, evenly spaced: the fourth is in the middle, the last one last
IS_IT = 0.5  # IoU from which a segment is the thing
MATCH = 0.5  # score from which a text is answered, as `text_threshold`
PROTOCOL = (
    "a word is taught by the best segment of a sequence's first frame and asked for by text, "
    f'without any motion, in at most {ASKED} later frames, evenly spaced to the last one',
    'with more examples it is taught by those of the first such frames too, and asked for after',
    f'right: share of the frames with a segment of IoU {IS_IT:g} and more whose answer is one; '
    'first: its likeness is the highest, whatever the threshold',
    'unanswered: share of those frames of the other sequences that have no answer',
)


@dataclass(frozen=True, eq=False)
class Taught:
    """
    What is known of a sequence; its pictures are not kept.

    :param word: what was learned
    :param frames: of each frame that is asked about, in order, the segments' vectors (N, D), and
        their IoU with the thing (N,)
    """

    word: Learned
    frames: Sequence[tuple[np.ndarray, np.ndarray]]


def evaluate(
    model: FastSam, data: Path, annotations: Path | None = None, limit: int | None = None,
    *, examples: int = 1,
) -> Evaluation:
    """
    Teach each sequence's thing, one word at a time.

    :param model: with the thresholds to score at
    :param data: folder of sequences, each with images/ and masks/
    :param annotations: not used
    :param limit: the first N sequences alone
    :param examples: frames that teach the word
    :raises ParameterError: when there are no sequences
    """
    taught = [look(model, [*MaskedVideo(path)], examples) for path in sequences(data, limit)]
    answers = [
        (one is two, frame in (len(two.frames) // 2 - 1, len(two.frames) - 1),
         *ask(one.word, *asked))
        for one in taught for two in taught for frame, asked in enumerate(two.frames)]
    figures = {}
    for name, some in (('', answers), (', middle and last', [row for row in answers if row[1]])):
        own = [row for row in some if row[0] and row[2]]
        others = [row for row in some if not row[0]]
        figures |= {
            f'right{name}': _mean([first and answered for *_, first, answered in own]),
            f'first{name}': _mean([first for *_, first, _ in own]),
            f'unanswered{name}': _mean([not answered for *_, answered in others]),
            f'frames that have it{name}': float(len(own))}
    return Evaluation('words', data.name, len(taught), figures, PROTOCOL)


def look(
    model: FastSam, video: Sequence[tuple[np.ndarray, np.ndarray]], examples: int = 1
) -> Taught:
    """
    Take from a sequence what `evaluate` needs.

    :param video: images (H, W, 3) uint8 RGB and masks (H, W) bool
    :param examples: as for `evaluate`
    """
    shown, frames = [], []
    for number in np.unique(np.linspace(0, len(video) - 1, ASKED + 1).round().astype(int)):
        image, truth = video[number]
        scene = model(image)
        ious = scene_ious(scene, truth.astype(np.uint8))
        if len(shown) < examples:
            best = np.array([ious.argmax()])
            answer = Answer(Prompt(), scene, best, np.ones(1, np.float32), ('',), best[:0])
            shown += examples_of(answer, '')
        else:
            frames.append((appearance(scene), ious))
    return Taught(Learned({'it': shown}, ''), frames)


def ask(word: Learned, vectors: np.ndarray, ious: np.ndarray) -> tuple[bool, bool, bool]:
    """
    Ask for a word in a frame.

    :param word: the only one that was learned
    :param vectors: (N, D) of the frame's segments
    :param ious: (N,) with the thing
    :return: whether it is there, whether the likeliest segment is it, and whether that answers
    """
    scores = word.scores(vectors)[:, 0]
    if not len(scores):
        return False, False, False
    best = int(scores.argmax())
    return bool(ious.max() >= IS_IT), bool(ious[best] >= IS_IT), bool(scores[best] >= MATCH)


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else 0.0
