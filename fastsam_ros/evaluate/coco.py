# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Folders and files in COCO's format, LVIS's among them, and pycocotools as the judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import contextlib
from dataclasses import dataclass
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fastsam_ros.core.errors import BackendError, ParameterError
from fastsam_ros.core.scene import Scene
from fastsam_ros.media.coco import encode, file_name_of
from fastsam_ros.media.images import read_picture

if TYPE_CHECKING:
    from pycocotools.coco import COCO

SIZES = ('small', 'medium', 'large')  # of the labels; borders are 32^2 and 96^2 pixels


@dataclass(frozen=True)
class LabelledFolder:
    """
    Pictures and COCO's JSON of instances.

    :param pictures: the folder of the pictures
    :param truth: what people marked
    :param ids: of the pictures that are looked at
    """

    pictures: Path
    truth: COCO
    ids: Sequence[int]

    @classmethod
    def open(
        cls, data: Path, annotations: Path | None = None, limit: int | None = None
    ) -> LabelledFolder:
        """
        Open a folder with images/ and instances.json, or pictures and a file elsewhere.

        :param data: the folder
        :param annotations: COCO's or LVIS's JSON; None: instances.json in the folder
        :param limit: the first N pictures by number
        :raises BackendError: when pycocotools is not installed
        :raises ParameterError: when the file is missing, or is another kind of JSON
        """
        file = annotations or data / 'instances.json'
        pictures = data / 'images' if (data / 'images').is_dir() else data
        truth = _read(file)
        return cls(pictures, truth, sorted(truth.getImgIds())[:limit])

    def __iter__(self) -> Iterator[tuple[dict, np.ndarray]]:
        """Yield COCO's entry and the pixels of each picture, (H, W, 3) uint8 RGB."""
        for info in self.truth.loadImgs(self.ids):
            yield info, read_picture(self.pictures / file_name_of(info))

    def objects(self, image_id: int) -> list[dict]:
        """Annotations of one picture; crowds are left out."""
        return self.truth.loadAnns(self.truth.getAnnIds([image_id], iscrowd=False))

    def judge(
        self, rows: list[dict], kind: str, limits: Sequence[int], categories: bool = False
    ) -> Any:
        """
        Let pycocotools compare results with what people marked.

        :param rows: COCO's results
        :param kind: 'segm' or 'bbox'
        :param limits: results a picture that count, ascending
        :param categories: whether those must be right too
        :return: its `eval`: precision (IoUs, recalls, K, sizes, limits) and recall (IoUs, K,
            sizes, limits), -1 where there is nothing to find
        """
        from pycocotools.cocoeval import COCOeval

        with contextlib.redirect_stdout(io.StringIO()):
            found = self.truth.loadRes(rows) if rows else type(self.truth)()
            evaluation = COCOeval(self.truth, found, kind)
            evaluation.params.useCats = int(categories)
            evaluation.params.imgIds = list(self.ids)
            evaluation.params.maxDets = list(limits)
            evaluation.evaluate()
            evaluation.accumulate()
        return evaluation.eval


def _read(file: Path) -> COCO:
    try:
        from pycocotools.coco import COCO
    except ModuleNotFoundError as error:
        raise BackendError(
            'this task needs pycocotools, which is not installed: '
            'pip install "fastsam_ros[evaluate]"') from error
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            truth = COCO(str(file))
            _complete(truth)
        return truth
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise ParameterError(
            f"{file} cannot be read as instances in COCO's format: {error!r}; expected JSON with "
            'images, annotations and categories, instances.json beside images/ unless '
            '--annotations names another') from error


def _complete(truth: COCO) -> None:
    """LVIS's files don't say what all COCO's do: nothing in them is a crowd."""
    for annotation in truth.dataset['annotations']:
        annotation.setdefault('iscrowd', 0)


def results(
    scene: Scene, image_id: int, scores: Sequence[float] | None = None, category: int = 1
) -> Iterator[dict]:
    """
    List all segments as COCO's results.

    :param scene: the segments of one picture
    :param image_id: its number in COCO's file
    :param scores: instead of the network's
    :param category: of all of them
    """
    scores = scene.scores.tolist() if scores is None else scores
    for runs, score in zip(scene.run_lengths(), scores):
        yield {
            'image_id': image_id, 'category_id': category, 'score': score,
            'segmentation': encode(runs, scene.height, scene.width),
            'bbox': [runs.x, runs.y, runs.width, runs.height]}


def mean(values: np.ndarray) -> float:
    """Mean of what pycocotools says, without its -1 for nothing to find; NaN: nothing at all."""
    there = values[values >= 0]
    return float(there.mean()) if there.size else float('nan')
