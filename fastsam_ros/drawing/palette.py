# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A colour for every id: stable as long as a thing is followed, far from its neighbours'."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.drawing.style import PALETTE

_TABLE = np.array(PALETTE, np.uint8)


def colour(id: int) -> tuple[int, int, int]:
    """
    The colour that goes with an id.

    :param id: at least 0
    :return: red, green and blue, 0 to 255
    """
    return PALETTE[(id - 1) % len(PALETTE)]


def colours(ids: Sequence[int]) -> np.ndarray:
    """
    The colours that go with ids.

    :param ids: (N,) integers, at least 0
    :return: (N, 3) uint8 RGB
    """
    return _TABLE[(np.asarray(ids, np.int64).reshape(-1) - 1) % len(PALETTE)]
