# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labelled folders, and a model that finds exactly what their labels say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from made_pictures import make_coco, make_partitions
import numpy as np
import pytest

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import RunLengths


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A folder in COCO's format: three pictures of one block each."""
    return make_coco(tmp_path / 'coco')


@pytest.fixture
def partitions(tmp_path: Path) -> Path:
    """A folder of annotators' partitions: one picture, two annotators."""
    return make_partitions(tmp_path / 'partitions')


@pytest.fixture
def oracle() -> Callable:
    """Make a model that finds the labels of a folder, for whichever picture it is shown."""
    return Oracle


class Oracle:
    """Answers pictures with their labels' masks, boxes and points with the mask of most IoU."""

    def __init__(self, folder: Path, keep: Callable = lambda mask: mask) -> None:
        from pycocotools import mask as rle

        from training.data.samples import read_folder

        self.known = [
            (sample.image(), [keep(rle.decode(mask).astype(bool)) for mask in sample.masks])
            for sample in read_folder(folder)]

    def __call__(self, image: np.ndarray) -> SimpleNamespace:
        masks = next(m for known, m in self.known if np.array_equal(known, image))
        return scene_of(masks, *image.shape[:2])


def scene_of(masks: list[np.ndarray], height: int, width: int) -> SimpleNamespace:
    """A scene of known masks; all that evaluations ask of one."""
    runs = [RunLengths.from_mask(mask) for mask in masks]
    boxes = [(run.x, run.y, run.x + run.width, run.y + run.height) for run in runs]
    letterbox = Letterbox(height, width, -(-height // 32) * 32, -(-width // 32) * 32)

    def answer(prompts):
        return [SimpleNamespace(indices=np.array(found, int), run_lengths=lambda f=found: [
            runs[i] for i in f]) for found in map(chosen, prompts)]

    def chosen(prompt):
        if prompt.box is not None:
            return [i for i, box in enumerate(boxes) if np.allclose(box, prompt.box, atol=1)][:1]
        x, y = prompt.points[0].astype(int)
        return [i for i, mask in enumerate(masks) if mask[y, x]][:1]

    return SimpleNamespace(
        height=height, width=width, scores=np.full(len(masks), 0.5), letterbox=letterbox,
        extents=np.array(boxes, np.float32).reshape(-1, 4), answer=answer,
        run_lengths=lambda some=None: runs if some is None else [runs[i] for i in some],
        logits=lambda indices=None: np.full(
            (len(masks), letterbox.input_height // 4, letterbox.input_width // 4), 1, np.float32),
        hits=lambda points: np.array([[m[y, x] for x, y in points] for m in masks], bool))
