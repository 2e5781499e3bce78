# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Examples of words that are made by hand."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.text.words.example import Example, Look

RED, GREEN, BLUE = (200, 30, 30), (30, 180, 30), (30, 30, 200)
BOXES = [(10, 10, 90, 90), (120, 10, 200, 90), (10, 200, 120, 300)]


def example(vector=(1, 0), nearest=0.0, counter=False, network='n', picture=b'jpeg') -> Example:
    """An example that a network looked at; no picture is behind it."""
    mask = RunLengths(0, 0, 2, 1, 2, np.array([0, 2], np.uint32))
    look = Look(np.array(vector, np.float32), nearest)
    return Example(picture, mask, (3, 4), (20, 30), counter, {network: look})
