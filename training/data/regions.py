# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many annotators' partitions of one picture, merged into one set of regions."""

from __future__ import annotations

import numpy as np
from pycocotools import mask as rle

SMALLEST_SHARE = 0.001  # of the picture; smaller regions are mostly slips of the pen
SAME_REGION = 0.7  # IoU from which two annotators mean the same region


def split(partition: np.ndarray) -> list[dict]:
    """
    List the regions of one annotator.

    :param partition: (H, W) integers, one id a region
    :return: run lengths of pycocotools, one a region that is large enough
    """
    ids, counts = np.unique(partition, return_counts=True)
    kept = ids[counts >= SMALLEST_SHARE * partition.size]
    return [rle.encode(np.asfortranarray(partition == i, dtype=np.uint8)) for i in kept]


def merge(regions: list[dict], threshold: float = SAME_REGION) -> list[dict]:
    """
    Keep one of the regions that several annotators drew alike; parts and wholes both stay.

    The region that most others agree with speaks for all that agree with it; so on with the rest.

    :param regions: run lengths from all annotators
    :param threshold: IoU from which two regions are the same
    :return: the kept ones, most agreed first
    """
    if not regions:
        return []
    overlaps = rle.iou(regions, regions, [0] * len(regions))
    left = np.ones(len(regions), bool)
    kept = []
    while left.any():
        same = (overlaps >= threshold) & left[:, None] & left[None, :]
        speaker = int(np.argmax((overlaps * same).sum(1)))
        kept.append(regions[speaker])
        left &= ~same[speaker]
        left[speaker] = False
    return kept
