# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks whose outlines have many shapes."""

from __future__ import annotations

import numpy as np
import torch

from fastsam_ros.core.letterbox import Letterbox


def random_masks(height, width, count=24, seed=0):
    """Coefficients, prototypes, extents and letterbox of blobs with outlines of many shapes."""
    rng = np.random.default_rng(seed + height)
    letterbox = Letterbox.fit(height, width, 320)
    shape = letterbox.input_height // 4, letterbox.input_width // 4
    coarse = torch.from_numpy(rng.normal(size=(1, 32, shape[0] // 6 + 2, shape[1] // 6 + 2)))
    smooth = torch.nn.functional.interpolate(coarse, shape, mode='bicubic')[0].numpy()
    prototypes = (smooth + 0.05 * rng.normal(size=smooth.shape)).astype(np.float32)
    coefficients = rng.normal(size=(count, 32)).astype(np.float32)
    corners = np.sort(rng.uniform(0, 1, (count, 2, 2)), axis=1) * (width, height)
    extents = corners.reshape(count, 4).astype(np.float32)
    extents[0] = 0, 0, width, height
    extents[1] = width / 2, 0, width / 2, height  # empty
    extents[2] = width, height, width, height
    return coefficients, prototypes, extents, letterbox
