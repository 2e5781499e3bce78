# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images that scenes keep: copies, where their owner may change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
import os

import numpy as np

from fastsam_ros.backends.processing import Inference
from fastsam_ros.core.images import owned

LARGE = 1 << 22  # bytes of an image whose copy takes much longer than to wake a thread


def with_own_images(
    infer: Callable[[Sequence[np.ndarray]], list[Inference]], images: Sequence[np.ndarray]
) -> list[Inference]:
    """
    Infer from images that their owner may change later, as soon as this returns.

    Another thread copies large ones meanwhile: what comes before the network uses one core alone.

    :param infer: keeps its images as they are
    :param images: each (H, W, 3) uint8 RGB
    :raises ImageError: when one is anything else
    """
    if not any(image.nbytes >= LARGE for image in images if isinstance(image, np.ndarray)):
        return infer(owned(images))
    copies = _copying(os.getpid()).submit(owned, images)
    return [replace(one, image=image) for one, image in zip(infer(images), copies.result())]


@lru_cache(maxsize=1)
def _copying(process: int) -> ThreadPoolExecutor:
    """
    Threads that wait for images to copy: to begin one takes as long as half of a copy.

    :param process: whose threads they are; one that was forked off has none of its parent's
    """
    return ThreadPoolExecutor(thread_name_prefix='fastsam-copying')
