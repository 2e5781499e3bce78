# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A colour for every id: stable, vivid, and far from those of its neighbours.

The hue turns by the golden ratio from one id to the next, so that any run of ids is spread evenly
over the circle, and the lightness climbs by a sixth of its range, so that ids whose hues come
close (5, 8, 13, ... apart) differ in it. Hue and lightness are those of Oklab
(https://bottosson.github.io/posts/oklab/), where equal steps look equal. In full, for anyone who
repeats it elsewhere (`frac` is the part behind the point):

    lightness = 0.58 + 0.30 * frac(id * 0.176)
    hue       = 2 pi * frac(id * 0.6180339887498949)
    a, b      = 0.16 * cos(hue), 0.16 * sin(hue)
    l, m, s   = (lightness + OKLAB @ (a, b)) ** 3           by component
    linear    = clip(LMS_TO_RGB @ (l, m, s), 0, 1)
    rgb       = floor(255 * gamma(linear) + 0.5)            gamma: that of sRGB
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

HUE_STEP = 0.6180339887498949  # turns
LIGHTNESS_STEP = 0.176  # of the range
DARKEST, RANGE = 0.58, 0.30
CHROMA = 0.16
OKLAB = np.array(
    [
        [0.3963377774, 0.2158037573],
        [-0.1055613458, -0.0638541728],
        [-0.0894841775, -1.2914855480],
    ]
)
LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@lru_cache(maxsize=4096)
def colour(id: int) -> tuple[int, int, int]:
    """
    The colour that goes with an id.

    :param id: at least 0
    :return: red, green and blue, 0 to 255
    """
    red, green, blue = colours([id])[0].tolist()
    return red, green, blue


def colours(ids: Sequence[int]) -> np.ndarray:
    """
    The colours that go with ids.

    :param ids: (N,) integers, at least 0
    :return: (N, 3) uint8 RGB
    """
    numbers = np.asarray(ids, np.float64).reshape(-1)
    lightness = DARKEST + RANGE * (numbers * LIGHTNESS_STEP % 1)
    hue = 2 * np.pi * (numbers * HUE_STEP % 1)
    axes = CHROMA * np.stack([np.cos(hue), np.sin(hue)])
    linear = LMS_TO_RGB @ (lightness + OKLAB @ axes) ** 3
    return np.floor(255 * _gamma(linear.clip(0, 1)).T + 0.5).astype(np.uint8)


def _gamma(linear: np.ndarray) -> np.ndarray:
    curve = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, 12.92 * linear, curve)
