# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which segment should answer a single click? Measured, not guessed.

    python -m training.point_choice --coco DATA/coco-val --davis DATA/davis-dev

Clicks are drawn at random inside labelled objects; each rule picks one of the segments that the
click hits, and the mean IoU with the object is printed a rule, with the best that any rule could
reach. `core.clicks` holds the one that is used, which `training.click_rule` learns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
import contextlib
from dataclasses import dataclass
import io
from pathlib import Path

import cv2
import numpy as np
from pycocotools.coco import COCO

from fastsam_ros.core import Scene
from fastsam_ros.core.clicks import click_logits
from fastsam_ros.evaluate.points import SMALLEST, scene_ious
from fastsam_ros.fastsam import FastSam

CLICKS = 3  # an object
EVERY = 6  # video frames that follow one another are nearly the same


@dataclass(frozen=True, eq=False)
class Click:
    """
    The segments that one click hits.

    :param scores: (K,) float32, the network's confidence
    :param areas: (K,) float, of the masks, parts of the picture, 0 to 1
    :param boxes: (K,) float, of the boxes, parts of the picture, 0 to 1
    :param logits: (K,) float32, by `core.clicks`
    :param ious: (K,) float, with the object that was clicked on
    """

    scores: np.ndarray
    areas: np.ndarray
    boxes: np.ndarray
    logits: np.ndarray
    ious: np.ndarray


Rule = Callable[[Click], np.ndarray]

RULES: Mapping[str, Rule] = {
    'core.clicks': lambda click: click.logits,
    'most confident': lambda click: click.scores,
    'smallest': lambda click: -click.areas,
    'largest': lambda click: click.areas,
    **{
        f'confidence x {name} area^{power:g}': lambda click, name=name, power=power: (
            click.scores * (click.areas if name == 'mask' else click.boxes) ** power)
        for name in ('mask', 'box')
        for power in (-0.5, -0.4, -0.3, -0.2, -0.1, 0.1, 0.3)
    },
}


def mean_iou(rule: Rule, clicks: list[Click]) -> float:
    """What a rule reaches: mean IoU of its choice, 0 for a click that hits nothing."""
    chosen = [c.ious[np.argmax(rule(c))] if len(c.ious) else 0.0 for c in clicks]
    return float(np.mean(chosen))


def ceiling(clicks: list[Click]) -> float:
    """What no rule can exceed: mean over the clicks of the best IoU that any hit segment has."""
    return float(np.mean([c.ious.max(initial=0) for c in clicks]))


def draw_clicks(scene: Scene, objects: list[np.ndarray], rng: np.random.Generator) -> Iterator:
    """
    Clicks at random pixels of each object.

    :param objects: masks of the scene's picture, each (H, W) bool
    """
    boxes = np.prod(scene.extents[:, 2:] - scene.extents[:, :2], axis=1)
    for wanted in objects:
        y, x = np.nonzero(wanted)
        if len(y) < SMALLEST:
            continue
        picks = rng.choice(len(y), CLICKS, replace=False)
        points, ious = np.stack([x[picks], y[picks]], axis=1), scene_ious(scene, wanted)
        for hit, logits in zip(scene.hits(points).T, click_logits(scene, points).T):
            yield Click(
                scene.scores[hit], scene.areas[hit] / wanted.size, boxes[hit] / wanted.size,
                logits[hit], ious[hit])


def coco_pictures(folder: Path) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Pictures (H, W, 3) uint8 RGB and the masks of their objects, from a COCO-format folder."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(folder / 'instances.json'))
    for image in coco.loadImgs(coco.getImgIds()):
        picture = cv2.imread(str(folder / 'images' / image['file_name']))[..., ::-1].copy()
        labels = coco.loadAnns(coco.getAnnIds(image['id'], iscrowd=False))
        yield picture, [coco.annToMask(label).astype(bool) for label in labels]


def davis_pictures(folder: Path) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Some frames of each sequence, and the mask of the object in each."""
    for sequence in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in sorted((sequence / 'images').iterdir())[::EVERY]:
            mask = cv2.imread(str(sequence / 'masks' / f'{path.stem}.png'), cv2.IMREAD_GRAYSCALE)
            yield cv2.imread(str(path))[..., ::-1].copy(), [mask > 127]


def main() -> None:
    """Print a table of rules for each set of pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--coco', type=Path, required=True, help='images/ and instances.json')
    parser.add_argument('--davis', type=Path, required=True, help='NAME/images and NAME/masks')
    parser.add_argument('--model', default='', help='the model that ships when not given')
    parser.add_argument('--confidence', type=float, default=0.4)
    arguments = parser.parse_args()
    model = FastSam(arguments.model, confidence=arguments.confidence, precision='fp32')
    rng = np.random.default_rng(0)
    clicks = []
    for pictures in (coco_pictures(arguments.coco), davis_pictures(arguments.davis)):
        drawn = (draw_clicks(model(image), found, rng) for image, found in pictures)
        clicks.append([click for some in drawn for click in some])
    print(f'| rule | {arguments.coco.name} | {arguments.davis.name} | mean |\n|---|---|---|---|')
    rows = {name: [mean_iou(rule, part) for part in clicks] for name, rule in RULES.items()}
    rows['the best segment hit'] = [ceiling(part) for part in clicks]
    for name, values in sorted(rows.items(), key=lambda row: -sum(row[1])):
        print(f'| {name} | {values[0]:.3f} | {values[1]:.3f} | {np.mean(values):.3f} |')


if __name__ == '__main__':
    main()
