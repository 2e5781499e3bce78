# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Pictures whose colours are stored the other way round.

Cameras and OpenCV give BGR. Seen as RGB, by a negative stride, such a picture need not be copied;
but numpy goes through it value by value.
"""

from __future__ import annotations

import cv2
import numpy as np


def is_backwards(image: np.ndarray) -> bool:
    """Whether an (H, W, 3) uint8 picture lies in memory with its last channel first."""
    return image.strides[2] == -1


def copy(image: np.ndarray, out: np.ndarray) -> None:
    """
    Copy a picture, also one that is stored backwards, at the speed of memory.

    :param image: (H, W, 3) uint8, any strides
    :param out: (H, W, 3) uint8, rows of packed pixels; may be the same memory
    """
    if is_backwards(image):
        cv2.cvtColor(image[..., ::-1], cv2.COLOR_BGR2RGB, dst=out)
    else:
        np.copyto(out, image)


def packed(image: np.ndarray) -> np.ndarray:
    """
    The picture itself where its pixels are packed, else a copy.

    :param image: (H, W, 3) uint8, any strides
    """
    if image.flags.c_contiguous:
        return image
    out = np.empty(image.shape, np.uint8)
    copy(image, out)
    return out
