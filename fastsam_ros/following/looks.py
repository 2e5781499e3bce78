# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a segment looks like: a histogram of its colours."""

from __future__ import annotations

import cv2
import numpy as np

HUES, SHADES, BRIGHT = 12, 4, 4  # bins
COLOURS = HUES * SHADES * BRIGHT

_HUE = (np.arange(256) // 15 * SHADES * BRIGHT).astype(np.uint8)
_SHADE = (np.arange(256) // 64 * BRIGHT).astype(np.uint8)


def colours(small: np.ndarray) -> np.ndarray:
    """
    The bin of each pixel.

    :param small: (h, w, 3) uint8 RGB
    :return: (h, w) uint8
    """
    hue, saturation, value = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2HSV))
    bins = cv2.add(cv2.LUT(hue, _HUE), cv2.LUT(saturation, _SHADE))
    return cv2.add(bins, value >> 6)


def normalised(counts: np.ndarray) -> np.ndarray:
    """
    Histograms whose dot product is Bhattacharyya's coefficient.

    :param counts: (K, COLOURS) pixels a bin
    :return: (K, COLOURS) float32, each row of length 1
    """
    roots = np.sqrt(counts, dtype=np.float32)
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-9)
