# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How much of what people marked is among the segments: the paper's object proposals.

On boxes and on masks, by COCO's average recall (https://arxiv.org/abs/2306.12156, tables 3 and 4);
on pictures that people divided into regions, by covering.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.coco import SIZES, LabelledFolder, mean, results
from fastsam_ros.evaluate.regions import Partitions, covering
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.evaluate.straight_edges import CONFIDENCE, LENGTH, StraightEdges
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.coco import encode, file_name_of

LIMITS = (10, 100, 1000)  # segments a picture, for average recall
COCO_PROTOCOL = (
    'COCO, categories ignored, crowds left out: average precision and recall over IoU 0.50 to '
    '0.95, pycocotools',
    'AR@N: the N most confident segments of each picture; at most max_segments are found at all',
    'boxes: those of the masks; small, medium, large: below 32^2, below 96^2 pixels, above',
)
REGIONS_PROTOCOL = (
    'covering (https://doi.org/10.1109/TPAMI.2010.161): best IoU of each region with any segment, '
    'weighted by area; mean over annotators, then over pictures',
)
EDGES_PROTOCOL = (
    f'straight edges: pixels of outlines that lie in upright or level lines of at least {LENGTH}, '
    "inside the picture, beyond which the mask's logits go on; of segments above "
    f"{CONFIDENCE}, at the prototypes' resolution",
)


def evaluate(
    model: FastSam, data: Path, annotations: Path | None = None, limit: int | None = None
) -> Evaluation:
    """
    Score everything that a model finds.

    :param model: with the thresholds to score at
    :param data: a folder with images/ and instances.json or regions/, or BSDS500's own layout
    :param annotations: COCO's or LVIS's JSON, where it lies elsewhere
    :param limit: the first N pictures
    :raises ParameterError: when the folder holds neither
    """
    if annotations is None and Partitions.are_in(data):
        return _regions(model, data, limit)
    return _coco(model, LabelledFolder.open(data, annotations, limit), data.name)


def _coco(model: FastSam, folder: LabelledFolder, name: str) -> Evaluation:
    rows, edges = [], StraightEdges()
    for info, image in folder:
        scene = model(image)
        edges.add(scene)
        rows += results(scene, info['id'])
    figures = _judged(folder, rows)
    pictures = len(folder.ids)
    figures |= {'straight edges': edges.share, 'segments': len(rows) / max(pictures, 1)}
    return Evaluation('proposals', name, pictures, figures, (*COCO_PROTOCOL, *EDGES_PROTOCOL))


def evaluate_labels(
    labels: str, data: Path, annotations: Path | None = None, limit: int | None = None
) -> Evaluation:
    """
    Score what `fastsam label` wrote of the pictures, without the network.

    :param labels: its folder, a path or URL; keys end with COCO's file names
    :param data: a folder with images/ and instances.json
    :param annotations: COCO's or LVIS's JSON, where it lies elsewhere
    :param limit: the first N pictures
    :raises ParameterError: when the labels name none of the pictures
    :raises OutputError: when they cannot be read
    """
    folder = LabelledFolder.open(data, annotations, limit)
    numbers = {PurePosixPath(file_name_of(info)).name: info['id']
               for info in folder.truth.loadImgs(folder.ids)}
    rows, seen = [], 0
    for key, result in _read_labels(labels):
        number = numbers.get(PurePosixPath(key).name)
        if number is not None:
            seen += 1
            rows += [
                {'image_id': number, 'category_id': 1, 'score': segment.score,
                 'segmentation': encode(runs, result.height, result.width),
                 'bbox': [runs.x, runs.y, runs.width, runs.height]}
                for segment in result.segments for runs in [segment.runs]]
    if not seen:
        raise ParameterError(f'{labels} has labels of none of the pictures in {data}')
    figures = {**_judged(folder, rows), 'labelled': seen, 'segments': len(rows) / seen}
    return Evaluation('proposals', data.name, len(folder.ids), figures, COCO_PROTOCOL)


def _read_labels(labels: str) -> Iterator[tuple]:
    """Key and segments of each picture; libraries that no other task needs come now."""
    from fastsam_ros.media.parquet import read_rows
    from fastsam_ros.media.storage import Place

    folder = Place(labels) / 'labels'
    for name in folder.list():
        with (folder / name).open() as file:
            yield from read_rows(file)


def _judged(folder: LabelledFolder, rows: list[dict]) -> dict[str, float]:
    """Average precision and recall, of masks and of their boxes."""
    figures: dict[str, float] = {}
    for kind, title in (('segm', ''), ('bbox', 'box ')):
        judged = folder.judge(rows, kind, LIMITS)
        figures[f'{title}AP'] = mean(judged['precision'][:, :, 0, 0, -1])
        for column, count in enumerate(LIMITS):
            figures[f'{title}AR@{count}'] = mean(judged['recall'][:, 0, 0, column])
        for row, size in enumerate(SIZES, 1):
            figures[f'{title}AR@{LIMITS[-1]} {size}'] = mean(judged['recall'][:, 0, row, -1])
    return figures


def _regions(model: FastSam, data: Path, limit: int | None) -> Evaluation:
    values, counts, edges = [], [], StraightEdges()
    for image, partitions in Partitions.open(data, limit):
        scene: Scene = model(image)
        edges.add(scene)
        runs = scene.run_lengths()
        values.append(np.mean([covering(runs, partition) for partition in partitions]))
        counts.append(len(runs))
    figures = {
        'covering': float(np.mean(values)), 'straight edges': edges.share,
        'segments': float(np.mean(counts))}
    protocol = (*REGIONS_PROTOCOL, *EDGES_PROTOCOL)
    return Evaluation('proposals', data.name, len(values), figures, protocol)
