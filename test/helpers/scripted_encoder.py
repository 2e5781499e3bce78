# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A text model whose answers are known beforehand: it knows colours.

An image's vector says which named colour the mean colour of its middle is near, a text's which
colours it names. An image of no named colour is most like the phrases that fit anything, and a
text that names none is like no image. `register()` makes it known as 'scripted'.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.text import register_encoder
from fastsam_ros.text.query import BACKGROUND

NAME = 'scripted'
COLOURS = {
    'red': (255, 0, 0),
    'green': (0, 255, 0),
    'blue': (0, 0, 255),
    'yellow': (255, 255, 0),
    'purple': (160, 0, 255),
    'white': (255, 255, 255),
    'black': (0, 0, 0),
}
NEAR = 80.0  # how far, of 0 to 442, a mean colour may be from a named one
PLAIN = 0.3  # how like nothing in particular everything is


class ScriptedEncoder:
    """
    See above.

    :param device: what it says that it runs on
    """

    name = NAME
    scale = 20.0

    def __init__(self, device: str = 'auto') -> None:
        self.device = device
        self.texts: list[str] = []  # every text that it was given
        self.batches: list[int] = []  # how many images each call had

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder.encode_text`."""
        self.texts.extend(texts)
        rows = np.zeros((len(texts), len(COLOURS) + 2), np.float32)
        for row, text in zip(rows, texts, strict=True):
            named = [i for i, colour in enumerate(COLOURS) if colour in text.split()]
            fits_anything = any(text.endswith(phrase) for phrase in BACKGROUND)
            row[named or [-2 if fits_anything else -1]] = 1
        return _unit(rows)

    def encode_images(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See `Encoder.encode_images`."""
        self.batches.append(len(crops))
        means = np.stack([_middle(crop).mean(axis=(0, 1)) for crop in crops])
        distances = np.linalg.norm(means[:, None] - np.array(list(COLOURS.values())), axis=2)
        rows = np.zeros((len(crops), len(COLOURS) + 2))
        rows[:, :-2] = np.exp(-((distances / NEAR) ** 2))
        rows[:, -2] = PLAIN
        return _unit(rows)


def register() -> None:
    """Make it known to `load_encoder` under its name."""
    register_encoder(NAME, ScriptedEncoder)


def _middle(crop: np.ndarray) -> np.ndarray:
    """The middle third of each side: the segment without its context."""
    rows, columns = (slice(side // 3, -(-2 * side // 3)) for side in crop.shape[:2])
    return crop[rows, columns]


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
