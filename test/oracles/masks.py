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


def fading_masks(
    coefficients: np.ndarray, prototypes: np.ndarray, extents: np.ndarray, letterbox: Letterbox,
    share: float,
) -> np.ndarray:
    """
    Masks that go on beyond the sides of their boxes which they reach: (N, H, W) bool.

    Each logit at a prototype pixel beyond the box is lowered by 4 times its distance in shares of
    the box's sides; no mask goes further than 0.15 of a side. The image's border is no side.
    """
    found = []
    for row, extent in zip(coefficients, extents):
        plane = np.tensordot(row.astype(np.float64), prototypes.astype(np.float64), 1)
        wide, box = _opened(plane, extent, letterbox)
        if (wide != extent).any():
            size = letterbox.width, letterbox.height
            ends = np.concatenate([extent[:2] <= 0, extent[2:] >= size])
            plane = plane - _ramp(plane.shape, box, share, ends)
        found += list(masks(np.ones((1, 1)), plane[None], wide[None], letterbox))
    return np.array(found)


def _opened(
    plane: np.ndarray, extent: np.ndarray, letterbox: Letterbox
) -> tuple[np.ndarray, np.ndarray]:
    """The extent, moved out where the mask reaches it; and as it was, in prototype pixels."""
    pixels = [np.arange(np.ceil(low), np.ceil(high)) for low, high in zip(extent[:2], extent[2:])]
    columns, _ = _sampling(letterbox.columns_in_prototypes(pixels[0]), plane.shape[1])
    rows, _ = _sampling(letterbox.rows_in_prototypes(pixels[1]), plane.shape[0])
    around = plane[rows[0] : rows[-1] + 2, columns[0] : columns[-1] + 2] > 0
    sides = [around[:, 0], around[0], around[:, -1], around[-1]]
    room = 0.15 * np.tile(extent[2:] - extent[:2], 2) * [-1, -1, 1, 1]
    limit = [letterbox.width, letterbox.height] * 2
    wide = np.clip(extent + room * [side.any() for side in sides], 0, limit)
    edges = extent.astype(np.float64) - 0.5  # pixels are counted from their middles
    x = letterbox.columns_in_prototypes(edges[0::2]) + 0.5
    y = letterbox.rows_in_prototypes(edges[1::2]) + 0.5
    return wide.astype(np.float32), np.array([x[0], y[0], x[1], y[1]])


def _ramp(shape: tuple[int, int], box: np.ndarray, share: float, ends: np.ndarray) -> np.ndarray:
    lowered = []
    for axis, size in ((1, shape[0]), (0, shape[1])):
        (low, high), middles = box[axis::2], np.arange(size) + 0.5
        before = np.where(ends[axis], 0, low - middles)
        after = np.where(ends[axis + 2], 0, middles - high)
        beyond = np.maximum(np.maximum(before, after), 0)
        lowered.append(4 * beyond / max(share * (high - low), 0.5))
    return np.hypot(lowered[0][:, None], lowered[1])


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
