# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What makes one thing look like itself and like nothing else: colours and mask coefficients."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.looks import unit
from fastsam_ros.core.scene import Scene
from fastsam_ros.core.segments import Indices
from fastsam_ros.following.looks import colours
from fastsam_ros.following.small_mask import Grid
from fastsam_ros.following.view import histograms, small_masks

VERSION = 1  # goes up when the vectors become others: kept ones are made anew
COLOUR = 2 / 3  # weight of the colours in the likeness of two segments; the rest: coefficients


def appearance(scene: Scene, indices: Indices = None) -> np.ndarray:
    """
    Vectors of segments whose dot product says how surely both show the same thing.

    A thing's kind is in `Scene.looks`; this tells things of a kind apart. It is the weighted mean
    of Bhattacharyya's coefficient of the colours under the masks, and the cosine of the mask
    coefficients. `docs/words.md` compares it with other vectors.

    :param scene: with its image
    :param indices: which segments, see `Segments.indices_of`
    :return: (K, D) float32, unit length, not negative by more than the coefficients' part
    """
    chosen = scene.indices_of(indices)
    coefficients = unit(np.asarray(scene.coefficients, np.float32)[chosen])
    if not len(chosen):
        return np.zeros((0, 0), np.float32)
    grid = Grid(scene.height, scene.width)
    masks = small_masks(scene.run_lengths(chosen), grid)
    seen = histograms(masks, colours(grid.shrink(scene.image)))
    return np.concatenate(
        [np.sqrt(COLOUR) * seen, np.sqrt(1 - COLOUR) * coefficients], axis=1,
        dtype=np.float32)
