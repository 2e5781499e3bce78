# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Folders of made-up pictures, in both notations that training reads."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as rle

SIZES = [(48, 64), (64, 48), (48, 64)]  # heights and widths, pixels


def make_coco(folder: Path) -> Path:
    """Write three pictures of a bright block each; masks as polygon, run lengths, compressed."""
    (folder / 'images').mkdir(parents=True)
    images, annotations = [], []
    for index, (height, width) in enumerate(SIZES):
        mask = np.zeros((height, width), np.uint8)
        mask[10:34, 8 + 4 * index:40] = 1
        name = f'{index}.png'
        cv2.imwrite(str(folder / 'images' / name), picture(mask, index))
        images.append({'id': index, 'file_name': name, 'height': height, 'width': width})
        annotations.append({
            'id': index + 1, 'image_id': index, 'category_id': 1, 'iscrowd': 0,
            'area': int(mask.sum()), 'segmentation': NOTATIONS[index](mask),
            'bbox': [8 + 4 * index, 10, 32 - 4 * index, 24],
            **({'name': 'cup'} if index == 1 else {})})
    annotations.append({**annotations[0], 'id': 9, 'iscrowd': 1, 'segmentation': runs(mask)})
    categories = [{'id': 1, 'name': 'block'}]
    content = {'images': images, 'annotations': annotations, 'categories': categories}
    (folder / 'instances.json').write_text(json.dumps(content))
    return folder


def make_partitions(folder: Path) -> Path:
    """Write one picture and two annotators: both see a block, one of them its halves."""
    (folder / 'images').mkdir(parents=True)
    (folder / 'regions').mkdir()
    whole = np.ones((48, 64), np.uint8)
    whole[10:34, 10:50] = 2
    halves = whole.copy()
    halves[10:34, 30:50] = 3
    cv2.imwrite(str(folder / 'images' / 'a.png'), picture(whole - 1, 7))
    cv2.imwrite(str(folder / 'regions' / 'a_0.png'), whole)
    cv2.imwrite(str(folder / 'regions' / 'a_1.png'), halves)
    return folder


def picture(mask: np.ndarray, seed: int) -> np.ndarray:
    """Draw noise that is brighter where the mask is."""
    noise = np.random.default_rng(seed).integers(0, 90, (*mask.shape, 3))
    return (noise + 150 * mask[..., None]).astype(np.uint8)


def polygon(mask: np.ndarray) -> list[list[float]]:
    """Outline a block as COCO does."""
    y, x = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    x0, y0, x1, y1 = (float(v) for v in (x[0], y[0], x[-1] + 1, y[-1] + 1))
    return [[x0, y0, x1, y0, x1, y1, x0, y1]]


def runs(mask: np.ndarray) -> dict:
    """Count column by column, background first."""
    flat = np.concatenate([[0], mask.ravel(order='F'), [0]])
    edges = np.flatnonzero(np.diff(flat))
    counts = np.diff(np.concatenate([[0], edges, [mask.size]])).tolist()
    return {'size': list(mask.shape), 'counts': counts}


def compressed(mask: np.ndarray) -> dict:
    """Encode with pycocotools, as text."""
    code = rle.encode(np.asfortranarray(mask))
    return {'size': code['size'], 'counts': code['counts'].decode()}


NOTATIONS = [polygon, runs, compressed]
