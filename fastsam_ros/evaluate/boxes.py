# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Masks from given boxes: the paper's instance segmentation (https://arxiv.org/abs/2306.12156, 4.3).

A detector finds and names the things; FastSAM makes a mask of each of its boxes. The paper takes
the boxes of ViTDet-H; without a detector's file people's own boxes serve.
"""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.prompts import Prompt
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.coco import SIZES, LabelledFolder, mean
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.coco import encode

MOST = 100  # boxes a picture that count, the most confident ones, as COCO has it
PROTOCOL = (
    'one mask a box: the BEST answer to it; a box without an answer has no mask',
    'COCO, categories count, crowds left out: average precision of masks over IoU 0.50 to 0.95, '
    'at most 100 a picture, pycocotools',
)
GIVEN, DRAWN = (
    'boxes, categories and scores: those of {file}',
    "boxes and categories: people's own, so AP says how many masks are right",
)


def evaluate(
    model: FastSam,
    data: Path,
    annotations: Path | None = None,
    limit: int | None = None,
    boxes: Path | None = None,
) -> Evaluation:
    """
    Score the masks that boxes prompt for.

    :param model: with the thresholds to score at
    :param data: as for `LabelledFolder.open`
    :param annotations: likewise
    :param limit: likewise
    :param boxes: a detector's results in COCO's format; None: the annotations' boxes
    :raises ParameterError: when a file is not what it should be
    """
    folder = LabelledFolder.open(data, annotations, limit)
    given = _detections(boxes) if boxes else None
    rows: list[dict] = []
    for info, image in folder:
        asked = folder.objects(info['id']) if given is None else given.get(info['id'], [])
        rows += _masks(model(image), info['id'], asked)
    judged = folder.judge(rows, 'segm', (1, 10, MOST), categories=True)['precision']
    figures = {
        'AP': mean(judged[:, :, :, 0, -1]), 'AP50': mean(judged[0, :, :, 0, -1]),
        'AP75': mean(judged[5, :, :, 0, -1])}
    for row, size in enumerate(SIZES, 1):
        figures[f'AP {size}'] = mean(judged[:, :, :, row, -1])
    source = DRAWN if boxes is None else GIVEN.format(file=boxes.name)
    return Evaluation('boxes', data.name, len(folder.ids), figures, (source, *PROTOCOL))


def _masks(scene: Scene, image_id: int, asked: Sequence[dict]) -> list[dict]:
    """COCO's results of the boxes that have an answer."""
    rows = []
    asked = [box for box in asked if _corners(box, scene) is not None]
    answers = scene.answer([Prompt(box=_corners(box, scene)) for box in asked])
    for box, answer in zip(asked, answers):
        for runs in answer.run_lengths():
            rows.append({
                'image_id': image_id, 'category_id': box['category_id'],
                'score': box.get('score', 1.0),
                'segmentation': encode(runs, scene.height, scene.width)})
    return rows


def _corners(box: dict, scene: Scene) -> tuple[float, ...] | None:
    """x0, y0, x1, y1 in whole pixels inside the picture; None where nothing is left."""
    x, y, width, height = box['bbox']
    low = np.floor(np.maximum((x, y), 0))
    high = np.ceil(np.minimum((x + width, y + height), (scene.width, scene.height)))
    return (*low.tolist(), *high.tolist()) if (high > low).all() else None


def _detections(file: Path) -> dict[int, list[dict]]:
    """A detector's boxes by picture."""
    by_picture: dict[int, list[dict]] = {}
    try:
        for row in json.loads(file.read_text(encoding='utf-8')):
            by_picture.setdefault(row['image_id'], []).append(
                {key: row[key] for key in ('bbox', 'category_id', 'score')})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(
            f"{file} cannot be read as a detector's results: {error!r}; expected COCO's format, a "
            'list of image_id, category_id, bbox and score') from error
    return by_picture
