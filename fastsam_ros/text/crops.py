# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures of single segments, as an image encoder wants to see them."""

from __future__ import annotations

import cv2
import numpy as np

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.images import contiguous
from fastsam_ros.core.masks.run_lengths import RunLengths

BACKGROUNDS = ('dim', 'blur', 'black', 'white', 'mean')
COARSE = 8  # pixels a side that the context is blurred down to
DIMMED = 0.5  # how bright the dimmed context is
CLIP_MEAN = (123, 117, 104)  # the mean colour of CLIP's training images, RGB
THUMBNAIL = 8  # pixels a side


def cut_out(image: np.ndarray, runs: RunLengths, background: str = 'dim') -> np.ndarray:
    """
    One segment in a square, with its context pushed back.

    The square has the side of the mask's longer edge and the mask in its middle, so that the
    encoder sees the whole segment undistorted. Where it reaches beyond the image it repeats the
    image's edge.

    :param image: (H, W, 3) uint8 RGB
    :param runs: the segment's mask, not empty
    :param background: what the pixels outside the mask become: 'dim' (blurred and half as
        bright), 'blur', 'black', 'white', or 'mean' (the mean colour of CLIP's training images)
    :return: (S, S, 3) uint8 RGB, its own memory
    """
    side = max(runs.width, runs.height)
    top = runs.y - (side - runs.height) // 2
    left = runs.x - (side - runs.width) // 2
    context = _context(_square(image, top, left, side), background)
    y, x = runs.y - top, runs.x - left
    inner = context[y : y + runs.height, x : x + runs.width]
    np.copyto(inner, image[runs.window], where=runs.mask()[..., None])
    return context


def check_background(background: str) -> str:
    """
    The name itself.

    :raises ParameterError: when there is no such background
    """
    if background not in BACKGROUNDS:
        raise ParameterError(
            f'background must be one of {", ".join(BACKGROUNDS)}, not {background!r}'
        )
    return background


def thumbnail(image: np.ndarray, runs: RunLengths) -> np.ndarray:
    """
    What a segment's box shows, coarsely: enough to see whether it still shows the same.

    :param image: (H, W, 3) uint8 RGB
    :param runs: the segment's mask, not empty
    :return: (8, 8, 3) float32, 0 to 255
    """
    view, size = contiguous(image[runs.window]), (THUMBNAIL, THUMBNAIL)
    return cv2.resize(view, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _square(image: np.ndarray, top: int, left: int, side: int) -> np.ndarray:
    """A square of the image that may reach beyond it: (side, side, 3)."""
    height, width = image.shape[:2]
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    if rows[-1] - rows[0] == side - 1 and columns[-1] - columns[0] == side - 1:
        return image[top : top + side, left : left + side]
    return image[rows[:, None], columns]


def _context(square: np.ndarray, background: str) -> np.ndarray:
    if background == 'black':
        return np.zeros(square.shape, np.uint8)
    if background == 'white':
        return np.full(square.shape, 255, np.uint8)
    if background == 'mean':
        return np.full(square.shape, CLIP_MEAN, np.uint8)
    # Down to few pixels and up again: as blurred as a wide Gaussian, at a small part of its cost.
    coarse = cv2.resize(contiguous(square), (COARSE, COARSE), interpolation=cv2.INTER_AREA)
    if background == 'dim':
        coarse = np.rint(coarse * DIMMED).astype(np.uint8)
    return cv2.resize(coarse, square.shape[1::-1], interpolation=cv2.INTER_LINEAR)
