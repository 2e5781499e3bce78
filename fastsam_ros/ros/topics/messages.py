# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Segments to messages, and the pictures that show them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from fastsam_ros.core import Answer, RunLengths, Selection
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.msg import Segmentation, SegmentationArray
from fastsam_ros.ros.inference.frames import Segments
from fastsam_ros.ros.topics.conversions import to_array, to_image


def by_area(segments: Segments) -> np.ndarray:
    """The scene's segments, largest first: (N,) indices."""
    return np.argsort(-segments.scene.areas, kind='stable')


def answers_message(
    header: Header, segments: Segments, answers: Sequence[Answer]
) -> SegmentationArray:
    """The matches of all prompts, told apart by their prompt_id."""
    found = [match for answer in answers for match in _matches(segments, answer)]
    found.sort(key=lambda match: -match.area)
    scene = segments.scene
    return SegmentationArray(
        header=header, height=scene.height, width=scene.width, segmentations=found)


def _matches(segments: Segments, answer: Answer) -> list[Segmentation]:
    scene, runs = segments.scene, answer.run_lengths()
    ids = segments.ids[answer.indices].tolist()
    scores, fits = scene.scores[answer.indices].tolist(), answer.scores.tolist()
    labels = answer.labels
    if answer.prompt.selection == Selection.UNION and runs:  # one mask: the best match names it
        ids, scores, fits = ids[:1], [max(scores)], [max(fits)]
        labels = (', '.join(dict.fromkeys(filter(None, labels))),)
    return [
        _segmentation(run, id, score, answer.prompt.id, fit, label)
        for run, id, score, fit, label in zip(runs, ids, scores, fits, labels)
    ]


def _segmentation(
    run: RunLengths, id: int, score: float, prompt_id: str, fit: float, label: str
) -> Segmentation:
    message = Segmentation()  # set after construction, which makes a box and an array in any case
    message.id, message.prompt_id, message.label = id, prompt_id, label
    message.score, message.prompt_score, message.area = score, fit, run.area
    message.label_score = fit if label else 0.0
    box = message.box
    box.x_offset, box.y_offset, box.width, box.height = run.x, run.y, run.width, run.height
    # As an array.array: five times as fast as from numpy.
    message.counts = to_array('I', run.counts)
    return message


def label_map(header: Header, segments: Segments, order: np.ndarray) -> Image:
    """0 background, n the n-th of `order`, smallest on top; mono16."""
    return to_image(header, segments.scene.label_map(order), 'mono16')


def union_mask(header: Header, segments: Segments, answers: Sequence[Answer]) -> Image:
    """255 where any answer is, else 0; mono8."""
    mask = np.zeros((segments.scene.height, segments.scene.width), np.uint8)
    for answer in answers:
        for run in answer.run_lengths():
            mask[run.window][run.mask()] = 255
    return to_image(header, mask, 'mono8')


def overlay(
    header: Header, segments: Segments, answers: Sequence[Answer] | None, picture: np.ndarray
) -> Image:
    """
    The picture with segments painted over, bgr8.

    :param answers: what to show, with texts and scores; None: all segments
    :param picture: (H, W, 3) uint8 RGB
    """
    if answers is None:
        painted = draw(picture, segments.scene.run_lengths(), segments.ids.tolist())
    else:
        found = [match for answer in answers for match in zip(
            answer.run_lengths(), segments.ids[answer.indices].tolist(), answer.labels)]
        runs, ids, labels = zip(*found) if found else ((), (), ())
        painted = draw(picture, runs, ids, labels)
    return to_image(header, painted[..., ::-1], 'bgr8')
