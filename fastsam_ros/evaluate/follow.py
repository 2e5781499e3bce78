# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thing asked for once and followed through a video: J and F of DAVIS over the frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.core import ParameterError, Prompt, Scene
from fastsam_ros.evaluate.boundary import boundary_f
from fastsam_ros.evaluate.points import scene_ious
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.tracker import Tracker

PERIOD = 40_000_000  # ns; DAVIS has 25 frames a second
WRONG = 0.1  # IoU; below, what is FOLLOWED is another thing
PROTOCOL = (
    "the first frame's thing is asked for by its box (BEST, kept); J: mean IoU over the frames "
    'after it, 0 where it is searched for though it is there, 1 where there is neither thing nor '
    'mask; F: likewise of boundaries; mean of the sequences; DAVIS leaves out the last frame too',
    f'wrong: share of frames that are FOLLOWED with an IoU below {WRONG:g}',
    'oracle: the best segment of each frame, candidates too',
)


@dataclass(frozen=True)
class MaskedVideo:
    """A folder with images/ and masks/ of the same names, a binary mask a frame."""

    path: Path

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for image in sorted((self.path / 'images').iterdir()):
            [mask] = (self.path / 'masks').glob(f'{image.stem}.*')
            picture = cv2.imread(str(image))
            yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), cv2.imread(str(mask), 0) > 127


def sequences(data: Path, limit: int | None = None) -> list[Path]:
    """
    The folders that are videos with masks.

    :param data: folder of them
    :param limit: the first N alone
    :raises ParameterError: when there are none
    """
    paths = [path for path in sorted(data.iterdir()) if (path / 'masks').is_dir()][:limit]
    if not paths:
        raise ParameterError(f'{data} has no folders with images/ and masks/')
    return paths


def evaluate(
    model: FastSam,
    data: Path,
    annotations: Path | None = None,
    limit: int | None = None,
    *,
    every: int = 1,
    late: int = 0,
) -> Evaluation:
    """
    Follow each sequence's thing.

    :param model: with the thresholds to score at; its candidates are followed too
    :param data: folder of sequences, each with images/ and masks/
    :param annotations: not used
    :param limit: the first N sequences alone
    :param every: the network runs on every N-th frame
    :param late: frames after which its result is there; until then things are carried
    :raises ParameterError: when there are no sequences
    """
    paths = sequences(data, limit)
    rows = [follow(model, [*MaskedVideo(path)], every, late) for path in paths]
    figures = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return Evaluation('follow', data.name, len(paths), figures, PROTOCOL + (
        f'the network on every {every}. frame, its result {late} frames late',))


def follow(
    model: FastSam, frames: Sequence[tuple[np.ndarray, np.ndarray]], every: int, late: int
) -> dict[str, float]:
    """
    Follow the thing of one sequence.

    :param model: as for `evaluate`
    :param frames: images (H, W, 3) uint8 RGB and masks (H, W) bool
    :param every: as for `evaluate`
    :param late: likewise
    :return: figures by name
    """
    tracker, scenes = Tracker(), {}
    said: list[Status | None] = []
    stale: list[Status | None] = []
    for number, (image, truth) in enumerate(frames):
        ready = number - late if number else 0
        if ready >= 0 and ready % every == 0 and ready not in scenes:
            scenes[ready] = model(frames[ready][0])
            tracker.update(frames[ready][0], scenes[ready], ready * PERIOD)
            if not ready:
                _bind(tracker, scenes[0], truth)
        carried = tracker.carry(image, number * PERIOD)
        said.append(carried.things[0])
        stale.append(tracker.newest.things[0])
    truths = [truth for _, truth in frames]
    masks, unmoved = (
        [mask_of(status, truth.shape) for status, truth in zip(some, truths)]
        for some in (said, stale))
    ious = _ious(masks, truths)
    followed = np.array([status.state == State.FOLLOWED for status in said[1:]])
    return {
        'J': float(ious.mean()),
        'F': float(np.mean([*map(boundary_f, masks[1:], truths[1:])])),
        'J, not moved': float(_ious(unmoved, truths).mean()),
        'oracle': _oracle(scenes, truths),
        'followed': float(followed.mean()),
        'wrong': float((followed & (ious < WRONG)).mean()),
    }


def _bind(tracker: Tracker, scene: Scene, truth: np.ndarray) -> None:
    rows, columns = np.nonzero(truth)
    box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    tracker.bind('thing', scene.answer([Prompt(box=box)]))


def mask_of(status: Status, shape: tuple[int, int]) -> np.ndarray:
    """
    What was said to be a thing: (H, W) bool.

    :param status: of the thing on a frame
    :param shape: height and width of the frame
    """
    mask = np.zeros(shape, bool)
    for segment in status.segments:
        mask[segment.runs.window] |= segment.runs.mask()
    return mask


def _ious(masks: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> np.ndarray:
    """Of what was said with what is true, on each frame but the first."""
    return np.array([iou(mask, truth) for mask, truth in zip(masks[1:], truths[1:])])


def iou(mask: np.ndarray, truth: np.ndarray) -> float:
    """
    Intersection over union as DAVIS counts it: to say nothing where nothing is there is right.

    :param mask: (H, W) bool, what was said
    :param truth: (H, W) bool
    :return: 0 to 1; 1 where both are empty
    """
    either = np.count_nonzero(mask | truth)
    return np.count_nonzero(mask & truth) / either if either else 1.0


def _oracle(scenes: dict[int, Scene], truths: Sequence[np.ndarray]) -> float:
    best = [
        scene_ious(scene, truths[number].astype(np.uint8)).max(initial=0)
        for number, scene in scenes.items() if number]
    return float(np.mean(best)) if best else 0.0
