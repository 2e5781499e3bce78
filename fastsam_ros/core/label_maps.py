# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment is seen at each pixel: one number a pixel, smaller segments on top."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fastsam_ros.core.run_lengths import RunLengths

TABLE = 256  # what a one-byte map and cv2.LUT can tell apart


def index_map(run_lengths: Sequence[RunLengths], height: int, width: int) -> np.ndarray:
    """
    Which segment is seen at each pixel when smaller ones lie on top.

    :param run_lengths: N masks
    :param height: of the image, pixels
    :param width: of the image, pixels
    :return: (height, width) uint8, or uint16 from 256 segments on: 0 for none, else n + 1
    """
    order = sorted(range(len(run_lengths)), key=lambda n: -run_lengths[n].area)
    ranks = np.zeros((height, width), np.uint8 if len(order) < TABLE else np.uint16)
    for rank, n in enumerate(order, 1):
        runs = run_lengths[n]
        if runs.area:
            window = ranks[runs.y : runs.y + runs.height, runs.x : runs.x + runs.width]
            # Ranks only grow, so the larger of two is the smaller segment.
            np.maximum(window, _painted(runs, rank, ranks.dtype), out=window)
    table = np.array([0, *(n + 1 for n in order)], ranks.dtype)
    return look_up(ranks, table)


def _painted(runs: RunLengths, value: int, dtype: np.dtype) -> np.ndarray:
    values = np.zeros(len(runs.counts), dtype)
    values[1::2] = value
    return np.repeat(values, runs.counts).reshape(runs.height, runs.width)


def look_up(indices: np.ndarray, table: np.ndarray) -> np.ndarray:
    """
    `table[indices]`, at the speed of memory when the indices are bytes.

    :param indices: (H, W) uint8 or uint16
    :param table: (N,) or (N, 3), uint8 for indices that are bytes
    """
    if indices.dtype != np.uint8:
        return table[indices]
    padded = np.zeros((TABLE, *table.shape[1:]), np.uint8)
    padded[: len(table)] = table
    if table.ndim == 1:
        return cv2.LUT(indices, padded)
    return cv2.LUT(cv2.merge([indices] * 3), padded[None])
