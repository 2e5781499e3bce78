# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a segment looks like: a histogram of its colours."""

from __future__ import annotations

import cv2
import numpy as np

HUES, SHADES, BRIGHT = 12, 4, 4  # bins


def colours(small: np.ndarray) -> np.ndarray:
    """
    The bin of each pixel.

    :param small: (h, w, 3) uint8 RGB
    :return: (h, w) uint8
    """
    hue, saturation, value = cv2.split(cv2.cvtColor(small, cv2.COLOR_RGB2HSV))
    return hue // 15 * (SHADES * BRIGHT) + saturation // 64 * BRIGHT + value // 64


def histogram(bins: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """
    Colours of a mask: (HUES * SHADES * BRIGHT,) float32, of length 1.

    :param bins: (h, w) uint8, of `colours`
    :param mask: (h, w) bool
    """
    counts = np.sqrt(np.bincount(bins[mask], minlength=HUES * SHADES * BRIGHT))
    return (counts / max(float(np.linalg.norm(counts)), 1e-9)).astype(np.float32)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Bhattacharyya's coefficient of two histograms, 0 to 1."""
    return float(one @ other)
