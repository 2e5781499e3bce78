# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures as an image network wants them, by Pillow: pixel for pixel as it was trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from fastsam_ros.text.card import Card

_FILTERS = {'bicubic': Image.Resampling.BICUBIC, 'bilinear': Image.Resampling.BILINEAR}


def resized(images: Sequence[np.ndarray], card: Card) -> np.ndarray:
    """
    Pictures in the network's size.

    :param images: K, each (h, w, 3) uint8 RGB
    :return: (K, size, size, 3) uint8 RGB
    """
    return np.stack([_resize(Image.fromarray(image), card) for image in images])


def _resize(image: Image.Image, card: Card) -> np.ndarray:
    width, height = image.size
    size, resample = card.size, _FILTERS[card.interpolation]
    if width == height or card.resize_mode == 'squash':
        return np.asarray(image.resize((size, size), resample))
    if card.resize_mode == 'longest':
        gain = size / max(width, height)
        scaled = image.resize((round(width * gain), round(height * gain)), resample)
        canvas = Image.new('RGB', (size, size))
        canvas.paste(scaled, ((size - scaled.width) // 2, (size - scaled.height) // 2))
        return np.asarray(canvas)
    short = min(width, height)
    scaled = image.resize((size * width // short, size * height // short), resample)
    left, top = (round((side - size) / 2) for side in scaled.size)
    return np.asarray(scaled.crop((left, top, left + size, top + size)))
