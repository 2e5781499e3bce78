# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How well things of one name are told from others by their looks alone, as SIMILAR does."""

from __future__ import annotations

import numpy as np


def precisions(looks: np.ndarray, names: np.ndarray) -> list[float]:
    """
    Average precision of ranking a picture's other things by how much they look like each.

    :param looks: (N, D) float32 of their segments, of length 1; see `Segments.looks`
    :param names: (N,) int64, numbers of their names
    :return: 0 to 1, of each thing that has both a thing of its name and one of another beside it
    """
    likeness = looks @ looks.T
    found = []
    for number, name in enumerate(names):
        rest = np.arange(len(names)) != number
        right = (names[rest] == name)[np.argsort(-likeness[number, rest], kind='stable')]
        if right.any() and not right.all():
            among = np.cumsum(right) / np.arange(1, len(right) + 1)
            found.append(float(among[right].mean()))
    return found
