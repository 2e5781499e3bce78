# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prototypes as src/masks/prototypes.hpp reads them: where they lie, without a copy."""

from __future__ import annotations

import numpy as np


def laid_out(prototypes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Prototypes, and how they lie in memory: plane by plane, pixel by pixel or as a view of more.

    :param prototypes: (P, h, w), copied where they are no aligned float32
    :return: (P, h, w) float32; and (6,) int64, that shape and the way from one plane, row and
        pixel to the next, in values
    :raises ValueError: when they are no planes of at least two rows and columns
    """
    planes = np.asarray(prototypes, np.float32)
    if planes.ndim != 3 or min(planes.shape[1:]) < 2:
        raise ValueError(
            f'prototypes have the shape {planes.shape}; expected planes, rows and columns, and at '
            'least 2 of these')
    if not planes.flags.aligned or any(stride % planes.itemsize for stride in planes.strides):
        planes = planes.copy()
    strides = [stride // planes.itemsize for stride in planes.strides]
    return planes, np.array([*planes.shape, *strides], np.int64)
