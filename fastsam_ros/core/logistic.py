# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From logits to probabilities."""

from __future__ import annotations

import numpy as np


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """
    Bring logits to 0..1, their order kept: the logistic function.

    :param logits: of any size, minus infinity as well
    :return: of their shape and type
    """
    with np.errstate(over='ignore'):  # of far below zero, 1 / infinity is right
        return 1 / (1 + np.exp(-logits))
