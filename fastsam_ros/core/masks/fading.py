# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Masks that fade beyond their boxes instead of ending at them.

A box that was guessed too small cuts its mask: the outline runs straight along the box, though the
mask's logits go on. Here they are lowered by the way beyond the box, measured in its sides, where
the mask comes to the box at all: the outline ends where the mask itself gets weak, and no mask
runs far. src/masks/fade.hpp and src/masks/tile.hpp do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.masks.shaping import REACH as GROWTH
from fastsam_ros.core.masks.shaping import frame_of, large_boxes
from fastsam_ros.core.native import library

REACH = 0.15  # of a box's side, beyond which no mask goes; as in src/masks/fade.hpp


@dataclass(frozen=True, eq=False)
class Fading:
    """
    How N masks fade that a device makes.

    :param reaches: (N, 4) int64 left, top, right, bottom, image pixels, the last two exclusive:
        where each mask ends at the latest
    :param ramps: (N, 6) float64: the box in prototype pixels, left, top, right, bottom, infinitely
        far where it ends with the image; and by how much a prototype pixel beyond it lowers a
        logit, across and down
    """

    reaches: np.ndarray
    ramps: np.ndarray

    @classmethod
    def of(cls, extents: np.ndarray, letterbox: Letterbox) -> Fading:
        """
        Measure how masks fade beyond their boxes.

        :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
        :param letterbox: of the image
        """
        count = len(extents)
        fading = cls(np.empty((count, 4), np.int64), np.empty((count, 6), np.float64))
        library().fastsam_fading(
            count, np.ascontiguousarray(extents, np.float32), frame_of(letterbox), fading.reaches,
            fading.ramps)
        return fading

    def part(self, chosen: slice) -> Fading:
        """How some of the masks fade."""
        return Fading(self.reaches[chosen], self.ramps[chosen])


def reachable(extents: np.ndarray, letterbox: Letterbox) -> np.ndarray:
    """
    Boxes that hold whatever masks are made of others, before any is made.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels, as the network has them
    :param letterbox: of the image
    :return: (N, 4) float32
    """
    shares = np.full((len(extents), 1), REACH, np.float32)
    # They grow, and then fade beyond what they have become.
    shares[large_boxes(extents, letterbox)] = GROWTH + REACH * (1 + 2 * GROWTH)
    room = shares * (extents[:, 2:] - extents[:, :2])
    return np.concatenate([extents[:, :2] - room, extents[:, 2:] + room], axis=1)


def holding(extents: np.ndarray, masks: Sequence[RunLengths]) -> np.ndarray:
    """
    Boxes moved outwards to where their masks go on.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param masks: N masks; empty ones move nothing
    :return: (N, 4) float32
    """
    if not len(masks):
        return extents
    tight = RunTable.of(masks).boxes[:, :4].astype(np.float32)
    there = tight[:, 2:3] > 0
    tight[:, 2:] += tight[:, :2]
    moved = extents.copy()
    np.minimum(moved[:, :2], tight[:, :2], out=moved[:, :2], where=there)
    np.maximum(moved[:, 2:], tight[:, 2:], out=moved[:, 2:], where=there)
    return moved
