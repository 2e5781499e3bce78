# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a segment looks like: a histogram of its colours."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.images import packed
from fastsam_ros.core.native import library

HUES, SHADES, BRIGHT = 12, 4, 4  # bins, as in src/following/pixels.cpp
COLOURS = HUES * SHADES * BRIGHT


def colours(image: np.ndarray) -> np.ndarray:
    """
    The bin of each pixel: equal parts of the hue, saturation and value of OpenCV's HSV.

    :param image: (H, W, 3) uint8 RGB
    :return: (H, W) uint8
    """
    height, width = image.shape[:2]
    bins = np.empty((height, width), np.uint8)
    find_colours(image, 1, (0, 0, width, height), bins)
    return bins


def find_colours(
    image: np.ndarray, step: int, window: tuple[int, int, int, int], bins: np.ndarray
) -> None:
    """
    The bins of pixels in a window of the shrunk picture: of each, the image's first counts.

    :param image: (H, W, 3) uint8 RGB
    :param step: pixels of the image that make one of the shrunk picture, a side
    :param window: x0, y0, x1, y1, pixels of the shrunk picture
    :param bins: (H / step, W / step) uint8, filled in the window
    """
    image = packed(image)
    row, _, channel = image.strides
    library().fastsam_bins(
        image.ctypes.data, row, channel, step, np.array(window, np.int64), bins.shape[1], bins)


def normalised(counts: np.ndarray) -> np.ndarray:
    """
    Histograms whose dot product is Bhattacharyya's coefficient.

    :param counts: (K, COLOURS) pixels a bin
    :return: (K, COLOURS) float32, each row of length 1
    """
    roots = np.sqrt(counts, dtype=np.float32)
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-9)
