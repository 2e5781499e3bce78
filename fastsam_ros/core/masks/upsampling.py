# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Logits at image pixels, where more is wanted of a mask than its outline."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from fastsam_ros.core.letterbox import PROTOTYPE_STRIDE, Letterbox
from fastsam_ros.core.masks.sampling import sample


def window_of(extent: np.ndarray, height: int, width: int) -> tuple[slice, slice]:
    """
    Rows and columns of the pixels in a box.

    :param extent: (4,) x0, y0, x1, y1, image pixels
    :param height: of the image, pixels
    :param width: of the image, pixels
    """
    x0, y0, x1, y1 = np.ceil(extent).astype(int).tolist()
    rows, columns = slice(max(y0, 0), min(y1, height)), slice(max(x0, 0), min(x1, width))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else (
        slice(0, 0), slice(0, 0))


def upsample(
    logits: np.ndarray, letterbox: Letterbox, rows: slice, columns: slice, margin: int
) -> np.ndarray:
    """
    Bilinear, as the network's masks are; beyond the image's border they go on as they are there.

    :param logits: (h, w) float32, one mask's at the prototypes' resolution
    :param letterbox: of the image
    :param rows: of the image
    :param columns: of the image
    :param margin: pixels around them
    :return: (rows + 2 margin, columns + 2 margin) float32
    """
    y = letterbox.rows_in_prototypes(np.arange(rows.start - margin, rows.stop + margin))
    x = letterbox.columns_in_prototypes(np.arange(columns.start - margin, columns.stop + margin))
    grid = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return sample(logits, *grid, cv2.BORDER_REPLICATE)


def prototypes_at(prototypes: Any, letterbox: Letterbox, points: np.ndarray) -> np.ndarray:
    """
    What the prototypes are at points; times a segment's coefficients it is its mask's logit.

    :param prototypes: (32, h, w), wherever the network left them
    :param letterbox: of the image
    :param points: (P, 2) x, y, image pixels
    :return: (P, 32) float32, of the nearest prototype pixel
    """
    height, width = prototypes.shape[1:]
    nearest = np.maximum(np.rint(letterbox.points_in_prototypes(points)), 0).astype(int)
    columns, rows = np.minimum(nearest, (width - 1, height - 1)).T
    return np.ascontiguousarray(on_host(prototypes[:, rows, columns]).T)


def prototype_size(letterbox: Letterbox) -> float:
    """Image pixels that a prototype pixel spans."""
    return PROTOTYPE_STRIDE / min(letterbox.gain)


def on_host(array: Any) -> np.ndarray:
    """Prototypes as an array of numpy's, float32, wherever the network left them."""
    return array.float().cpu().numpy() if hasattr(array, 'cpu') else np.asarray(array, np.float32)
