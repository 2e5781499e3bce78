# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures as browsers show them, and back to pixels."""

from __future__ import annotations

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.images import contiguous

QUALITY = 82  # of JPEG
LONGEST = 1920  # pixels; more than a screen shows is not sent


def to_jpeg(pixels: np.ndarray) -> bytes:
    """
    A picture for the browser.

    :param pixels: (H, W, 3) uint8 RGB; a very large one is made smaller
    """
    scale = LONGEST / max(pixels.shape[:2])
    if scale < 1:
        pixels = cv2.resize(
            contiguous(pixels), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    options = (cv2.IMWRITE_JPEG_QUALITY, QUALITY)
    done, data = cv2.imencode('.jpg', contiguous(pixels[..., ::-1]), options)
    if not done:
        raise ImageError(f'a picture of shape {pixels.shape} could not be made a JPEG')
    return data.tobytes()


def to_pixels(picture: bytes, size: tuple[int, int] | None = None) -> np.ndarray:
    """
    The pixels of what a browser shows.

    :param picture: JPEG or PNG
    :param size: width and height of the camera's picture, which `to_jpeg` may have made smaller:
        it gets them back, as prompts and answers are in its pixels; None: those that it has
    :return: (H, W, 3) uint8 BGR
    :raises ImageError: when it is neither
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise ImageError(f'{len(picture)} bytes are no picture: expected JPEG or PNG')
    if size is not None and size != pixels.shape[1::-1]:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    return pixels
