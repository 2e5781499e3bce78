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
from fastsam_ros.core.scene import Scene

LARGE = 1 << 21  # bytes of an image whose copy takes longer than to wake a thread


def with_own_images(
    infer: Callable[[Sequence[np.ndarray]], list[Inference]],
    decode: Callable[[list[Inference]], list[Scene]],
    images: Sequence[np.ndarray],
) -> list[Scene]:
    """
    Scenes of images that their owner may change as soon as this returns.

    Another thread copies large ones while masks are made, which uses one core alone.

    :param infer: gives what the network says
    :param decode: makes scenes of that, without a look at the images
    :param images: each (H, W, 3) uint8 RGB
    :raises ImageError: when one is anything else
    """
    if not any(image.nbytes >= LARGE for image in images if isinstance(image, np.ndarray)):
        return decode(infer(owned(images)))
    inferences = infer(images)
    copies = _copying(os.getpid()).submit(owned, images)
    scenes = decode(inferences)
    return [replace(scene, image=image) for scene, image in zip(scenes, copies.result())]


@lru_cache(maxsize=1)
def _copying(process: int) -> ThreadPoolExecutor:
    """
    Threads that wait for images to copy: to begin one takes as long as half of a copy.

    :param process: whose threads they are; one that was forked off has none of its parent's
    """
    return ThreadPoolExecutor(thread_name_prefix='fastsam-copying')
