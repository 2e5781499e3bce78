# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scenes made by hand: every segment is a filled box of one colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.scene import Scene

SIZE = 320  # pixels a side


def made_scene(
    boxes: Sequence[tuple[int, int, int, int]],
    colours: Sequence[tuple[int, int, int]],
    scores: Sequence[float] | None = None,
    **fields: object,
) -> Scene:
    """
    A grey picture with coloured boxes, and the scene that holds exactly them.

    :param boxes: x0, y0, x1, y1, pixels
    :param colours: RGB, one a box; later boxes are painted over earlier ones
    :param scores: one a box, highest first; None: falling from 0.9
    """
    image = np.full((SIZE, SIZE, 3), 128, np.uint8)
    for (x0, y0, x1, y1), colour in zip(boxes, colours, strict=True):
        image[y0:y1, x0:x1] = colour
    prototypes = np.zeros((32, SIZE // 4, SIZE // 4), np.float32)
    prototypes[0] = 1  # with a coefficient of 1, a mask fills its box
    coefficients = np.zeros((len(boxes), 32), np.float32)
    coefficients[:, 0] = 1
    scores = np.linspace(0.9, 0.5, len(boxes)) if scores is None else scores
    return Scene(
        extents=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.asarray(scores, np.float32),
        coefficients=coefficients,
        prototypes=prototypes,
        letterbox=Letterbox.fit(SIZE, SIZE, SIZE),
        **{'image': image, **fields},
    )
