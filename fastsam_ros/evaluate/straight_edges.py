# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Outlines that are no outlines: masks cut off by a box that was guessed too small."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.scene import Scene

CONFIDENCE = 0.4  # what people see: the node's default
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
LENGTH = 5  # prototype pixels from which a line is seen as straight
LINES = np.ones((1, LENGTH), np.uint8), np.ones((LENGTH, 1), np.uint8)  # ends of columns, of rows


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
        logits, runs = scene.logits(shown), scene.run_lengths(shown)
        size = logits.shape[1:]
        visible = visible_prototypes(scene.letterbox, size)
        for values, run in zip(logits, runs):
            mask = prototype_mask(run, scene.letterbox, size)
            outline, straight = count(mask, values, visible)
            self.outline += outline
            self.straight += straight


def count(mask: np.ndarray, logits: np.ndarray, visible: np.ndarray) -> tuple[int, int]:
    """
    Count the outline pixels of one mask, and those in straight lines where its logits go on.

    :param mask: (h, w) uint8, 0 or 1
    :param logits: (h, w) float32, not cut to any box
    :param visible: (h, w) uint8, 0 in the padding
    :return: pixels of the outline, and of them the straight ones
    """
    mask = mask & visible
    outline = mask & ~cv2.erode(mask, CROSS, borderValue=0)
    beyond = (logits > 0) & (visible > mask)  # the mask would go on there
    straight = np.zeros_like(mask)
    for axis in (0, 1):
        for step in (1, -1):
            ends = mask & _moved(beyond, axis, step)
            straight |= cv2.morphologyEx(ends, cv2.MORPH_OPEN, LINES[axis])
    return int(np.count_nonzero(outline & 1)), int(np.count_nonzero(straight & outline))


def prototype_mask(
    runs: RunLengths, letterbox: Letterbox, size: tuple[int, int]
) -> np.ndarray:
    """A mask at the middles of the prototype pixels, h and w of them: (h, w) uint8."""
    height, width = size
    rows = _nearest(letterbox.rows_in_prototypes, height, letterbox.height)
    columns = _nearest(letterbox.columns_in_prototypes, width, letterbox.width)
    full = np.zeros((letterbox.height, letterbox.width), np.uint8)
    full[runs.window] = runs.mask()
    return full[rows][:, columns]


def visible_prototypes(letterbox: Letterbox, size: tuple[int, int]) -> np.ndarray:
    """Prototype pixels whose middles lie in the picture: (h, w) uint8."""
    height, width = size
    corners = np.array([-0.5, letterbox.height - 0.5]), np.array([-0.5, letterbox.width - 0.5])
    inside = [
        (low <= np.arange(size)) & (np.arange(size) < high)
        for size, (low, high) in (
            (height, letterbox.rows_in_prototypes(corners[0])),
            (width, letterbox.columns_in_prototypes(corners[1])))]
    return np.outer(*inside).astype(np.uint8)


def _nearest(places: Callable[[np.ndarray], np.ndarray], size: int, length: int) -> np.ndarray:
    """The image pixel nearest to each prototype pixel of an axis, within the image."""
    first, second = places(np.arange(2))
    pixels = (np.arange(size) - first) / (second - first)
    return np.clip(np.rint(pixels), 0, length - 1).astype(np.int64)


def _moved(there: np.ndarray, axis: int, step: int) -> np.ndarray:
    """Each pixel's neighbour on one side; nothing beyond the border: (h, w) uint8."""
    moved = np.roll(there, -step, axis).astype(np.uint8)
    edge = [slice(None)] * 2
    edge[axis] = -1 if step > 0 else 0
    moved[tuple(edge)] = 0
    return moved
