# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Images as they lie in memory.

Cameras and OpenCV give BGR. Seen as RGB, through a negative stride, such an image need not be
copied; but numpy goes through it value by value, and OpenCV does not take it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.memory import empty

CHANNELS = 3


def check_image(image: np.ndarray) -> None:
    """
    Refuse anything but an RGB image.

    :raises ImageError: unless the image is (H, W, 3) uint8 with at least one pixel
    """
    if not isinstance(image, np.ndarray):
        raise ImageError(f'an image must be a numpy array, not {type(image).__name__}')
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ImageError(
            f'an image must be (height, width, 3) uint8 RGB with at least one pixel, '
            f'not {image.shape} {image.dtype}')


def is_bgr(image: np.ndarray) -> bool:
    """Whether an (H, W, 3) uint8 RGB image is a view of memory that holds BGR."""
    return image.strides[2] == -1


def copy_pixels(image: np.ndarray, out: np.ndarray) -> None:
    """
    Copy an image, a view of BGR too, at the speed of memory.

    :param image: (H, W, 3) uint8, any strides
    :param out: (H, W, 3) uint8, the pixels of a row packed; may be the same memory
    """
    if is_bgr(image):
        cv2.cvtColor(image[..., ::-1], cv2.COLOR_BGR2RGB, dst=out)
    else:
        np.copyto(out, image)


def contiguous(image: np.ndarray) -> np.ndarray:
    """
    The image itself where its memory is C-contiguous, else a copy.

    :param image: (H, W, 3) uint8, any strides
    """
    return image if image.flags.c_contiguous else copied(image)


def copied(image: np.ndarray) -> np.ndarray:
    """
    A C-contiguous copy.

    :param image: (H, W, 3) uint8, any strides
    """
    out = empty(image.shape, np.uint8)
    copy_pixels(image, out)
    return out


def packed(image: np.ndarray) -> np.ndarray:
    """
    The image itself where the pixels of each row lie side by side, else a copy.

    :param image: (H, W, 3) uint8, any strides
    """
    _, pixel, channel = image.strides
    return image if pixel == CHANNELS and abs(channel) == 1 else copied(image)


def owned(images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """
    The images, copied where anybody could still write into them: scenes keep them.

    :raises ImageError: when one is not (H, W, 3) uint8
    """
    for image in images:
        check_image(image)
    return [image if _is_fixed(image) else copied(image) for image in images]


def _is_fixed(memory: object) -> bool:
    """
    Whether nobody can write into what an image lies in.

    A view that cannot be written into says nothing of the memory behind it, such as a camera's
    ring buffer: what counts is where the chain of views ends.
    """
    if isinstance(memory, memoryview):
        return _is_fixed(memory.obj)
    if not isinstance(memory, np.ndarray):
        return isinstance(memory, bytes)
    if memory.flags.writeable:
        return False
    return memory.flags.owndata or _is_fixed(memory.base)


def rectangles(height: int, width: int) -> np.ndarray:
    """
    Rectangles of many colours and sizes, always the same: something for a network to find.

    :param height: pixels
    :param width: pixels
    :return: (height, width, 3) uint8
    """
    rng = np.random.default_rng(0)
    image = np.full((height, width, 3), 120, np.uint8)
    for x, y, wide, high in rng.uniform(0, 0.5, (40, 4)) * ([width, height] * 2):
        image[int(y) : int(y + high) + 1, int(x) : int(x + wide) + 1] = rng.integers(0, 256, 3)
    return image


def keep_opencv_to_one_thread() -> None:
    """
    Keep OpenCV to the thread that calls it, in the whole process.

    Its threads wait for each other without sleeping. Beside a network that uses all cores they
    scale an image later than one thread would, and the waiting takes time from the network.
    """
    cv2.setNumThreads(1)
