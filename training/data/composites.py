# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Riders and what they ride as one thing more: sets of single things have no label for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from pycocotools import mask as rle

from training.data.samples import Sample

RIDER = 'person'
RIDDEN = {  # COCO's names
    'bicycle', 'motorcycle', 'horse', 'elephant', 'skateboard', 'surfboard', 'snowboard', 'skis'}
NEAR = np.ones((7, 7), np.uint8)  # masks of things that touch lie at most three pixels apart


def with_composites(sample: Sample) -> Sample:
    """
    Label each thing that somebody rides once more, joined with all who ride it.

    :param sample: with names, or nobody knows what is ridden
    :return: its labels, and behind them the joined ones, which have no name
    """
    people = [mask for mask, name in zip(sample.masks, sample.names) if name == RIDER]
    joined = []
    for mask in (mask for mask, name in zip(sample.masks, sample.names) if name in RIDDEN):
        riders = [person for person in people if rides(person, mask)]
        if riders:
            joined.append(rle.merge([mask, *riders]))
    return replace(
        sample, masks=(*sample.masks, *joined), names=(*sample.names, *('' for _ in joined)))


def rides(person: dict, ridden: dict) -> bool:
    """
    Guess whether a person is on a thing, and not beside it or behind.

    :param person: run lengths of pycocotools
    :param ridden: likewise, of the same picture
    """
    return _is_on(rle.toBbox(person), rle.toBbox(ridden)) and touch(person, ridden)


def touch(one: dict, other: dict) -> bool:
    """
    Say whether masks meet, or come as near to each other as annotators' outlines do.

    :param one: run lengths of pycocotools
    :param other: likewise, of the same picture
    """
    return bool((cv2.dilate(rle.decode(one), NEAR) & rle.decode(other)).any())


def _is_on(person: Sequence[float], ridden: Sequence[float]) -> bool:
    """
    By boxes, x, y, width and height: the middle above the thing, the feet on its height.

    Who stands behind it is smaller, and who stands beside it shares little of its width.
    """
    x, y, width, height = person
    left, top, wide, high = ridden
    feet, middle = y + height, x + width / 2
    shared = min(x + width, left + wide) - max(x, left)
    above = left <= middle <= left + wide and y < top + high / 3
    on_it = top <= feet <= top + 1.15 * high
    return bool(above and on_it and height > high / 3 and shared > 0.6 * min(width, wide))
