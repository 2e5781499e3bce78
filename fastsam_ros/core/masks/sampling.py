# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Values between pixels, in pictures of any size: OpenCV's `remap` takes no side of 32,767."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

LONGEST = 32_766  # side that `remap` takes, pixels
TILE = 16_384  # side of the pieces of what is longer, pixels


def sample(values: np.ndarray, x: np.ndarray, y: np.ndarray, border: int) -> np.ndarray:
    """
    Bilinear, whatever the size.

    :param values: (h, w) float32
    :param x: (H, W) float32, columns to look at; neighbours lie near each other
    :param y: (H, W) float32, rows likewise
    :param border: OpenCV's name of what lies beyond the values
    :return: (H, W) float32
    """
    if max(*values.shape, *x.shape) <= LONGEST:
        return cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=border)
    out = np.empty(x.shape, np.float32)
    for tile in _tiles(*x.shape):
        columns, rows = _near(x[tile], values.shape[1]), _near(y[tile], values.shape[0])
        out[tile] = cv2.remap(
            values[rows, columns], x[tile] - columns.start, y[tile] - rows.start,
            cv2.INTER_LINEAR, borderMode=border)
    return out


def _tiles(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            yield slice(top, top + TILE), slice(left, left + TILE)


def _near(places: np.ndarray, side: int) -> slice:
    """Pixels of a side that places lie between, and one at each end: at least one pixel."""
    first = min(max(int(np.floor(places.min())) - 1, 0), side - 1)
    return slice(first, max(int(np.ceil(places.max())) + 2, first + 1))
