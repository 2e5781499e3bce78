# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures that stand for camera frames, and thresholds that find so many segments in them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.fastsam import FastSam

# Photographs that scikit-image ships, four a frame: a scene with things in it.
FRAMES = (
    ('coffee', 'astronaut', 'motorcycle_left', 'rocket'),
    ('chelsea', 'motorcycle_right', 'coffee', 'clock_motion'),
    ('rocket', 'coins', 'astronaut', 'camera'),
    ('motorcycle_left', 'chelsea', 'coins', 'coffee'),
)
LEAST = 1e-4  # confidence


def frames(height: int, width: int) -> list[np.ndarray]:
    """
    Camera frames of a size, all different.

    :return: each (height, width, 3) uint8 RGB
    """
    return [mosaic([photograph(name) for name in names], height, width) for names in FRAMES]


def photograph(name: str) -> np.ndarray:
    """One of scikit-image's photographs: (H, W, 3) uint8 RGB."""
    import skimage.data

    folder = Path(skimage.data.__file__).parent
    (file,) = (path for path in folder.iterdir() if path.stem == name)
    return cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)


def mosaic(pictures: list[np.ndarray], height: int, width: int) -> np.ndarray:
    """Four pictures in the quarters of one, stretched to fit."""
    frame = np.empty((height, width, 3), np.uint8)
    middle_y, middle_x = height // 2, width // 2
    rows, columns = (slice(0, middle_y), slice(middle_y, height)), (
        slice(0, middle_x), slice(middle_x, width))
    places = [frame[row, column] for row in rows for column in columns]
    for place, picture in zip(places, pictures):
        place[:] = cv2.resize(picture, place.shape[1::-1], interpolation=cv2.INTER_AREA)
    return frame


def threshold(model: FastSam, images: list[np.ndarray], segments: int) -> float:
    """
    The confidence at which a model finds so many segments in an image on average.

    Suppression goes from the best down, so what is below a threshold changes nothing above.
    """
    before = model.confidence, model.max_segments
    model.confidence, model.max_segments = LEAST, 10 * segments
    scores = np.sort(np.concatenate([model(image).scores for image in images]))[::-1]
    model.confidence, model.max_segments = before
    wanted = segments * len(images)
    return float(scores[min(wanted, len(scores)) - 1]) if len(scores) else LEAST
