# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Whether an exported model still says what its source says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.core import Scene
from fastsam_ros.fastsam import FastSam

CONFIDENCE = 0.1  # low, so that there are many segments to compare
SIDE = 640  # of the picture that is made up, pixels


@dataclass(frozen=True)
class Parity:
    """
    How alike two models are.

    :param iou: mean over the source's segments of the IoU with the most alike of the other's
    :param segments: how many the source found
    :param other: how many the other found
    """

    iou: float
    segments: int
    other: int


def compare(source: Path, exported: Path, images: Sequence[np.ndarray], image_size: int) -> Parity:
    """
    Segment pictures with both models.

    :param source: model file, trusted already
    :param exported: model file
    :param images: each (H, W, 3) uint8 RGB
    :param image_size: longer side of the network's input, pixels
    :raises FastSamError: when one can't be loaded or run
    """
    before, after = (_scenes(path, images, image_size) for path in (source, exported))
    ious = [best for pair in zip(before, after) for best in _best_ious(*pair)]
    mean = float(np.mean(ious)) if ious else float('nan')
    return Parity(mean, sum(map(len, before)), sum(map(len, after)))


def _scenes(path: Path, images: Sequence[np.ndarray], image_size: int) -> list[Scene]:
    # In float32 where the file has a choice, so that only what is in the files is compared.
    is_engine, is_integer = path.suffix == '.engine', path.stem.endswith('-int8')
    model = FastSam(
        str(path),
        device='cuda' if is_engine else 'cpu',
        precision='auto' if is_engine or is_integer else 'fp32',
        image_size=image_size,
        confidence=CONFIDENCE,
        trust=True,
    )
    try:
        return [model(image) for image in images]
    finally:
        model.close()


def _best_ious(before: Scene, after: Scene) -> np.ndarray:
    """For each segment of one scene the IoU with the most alike of the other: (N,)."""
    if not len(before) or not len(after):
        return np.zeros(len(before))
    first, second = (scene.masks().reshape(len(scene), -1) for scene in (before, after))
    shared = first.astype(np.float32) @ second.T.astype(np.float32)
    total = first.sum(1)[:, None] + second.sum(1) - shared
    return (shared / total).max(axis=1)


def still_life() -> np.ndarray:
    """
    Made-up things on a table, for when there is no photograph at hand.

    :return: (480, 640, 3) uint8 RGB
    """
    picture = np.full((SIDE * 3 // 4, SIDE, 3), (176, 160, 140), np.uint8)
    picture[300:] = (110, 80, 60)
    cv2.rectangle(picture, (60, 180), (200, 380), (180, 40, 40), -1)
    cv2.circle(picture, (320, 330), 80, (230, 170, 30), -1)
    cv2.ellipse(picture, (500, 320), (90, 60), 20, 0, 360, (50, 120, 60), -1)
    cv2.rectangle(picture, (420, 60), (600, 200), (60, 90, 160), -1)
    cv2.circle(picture, (130, 280), 36, (240, 240, 235), -1)
    noise = np.random.default_rng(0).normal(0, 6, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 1.2) + noise, 0, 255).astype(np.uint8)
