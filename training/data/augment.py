# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A labelled picture on the network's canvas: scaled, shifted, mirrored, its light changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from pycocotools import mask as rle

from fastsam_ros.core.letterbox import GREY
from training.data.samples import Sample

MASK_STRIDE = 2  # pixels of the canvas a mask pixel: outlines finer than the prototypes'
SMALLEST_VISIBLE = 0.2  # of a mask's area; with less it is no longer the same thing
SMALLEST_AREA = 20  # pixels
MOST_DEVIATIONS = 2  # of the scale
COLOUR_SHARE = 0.3  # of the change of light, for each colour by itself


@dataclass(frozen=True)
class Placed:
    """
    One training example of H x W pixels with N labels.

    :param image: (H, W, 3) uint8 RGB
    :param boxes: (N, 4) float32, x0, y0, x1, y1 in pixels of the canvas
    :param masks: (N, H / 2, W / 2) bool
    :param complete: whether what has no label is background
    :param names: of what each label shows, '' where nobody said
    """

    image: np.ndarray
    boxes: np.ndarray
    masks: np.ndarray
    complete: bool
    names: tuple[str, ...]


@dataclass(frozen=True)
class Jitter:
    """
    How much pictures are changed; all 0: letterboxed in the middle, as for inference.

    :param scale: standard deviation of the scale's logarithm
    :param shift: 1: anywhere that makes no needless padding, 0: centred
    :param mirror: probability of left and right changing places
    :param light: largest change of gain and offset, a share
    """

    scale: float = 0.3
    shift: float = 1.0
    mirror: float = 0.5
    light: float = 0.25


def place(
    sample: Sample, canvas: tuple[int, int], jitter: Jitter, random: np.random.Generator
) -> Placed:
    """
    Put a picture and its masks on a canvas.

    :param sample: the picture
    :param canvas: height and width, pixels, multiples of 32
    :param jitter: how much to change
    :param random: where the changes come from
    """
    image = change_light(sample.image(), jitter.light, random)
    matrix = placement(image.shape[:2], canvas, jitter, random)
    moved = cv2.warpAffine(
        image, matrix, canvas[::-1], flags=cv2.INTER_LINEAR, borderValue=(GREY,) * 3)
    boxes, masks, kept = move_masks(sample.masks, matrix, canvas)
    names = tuple(sample.names[i] if sample.names else '' for i in kept)
    return Placed(moved, boxes, masks, sample.complete, names)


def placement(
    size: tuple[int, int], canvas: tuple[int, int], jitter: Jitter, random: np.random.Generator
) -> np.ndarray:
    """
    Draw where a picture goes.

    :param size: its height and width, pixels
    :param canvas: height and width, pixels
    :param jitter: how much to change
    :param random: where the changes come from
    :return: (2, 3) from the picture's pixel indices to the canvas's
    """
    (height, width), (rows, columns) = size, canvas
    deviation = np.clip(random.normal(), -MOST_DEVIATIONS, MOST_DEVIATIONS)
    scale = min(rows / height, columns / width) * np.exp(deviation * jitter.scale)
    free = np.array([columns - width * scale, rows - height * scale])
    offset = free * (0.5 + jitter.shift * random.uniform(-0.5, 0.5, 2))
    matrix = np.hstack((np.eye(2) * scale, (offset + (scale - 1) / 2)[:, None]))
    if random.random() < jitter.mirror:
        matrix[0] = (0, 0, columns - 1) - matrix[0]
    return matrix


def move_masks(
    masks: Sequence[dict], matrix: np.ndarray, canvas: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """
    Put masks on the canvas and drop those of which too little is left.

    :param masks: run lengths of pycocotools
    :param matrix: (2, 3) as `placement` gives it
    :param canvas: height and width, pixels
    :return: boxes (N, 4) float32 and masks (N, H / 2, W / 2) bool, as in `Placed`; and which of
        the masks they are of
    """
    height, width = canvas
    boxes, small, kept = [np.zeros((0, 4), np.float32)], [], []
    for index, mask in enumerate(masks):
        full = cv2.warpAffine(rle.decode(mask), matrix, (width, height), flags=cv2.INTER_LINEAR)
        expected = float(rle.area(mask)) * matrix[1, 1] ** 2
        if cv2.countNonZero(full) < max(SMALLEST_AREA, SMALLEST_VISIBLE * expected):
            continue
        x, y, w, h = cv2.boundingRect(full)
        boxes.append(np.array([[x, y, x + w, y + h]], np.float32))
        small.append(_shrunk(full))
        kept.append(index)
    empty = np.zeros((0, height // MASK_STRIDE, width // MASK_STRIDE), bool)
    return np.concatenate(boxes), np.array(small) if small else empty, kept


def _shrunk(mask: np.ndarray) -> np.ndarray:
    height, width = (side // MASK_STRIDE for side in mask.shape)
    return mask.reshape(height, MASK_STRIDE, width, MASK_STRIDE).mean((1, 3)) >= 0.5


def change_light(image: np.ndarray, most: float, random: np.random.Generator) -> np.ndarray:
    """
    Change gain, offset and the balance of colours.

    :param image: (H, W, 3) uint8 RGB
    :param most: largest change, a share
    :param random: where the changes come from
    """
    gain, offset = most * random.uniform(-1, 1, 2)
    colours = COLOUR_SHARE * most * random.uniform(-1, 1, 3)
    table = np.arange(256)[:, None] * (1 + gain) * (1 + colours) + offset * 128
    return cv2.LUT(image, table.clip(0, 255).astype(np.uint8)[None])
