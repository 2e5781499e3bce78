# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was asked, shown on the picture: points as discs and boxes as frames."""

from __future__ import annotations

import cv2
import numpy as np

from fastsam_ros.core.prompts import Prompt

FOREGROUND = (46, 204, 113)  # RGB
BACKGROUND = (231, 76, 60)
RING = (255, 255, 255)
SIZE_SHARE = 1 / 110  # a disc's radius, of the picture's shorter side


def mark_prompt(picture: np.ndarray, prompt: Prompt) -> None:
    """
    Draw a prompt's points and box: green asks for a thing, red excludes it.

    :param picture: (H, W, 3) uint8 RGB, changed in place
    :param prompt: in pixels of the picture
    """
    radius = max(round(min(picture.shape[:2]) * SIZE_SHARE), 4)
    if prompt.box is not None:
        x0, y0, x1, y1 = prompt.box.tolist()
        for colour, width in ((RING, max(radius // 2, 3)), (FOREGROUND, max(radius // 4, 1))):
            cv2.rectangle(picture, (x0, y0), (x1 - 1, y1 - 1), colour, width, cv2.LINE_AA)
    for (x, y), label in zip(prompt.points.tolist(), prompt.labels):
        centre = (int(x), int(y))
        cv2.circle(picture, centre, radius + max(radius // 3, 1), RING, -1, cv2.LINE_AA)
        cv2.circle(picture, centre, radius, FOREGROUND if label else BACKGROUND, -1, cv2.LINE_AA)
