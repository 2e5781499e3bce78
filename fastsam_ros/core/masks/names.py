# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Names of the anchors that survive suppression, some hundred of thousands.

For all of them the network's last layer takes 1 to 2 % of its time; src/masks/names.cpp computes
it for these alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastsam_ros.core.logistic import sigmoid
from fastsam_ros.core.native import library


class Head(NamedTuple):
    """
    The last layer of a level, which makes logits of names of an anchor's features.

    :param weights: (C, K) float32, contiguous
    :param biases: (K,) float32
    """

    weights: np.ndarray
    biases: np.ndarray


def name_scores(
    levels: Sequence[np.ndarray], heads: Sequence[Head], anchors: np.ndarray
) -> np.ndarray:
    """
    How likely names are of some anchors.

    :param levels: (A, C) features a level, an anchor after the other: float32, or bfloat16 whose
        bits are in uint16, as numpy has no such type; contiguous
    :param heads: of the levels
    :param anchors: (N,) int64, numbers that go on from level to level
    :return: (N, K) float32, 0 to 1
    """
    logits = np.empty((len(anchors), len(heads[0].biases)), np.float32)
    first = 0
    for features, (weights, biases) in zip(levels, heads):
        library().fastsam_names(
            len(anchors), anchors, first, *features.shape, features.ctypes.data,
            features.dtype == np.uint16, len(biases), weights, biases, logits)
        first += len(features)
    return sigmoid(logits)
