# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A picture of three things in plain colours, of which it is known what lies where."""

import cv2
import numpy as np

SIZE = (640, 480)
GREY = (122, 122, 122)
THINGS = {  # name: colour, a place on it, and one that no mark of a prompt covers
    'red': ((220, 30, 30), (170, 170), (200, 200)),
    'blue': ((30, 60, 220), (470, 150), (430, 190)),
    'yellow': ((240, 230, 20), (330, 360), (370, 380)),
}


def made_picture() -> np.ndarray:
    """(480, 640, 3) uint8 RGB, with a little noise as of a camera."""
    noise = np.random.default_rng(0).normal(0, 5, (*SIZE[::-1], 3))
    picture = np.clip(np.full(noise.shape, GREY) + noise, 0, 255).astype(np.uint8)
    red, blue, yellow = (colour for colour, _, _ in THINGS.values())
    cv2.circle(picture, (170, 170), 80, red, -1, cv2.LINE_AA)
    cv2.rectangle(picture, (380, 80), (560, 220), blue, -1)
    cv2.ellipse(picture, (330, 360), (120, 70), 20, 0, 360, yellow, -1, cv2.LINE_AA)
    return picture
