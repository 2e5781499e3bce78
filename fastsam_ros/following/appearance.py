# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What makes one thing look like itself and like nothing else: colours and mask coefficients."""

from __future__ import annotations

from functools import cache

import numpy as np

from fastsam_ros.core.indices import Indices
from fastsam_ros.core.looks import unit
from fastsam_ros.core.scene import Scene
from fastsam_ros.following.looks import BRIGHT, HUES, SHADES, histograms, normalised
from fastsam_ros.following.small_mask import Grid, small_masks

VERSION = 1  # goes up when the vectors become others: kept ones are made anew
COLOUR = 0.75  # weight of the colours in the likeness of two segments; the rest: coefficients
# What a bin of the histogram gives to its two neighbours, since another light moves colours from
# bin to bin: of the hues, the saturations and the values.
SPREAD = (0.3, 0.5, 0.6)


def appearance(scene: Scene, indices: Indices = None) -> np.ndarray:
    """
    Vectors of segments whose dot product says how surely both show the same thing.

    A thing's kind is in `Scene.looks`; this tells things of a kind apart. It is the weighted mean
    of Bhattacharyya's coefficient of the colours under the masks, and the cosine of the mask
    coefficients. `docs/reference/words.md` compares it with other vectors.

    :param scene: with its image
    :param indices: which segments, see `Segments.indices_of`
    :return: (K, D) float32, unit length, not negative by more than the coefficients' part
    """
    chosen = scene.indices_of(indices)
    coefficients = unit(np.asarray(scene.coefficients, np.float32)[chosen])
    if not len(chosen):
        return np.zeros((0, 0), np.float32)
    grid = Grid(scene.height, scene.width)
    masks = small_masks(scene.run_table(chosen), grid)
    small = grid.shrink(scene.image)
    roots = histograms(masks, small, most=small.size)
    seen = normalised(roots**2 @ _spreading())
    return np.concatenate(
        [np.sqrt(COLOUR) * seen, np.sqrt(1 - COLOUR) * coefficients], axis=1,
        dtype=np.float32)


@cache
def _spreading() -> np.ndarray:
    """What each bin gives to each: (COLOURS, COLOURS) float32."""
    hues, shades, values = (
        _neighbours(bins, share) for bins, share in zip((HUES, SHADES, BRIGHT), SPREAD))
    hues[0, -1] = hues[-1, 0] = SPREAD[0] / 2  # hues are a circle
    hues[0, 0] = hues[-1, -1] = 1 - SPREAD[0]
    return np.kron(np.kron(hues, shades), values).astype(np.float32)


def _neighbours(bins: int, share: float) -> np.ndarray:
    """The same along one axis; at its ends a bin keeps what would leave: (bins, bins)."""
    matrix = np.diag(np.full(bins, 1 - share))
    matrix += np.diag(np.full(bins - 1, share / 2), 1) + np.diag(np.full(bins - 1, share / 2), -1)
    matrix[[0, -1], [0, -1]] += share / 2
    return matrix
