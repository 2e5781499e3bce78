# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One click, one answer: how well it is the thing that was clicked on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.core.prompts import Prompt
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.coco import LabelledFolder
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.fastsam import FastSam

SMALLEST = 100  # pixels; a smaller object is not clicked on
DRAWS = 2  # clicks at random a thing
PROTOCOL = (
    f'one click on each object of {SMALLEST} pixels and more: mean IoU of the BEST answer '
    'with it, 0 without an answer',
    'deepest: the pixel farthest from the outline (L2); random: any pixel of it, '
    f'{DRAWS} draws, seed 0',
    'best: that of all segments under the click that fits best, which no choice can exceed',
)


def evaluate(
    model: FastSam, data: Path, annotations: Path | None = None, limit: int | None = None
) -> Evaluation:
    """
    Score the answers to clicks.

    :param model: with the thresholds to score at
    :param data: as for `LabelledFolder.open`
    :param annotations: likewise
    :param limit: likewise
    """
    folder = LabelledFolder.open(data, annotations, limit)
    random = np.random.default_rng(0)
    ious: dict[str, list[float]] = {}
    for info, image in folder:
        scene = model(image)
        for annotation in folder.objects(info['id']):
            wanted = folder.truth.annToMask(annotation)
            if np.count_nonzero(wanted) < SMALLEST:
                continue
            overlap = scene_ious(scene, wanted)
            for name, point in clicks(wanted, random).items():
                chosen, best = answer(scene, overlap, point)
                ious.setdefault(name, []).append(chosen)
                ious.setdefault(f'{name}, best', []).append(best)
    figures = {name: float(np.mean(values)) for name, values in ious.items()}
    figures['clicks'] = float(len(ious.get('deepest', ())))
    return Evaluation('points', data.name, len(folder.ids), figures, PROTOCOL)


def clicks(
    wanted: np.ndarray, random: np.random.Generator, draws: int = DRAWS
) -> dict[str, tuple[int, int]]:
    """
    Choose where to click on a thing.

    :param wanted: (H, W) uint8, 1 inside
    :param random: where the random ones come from
    :param draws: how many of these
    :return: names and x, y
    """
    padded = np.pad(wanted, 1)  # the picture's border is an outline too
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    y, x = np.unravel_index(np.argmax(depth), depth.shape)
    places = {'deepest': (int(x), int(y))}
    rows, columns = np.nonzero(wanted)
    for draw, pick in enumerate(random.choice(len(rows), draws), 1):
        places[f'random {draw}'] = int(columns[pick]), int(rows[pick])
    return places


def scene_ious(scene: Scene, wanted: np.ndarray) -> np.ndarray:
    """
    IoU of each segment with a mask.

    :param scene: N segments
    :param wanted: (H, W) uint8, 1 inside
    :return: (N,) 0 to 1
    """
    runs = scene.run_lengths()
    shared = np.array([np.count_nonzero(wanted[run.window][run.mask()]) for run in runs], float)
    areas = np.array([run.area for run in runs], float)
    return shared / np.maximum(areas + np.count_nonzero(wanted) - shared, 1)


def answer(scene: Scene, ious: np.ndarray, point: tuple[int, int]) -> tuple[float, float]:
    """IoU of what answers a click, and of what would answer it best."""
    [found] = scene.answer([Prompt(points=[point])])
    under = ious[scene.hits(np.array([point]))[:, 0]]
    return float(ious[found.indices].max(initial=0)), float(under.max(initial=0))
