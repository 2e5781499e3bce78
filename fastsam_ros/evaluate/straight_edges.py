# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Outlines that are no outlines: masks cut off by a box that was guessed too small."""

from __future__ import annotations

import cv2
import numpy as np

from fastsam_ros.core.scene import Scene

CONFIDENCE = 0.4  # what people see: the node's default
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


class StraightEdges:
    """Counts pixels of outlines at the prototypes' resolution, over many scenes."""

    def __init__(self) -> None:
        self.outline = self.straight = 0

    @property
    def share(self) -> float:
        """Of all outline pixels, 0 to 1."""
        return self.straight / max(self.outline, 1)

    def add(self, scene: Scene) -> None:
        """
        Count a scene's confident segments.

        :param scene: with its prototypes
        """
        shown = np.flatnonzero(scene.scores > CONFIDENCE)
        if not len(shown):
            return
        picture, boxes = prototype_boxes(scene)
        for logits, box in zip(scene.logits(shown), boxes[shown]):
            outline, straight = count(logits, box, picture)
            self.outline += outline
            self.straight += straight


def count(
    logits: np.ndarray, box: tuple[int, int, int, int], picture: tuple[int, int, int, int]
) -> tuple[int, int]:
    """
    Count the outline pixels of one mask, and those on its box where the logits go on.

    :param logits: (h, w) float32
    :param box: x0, y0, x1, y1: the pixels of the mask's box, x1 and y1 exclusive
    :param picture: likewise: those that are not padding
    :return: pixels of the outline, and of them the straight ones
    """
    inside, visible = (_filled(logits.shape, corners) for corners in (box, picture))
    on = (logits > 0).astype(np.uint8)
    mask = on & inside & visible
    outline = mask & ~cv2.erode(mask, CROSS, borderValue=0)
    beyond = on & visible & ~inside  # the mask would go on there
    straight = outline & cv2.dilate(beyond & 1, CROSS)
    return int(np.count_nonzero(outline & 1)), int(np.count_nonzero(straight & 1))


def prototype_boxes(scene: Scene) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """Prototype pixels whose middles lie in the picture, and in each segment's box: (N, 4)."""
    letterbox = scene.letterbox
    edges = np.concatenate([[[0, 0, scene.width, scene.height]], scene.extents])
    x, y = edges[:, 0::2], edges[:, 1::2]
    columns = letterbox.columns_in_prototypes(x - 0.5) + 0.5  # edges of pixels, not middles
    rows = letterbox.rows_in_prototypes(y - 0.5) + 0.5
    pixels = np.ceil(np.stack([columns, rows], axis=2).reshape(-1, 4) - 0.5).astype(np.int64)
    return tuple(pixels[0].tolist()), pixels[1:]


def _filled(shape: tuple[int, int], box: tuple[int, int, int, int]) -> np.ndarray:
    x0, y0, x1, y1 = (max(int(side), 0) for side in box)
    mask = np.zeros(shape, np.uint8)
    mask[y0:y1, x0:x1] = 1
    return mask
