# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Outlines that follow the edges in the image.

Prototypes have a quarter of the network's resolution, so outlines are smooth where things are not.
A guided filter (https://doi.org/10.1109/TPAMI.2012.213) takes the band around an outline to where
the image's grey values change.
"""

from __future__ import annotations

import cv2
import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths
from fastsam_ros.core.masks.upsampling import prototype_size, upsample, window_of

REACH = 1.5  # of the filter, prototype pixels
SMOOTHNESS = 1e-3  # epsilon of the filter, for grey values from 0 to 1
BAND = 0.5  # logits are clipped to -BAND..BAND: far from the outline the mask stays as it is


def refine(
    logits: np.ndarray, extent: np.ndarray, letterbox: Letterbox, image: np.ndarray
) -> RunLengths:
    """
    Decode one mask with the image's help.

    :param logits: (h, w) float32, at the prototypes' resolution
    :param extent: (4,) x0, y0, x1, y1, image pixels; the mask stays inside
    :param letterbox: of the image
    :param image: (H, W, 3) uint8 RGB
    """
    rows, columns = window_of(extent, letterbox.height, letterbox.width)
    if rows.start == rows.stop:
        return EMPTY
    radius = max(round(REACH * prototype_size(letterbox)), 1)
    margin = 2 * radius  # the filter averages twice
    soft = np.clip(upsample(logits, letterbox, rows, columns, margin), -BAND, BAND)
    guide = _grey(image, rows, columns, margin)
    inner = guided_filter(guide, soft, radius, SMOOTHNESS)[margin:-margin, margin:-margin]
    mask = np.zeros((letterbox.height, letterbox.width), bool)
    mask[rows, columns] = inner > 0
    return RunLengths.from_mask(mask)


def guided_filter(
    guide: np.ndarray, values: np.ndarray, radius: int, epsilon: float
) -> np.ndarray:
    """
    Smooth values where the guide is smooth, and keep them apart where it has an edge.

    :param guide: (h, w) float32
    :param values: (h, w) float32
    :param radius: of the windows, pixels
    :param epsilon: variance of the guide up to which it counts as smooth
    """
    size = (2 * radius + 1,) * 2

    def mean(array: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(array, -1, size, borderType=cv2.BORDER_REFLECT)

    mean_guide, mean_values = mean(guide), mean(values)
    slope = (mean(guide * values) - mean_guide * mean_values) / (
        mean(guide * guide) - mean_guide * mean_guide + epsilon)
    return mean(slope) * guide + mean(mean_values - slope * mean_guide)


def _grey(image: np.ndarray, rows: slice, columns: slice, margin: int) -> np.ndarray:
    """Grey values of a window and a margin around it, 0 to 1; beyond the image its last ones."""
    height, width = image.shape[:2]
    top, left = max(rows.start - margin, 0), max(columns.start - margin, 0)
    bottom, right = min(rows.stop + margin, height), min(columns.stop + margin, width)
    part = np.ascontiguousarray(image[top:bottom, left:right])
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    around = (
        top - rows.start + margin, rows.stop + margin - bottom,
        left - columns.start + margin, columns.stop + margin - right)
    return cv2.copyMakeBorder(grey, *around, cv2.BORDER_REPLICATE)
