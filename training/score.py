# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Score model files on folders of labelled pictures, through the same code that users run."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
import contextlib
import io
import json
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as rle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from fastsam_ros.core import Scene
from fastsam_ros.fastsam import FastSam
from training.covering import covering
from training.samples import partition_files, read_image

LIMITS = [10, 100, 1000]  # segments an image, for average recall
SIZES = ['small', 'medium', 'large']  # of the labels; COCO's borders are 32^2 and 96^2 pixels


def score_folder(model: FastSam, folder: Path, limit: int | None = None) -> dict[str, float]:
    """
    Score on a folder of either kind.

    :param model: with the thresholds to score at
    :param folder: as `training.samples.read_folder` takes it
    :param limit: only so many pictures, the first by name
    :return: names and values; all are 0 to 1 but `segments`, the mean number a picture
    """
    is_coco = (folder / 'instances.json').is_file()
    return (score_coco if is_coco else score_partitions)(model, folder, limit)


def score_coco(model: FastSam, folder: Path, limit: int | None = None) -> dict[str, float]:
    """
    Average precision and recall of masks over IoU 0.50 to 0.95, whatever their category.

    :param model: with the thresholds to score at
    :param folder: holds images/ and instances.json
    :param limit: only so many pictures, the first by id
    """
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(folder / 'instances.json'))
    ids = sorted(truth.getImgIds())[:limit]
    found = []
    for info in truth.loadImgs(ids):
        scene = model(read_image(folder / 'images' / info['file_name']))
        found += coco_results(scene, info['id'])
    return {**_evaluate(truth, ids, found), 'segments': len(found) / len(ids)}


def coco_results(scene: Scene, image_id: int) -> Iterator[dict]:
    """
    List segments as COCO's result files do.

    :param scene: the segments of one picture
    :param image_id: its number in COCO's file
    """
    for score, segment in zip(scene.scores.tolist(), scene.run_lengths()):
        full = np.zeros((scene.height, scene.width), np.uint8, order='F')
        full[segment.window] = segment.mask()
        yield {
            'image_id': image_id, 'category_id': 1, 'score': score,
            'segmentation': rle.encode(full)}


def score_partitions(model: FastSam, folder: Path, limit: int | None = None) -> dict[str, float]:
    """
    Covering of people's regions: mean over annotators, then over pictures.

    :param model: with the thresholds to score at
    :param folder: holds images/ and regions/
    :param limit: only so many pictures, the first by name
    """
    values, counts = [], []
    for path in sorted((folder / 'images').iterdir())[:limit]:
        segments = model(read_image(path)).run_lengths()
        files = partition_files(folder, path.stem)
        drawn = (cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in files)
        values.append(np.mean([covering(segments, partition) for partition in drawn]))
        counts.append(len(segments))
    return {'covering': float(np.mean(values)), 'segments': float(np.mean(counts))}


def _evaluate(truth: COCO, ids: list[int], found: list[dict]) -> dict[str, float]:
    if not found:
        return {'AP': 0.0, **{f'AR@{limit}': 0.0 for limit in LIMITS}}
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(found), 'segm')
        evaluation.params.useCats = 0
        evaluation.params.imgIds = ids
        evaluation.params.maxDets = LIMITS
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval['precision']  # (IoUs, recalls, 1, sizes, limits)
    recall = evaluation.eval['recall']  # (IoUs, 1, sizes, limits)
    result = {'AP': float(precision[:, :, 0, 0, -1].mean())}
    for column, limit in enumerate(LIMITS):
        result[f'AR@{limit}'] = float(recall[:, 0, 0, column].mean())
    for row, size in enumerate(SIZES, 1):
        if (recall[:, 0, row, -1] >= 0).all():  # -1 where the folder has nothing of that size
            result[f'AR@{LIMITS[-1]} {size}'] = float(recall[:, 0, row, -1].mean())
    return result


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser(prog='python -m training.score', description=__doc__)
    p.add_argument('models', nargs='+', help='.onnx, .safetensors, .pt or other files, or names')
    p.add_argument('--data', type=Path, nargs='+', required=True, help='folders of pictures')
    p.add_argument('--confidence', type=float, default=0.01)
    p.add_argument('--iou', type=float, default=0.7, help='of the non-maximum suppression')
    p.add_argument('--segments', type=int, default=300, help='at most so many a picture')
    p.add_argument('--size', type=int, default=640, help='longer side of the input, pixels')
    p.add_argument('--pictures', type=int, help='only so many of each folder')
    p.add_argument('--device', default='cpu')
    p.add_argument('--precision', default='fp32')
    p.add_argument('--trust', action='store_true', help='load a .pt, which is a pickle')
    return p


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line: one line of JSON for each model and folder.

    :param arguments: instead of the process's own
    """
    settings = parser().parse_args(arguments)
    for name in settings.models:
        model = FastSam(
            name, device=settings.device, precision=settings.precision, trust=settings.trust,
            image_size=settings.size, confidence=settings.confidence, iou=settings.iou,
            max_segments=settings.segments)
        for folder in settings.data:
            scores = score_folder(model, folder, settings.pictures)
            rounded = {key: round(value, 4) for key, value in scores.items()}
            print(json.dumps({'model': name, 'data': folder.name, **rounded}), flush=True)


if __name__ == '__main__':
    main()
