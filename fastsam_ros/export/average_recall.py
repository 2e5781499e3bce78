# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How much of what people marked a model finds: average recall, as COCO measures it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
import io
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import BackendError, ParameterError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.coco import encode
from fastsam_ros.media.images import read_picture

CONFIDENCE, IOU = 0.01, 0.7  # low thresholds: recall asks what is found at all
MOST = 100  # segments a picture


def average_recall(
    models: Sequence[Path], pictures: Sequence[Path], labels: Path, image_size: int
) -> list[float]:
    """
    AR@100 of masks, without classes, of several models on the same pictures.

    :param models: files, trusted already
    :param pictures: those that the labels don't name are left out
    :param labels: COCO's JSON of instances
    :param image_size: longer side of the network's input, pixels
    :return: one for each model, 0 to 1
    :raises BackendError: when pycocotools is not installed
    :raises ParameterError: when the labels name none of the pictures
    """
    try:
        from pycocotools.coco import COCO
    except ModuleNotFoundError as error:
        raise BackendError(
            'labels need pycocotools, which is not installed: pip install pycocotools'
        ) from error
    with redirect_stdout(io.StringIO()):  # it talks
        truth = COCO(str(labels))
    numbers = {Path(image['file_name']).name: image['id'] for image in truth.dataset['images']}
    known = {numbers[path.name]: path for path in pictures if path.name in numbers}
    if not known:
        raise ParameterError(f'{labels} names none of the {len(pictures)} pictures')
    return [_recall(truth, _found(model, known, image_size), list(known)) for model in models]


def _found(path: Path, pictures: dict[int, Path], image_size: int) -> list[dict]:
    """Everything a model finds, as COCO's results."""
    model = FastSam(
        str(path),
        image_size=image_size,
        confidence=CONFIDENCE,
        iou=IOU,
        max_segments=MOST,
        trust=True,
    )
    rows = []
    for number, picture in pictures.items():
        scene = model(read_picture(picture))
        for runs, score in zip(scene.run_lengths(), scene.scores.tolist(), strict=True):
            mask = encode(runs, scene.height, scene.width)
            rows.append(
                {'image_id': number, 'category_id': 1, 'segmentation': mask, 'score': score}
            )
    model.close()
    return rows


def _recall(truth, rows: list[dict], numbers: list[int]) -> float:
    from pycocotools.cocoeval import COCOeval

    if not rows:
        return 0.0
    with redirect_stdout(io.StringIO()):
        judge = COCOeval(truth, truth.loadRes(rows), 'segm')
        judge.params.imgIds, judge.params.useCats = numbers, 0
        judge.params.maxDets = [MOST]
        judge.evaluate()
        judge.accumulate()
    recall = judge.eval['recall'][:, 0, 0, 0]  # by IoU from 0.5 to 0.95; all sizes
    return float(np.mean(recall[recall >= 0]))
