# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks as YOLACT (arXiv:1904.02689) defines them, pixel by pixel."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import RunLengths


def logits(coefficients: np.ndarray, prototypes: np.ndarray, letterbox: Letterbox) -> np.ndarray:
    """Mask logits at every pixel of the image: (N, H, W) float64, by bilinear sampling."""
    planes = np.tensordot(coefficients.astype(np.float64), prototypes.astype(np.float64), 1)
    _, height, width = planes.shape
    row, down = _sampling(letterbox.rows_in_prototypes(np.arange(letterbox.height)), height)
    column, right = _sampling(letterbox.columns_in_prototypes(np.arange(letterbox.width)), width)
    lines = planes[:, row] * (1 - down)[:, None] + planes[:, row + 1] * down[:, None]
    return lines[:, :, column] * (1 - right) + lines[:, :, column + 1] * right


def _sampling(positions: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The prototype pixel before each position, and how far behind it that lies; clamped."""
    positions = np.clip(positions, 0, size - 1)
    before = np.minimum(np.floor(positions), size - 2).astype(int)
    return before, positions - before


def masks(
    coefficients: np.ndarray, prototypes: np.ndarray, extents: np.ndarray, letterbox: Letterbox
) -> np.ndarray:
    """Where a logit is above 0 inside the box: (N, H, W) bool."""
    y, x = np.mgrid[: letterbox.height, : letterbox.width]
    left, top, right, bottom = extents.T[:, :, None, None]
    inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
    return (logits(coefficients, prototypes, letterbox) > 0) & inside


def whole(runs: RunLengths, height: int, width: int) -> np.ndarray:
    """A mask at the image's size: (H, W) bool, filled run by run."""
    box = np.zeros(runs.width * runs.height, bool)
    end = 0
    for index, count in enumerate(runs.counts.tolist()):
        box[end : end + count] = index % 2
        end += count
    mask = np.zeros((height, width), bool)
    mask[runs.y : runs.y + runs.height, runs.x : runs.x + runs.width] = box.reshape(
        runs.height, runs.width)
    return mask
