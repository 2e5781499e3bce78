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
SMALL = 32 * 32  # pixels from which an object is not small, as COCO has it
DRAWS = 12  # clicks at random a thing
SIZES = {'': SMALLEST, ', not small': SMALL}
PROTOCOL = (
    f'clicks on each object of {SMALLEST} pixels and more: mean IoU of the BEST answer '
    'with it, 0 without an answer',
    'deepest: the pixel farthest from the outline (L2); random: any pixel of it, '
    f'{DRAWS} draws, seed 0',
    'best: that of all segments under the click that fits best, which no choice can exceed',
    f'not small: objects of {SMALL} pixels and more alone',
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
    areas, ious = [], []
    for info, image in folder:
        scene = model(image)
        for annotation in folder.objects(info['id']):
            wanted = folder.truth.annToMask(annotation)
            area = np.count_nonzero(wanted)
            if area >= SMALLEST:
                areas.append(area)
                ious.append(answers(scene, wanted, clicks(wanted, random)))
    figures = figures_of(np.array(areas), np.array(ious).reshape(-1, 2, 1 + DRAWS))
    return Evaluation('points', data.name, len(folder.ids), figures, PROTOCOL)


def figures_of(areas: np.ndarray, ious: np.ndarray) -> dict[str, float]:
    """
    Mean IoUs by the kind of click and the things' size.

    :param areas: (N,) of the things, pixels
    :param ious: (N, 2, P) as `answers` gives them
    :return: by name; NaN where there are no things of a size
    """
    figures = {}
    for size, least in SIZES.items():
        some = ious[areas >= least]
        for row, choice in enumerate(('', ', best')):
            for click, columns in (('deepest', slice(1)), ('random', slice(1, None))):
                values = some[:, row, columns]
                figures[f'{click}{size}{choice}'] = float(values.mean() if values.size else np.nan)
        figures[f'objects{size}'] = float(len(some))
    return figures


def clicks(wanted: np.ndarray, random: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """
    Choose where to click on a thing.

    :param wanted: (H, W) uint8, 1 inside
    :param random: where the random ones come from
    :param draws: how many of these
    :return: (1 + draws, 2) int64 x, y; first the pixel deepest inside
    """
    padded = np.pad(wanted, 1)  # the picture's border is an outline too
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    y, x = np.unravel_index(np.argmax(depth), depth.shape)
    rows, columns = np.nonzero(wanted)
    picks = random.choice(len(rows), draws)
    return np.stack((np.append(x, columns[picks]), np.append(y, rows[picks])), axis=1)


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


def answers(scene: Scene, wanted: np.ndarray, points: np.ndarray) -> np.ndarray:
    """
    How well clicks on a thing are answered.

    :param wanted: (H, W) uint8, 1 inside
    :param points: (P, 2) x, y, pixels
    :return: (2, P) IoU with the thing of what answers each, and of what would answer it best
    """
    ious = scene_ious(scene, wanted)
    found = scene.answer([Prompt(points=[point]) for point in points])
    under = np.where(scene.hits(points), ious[:, None], 0)
    chosen = [ious[answer.indices].max(initial=0) for answer in found]
    return np.array([chosen, under.max(axis=0, initial=0)])
