# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thing of a film is followed: how well, how often something else, how soon it is back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.hard.films import Shot, box_of
from fastsam_ros.core import Prompt, Scene
from fastsam_ros.evaluate.follow import PERIOD, WRONG, iou, mask_of
from fastsam_ros.evaluate.points import scene_ious
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.tracker import Tracker

HIDDEN = 0.1  # of a thing; where less is seen, following it is wrong and no mask is right
BACK = 0.5  # of a thing; once so much is seen it could be back
PART = 0.9  # of a segment that lies in the thing; then it is a part of it
GAIN = 0.01  # of the IoU, that a part brings at least

Ask = Callable[[Scene, np.ndarray], list[Prompt]]  # what the first frame's thing is asked for by


@dataclass(frozen=True)
class Outcome:
    """
    Of one film.

    :param j: mean IoU over the frames after the first in which the thing is seen
    :param best: the same of the best segment of each frame
    :param wrong: share of frames that are FOLLOWED with an IoU below `WRONG`
    :param back: frames until it was FOLLOWED again, from the first one after it was hidden in
        which half of it is seen; None: it never was hidden
    """

    j: float
    best: float
    wrong: float
    back: int | None


def by_box(scene: Scene, truth: np.ndarray) -> list[Prompt]:
    """The thing's box."""
    return [Prompt(box=box_of(truth))]


def by_parts(scene: Scene, truth: np.ndarray) -> list[Prompt]:
    """The boxes of the segments that show the thing best together, as a person would click."""
    return _best_together([*scene.masks(range(scene.confident))], truth)


def by_pieces(scene: Scene, truth: np.ndarray) -> list[Prompt]:
    """The same, of those that lie in it: none that shows nearly all of it, and something else."""
    return _best_together([
        mask for mask in scene.masks(range(scene.confident))
        if (mask & truth).sum() >= PART * mask.sum() > 0], truth) or by_box(scene, truth)


def _best_together(masks: list[np.ndarray], truth: np.ndarray) -> list[Prompt]:
    """Boxes of the masks that together are nearest to the truth, the nearest one first."""
    chosen, joined, reached = [], np.zeros_like(truth), 0.0
    while masks:
        ious = [iou(joined | mask, truth) for mask in masks]
        if max(ious) < reached + GAIN:
            break
        reached = max(ious)
        chosen.append(masks.pop(int(np.argmax(ious))))
        joined |= chosen[-1]
    return [Prompt(box=box_of(mask)) for mask in chosen]


def follow(film: Sequence[Shot], scenes: Sequence[Scene], ask: Ask) -> list[Status]:
    """
    What is said about the thing on each frame.

    :param film: frames
    :param scenes: what the network found in each
    :param ask: how it is asked for
    """
    tracker, said = Tracker(), []
    for number, (shot, scene) in enumerate(zip(film, scenes)):
        tracker.update(shot.image, scene, (number + 1) * PERIOD)
        if not number:
            tracker.bind('thing', scene.answer(ask(scene, shot.truth)))
        said.append(tracker.newest.things[0])
    return said


def count(film: Sequence[Shot], scenes: Sequence[Scene], said: Sequence[Status]) -> Outcome:
    """What came of a film; see `follow`."""
    ious = np.array([iou(mask_of(status, shot.truth.shape), shot.truth)
                     for status, shot in zip(said, film)])
    best = np.array([scene_ious(scene, shot.truth.astype(np.uint8)).max(initial=0)
                     for scene, shot in zip(scenes, film)])
    followed = np.array([status.state == State.FOLLOWED for status in said])
    shares = np.array([shot.share for shot in film])
    seen, right = shares[1:] >= HIDDEN, followed & (ious >= WRONG)
    return Outcome(
        float(ious[1:][seen].mean()), float(best[1:][seen].mean()),
        float((followed & (ious < WRONG))[1:].mean()), frames_until_back(shares, right))


def frames_until_back(shares: np.ndarray, right: np.ndarray) -> int | None:
    """
    From when half of a thing is seen again until it was followed.

    :param shares: (T,) of it that is seen
    :param right: (T,) bool, whether it was followed
    """
    hidden = np.flatnonzero(shares < HIDDEN)
    if not len(hidden):
        return None
    after = hidden[-1] + np.flatnonzero(shares[hidden[-1] :] >= BACK)
    late = right[after[0] :] if len(after) else right[:0]
    return int(late.argmax()) if late.any() else len(late)
