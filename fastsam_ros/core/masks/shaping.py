# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Better masks of a network whose masks and boxes are known to fall short in two ways.

Boxes of large regions, a table top or a wall say, often stop at a straight edge inside the region:
`grow` moves their sides. Masks have specks away from the thing and pinholes in it: `clean` takes
them out, and leaves what is thin and whole as it is. src/masks/grower.hpp and
src/masks/cleaner.hpp do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from fastsam_ros.core.letterbox import PROTOTYPE_STRIDE, Letterbox
from fastsam_ros.core.masks.planes import laid_out
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.native import library

LARGE = 0.1  # of the image: boxes from here on are grown
REACH = 0.5  # of a box's side by which it may grow at either end
SPECK = 0.1  # of a mask's area: smaller pieces go
HOLE = 0.1  # of a mask's area: smaller holes are filled


class MoveSides(Protocol):
    """Who moves the sides of boxes; a GPU has one of its own, where the prototypes are."""

    def __call__(
        self,
        coefficients: np.ndarray,
        prototypes: Any,
        image: np.ndarray,
        share: float,
        boxes: np.ndarray,
    ) -> np.ndarray:
        """
        Move them outwards while more than half of the line beyond is mask.

        :param coefficients: (N, 32) float32, one weight a prototype
        :param prototypes: (32, h, w)
        :param image: (4,) float64 x0, y0, x1, y1, prototype pixels: where they stop
        :param share: of a box's width or height by which it may grow at either end
        :param boxes: (N, 4) float64 x0, y0, x1, y1, prototype pixels
        :return: (N, 4) float64
        """


def move_sides(
    coefficients: np.ndarray,
    prototypes: np.ndarray,
    image: np.ndarray,
    share: float,
    boxes: np.ndarray,
) -> np.ndarray:
    """See `MoveSides`; on the host."""
    boxes = np.array(boxes, np.float64, order='C')
    planes, layout = laid_out(prototypes)
    library().fastsam_grow(
        len(boxes), np.ascontiguousarray(coefficients, np.float32), planes.ctypes.data, layout,
        image, share, boxes)
    return boxes


def grow(
    coefficients: np.ndarray,
    prototypes: Any,
    extents: np.ndarray,
    letterbox: Letterbox,
    move: MoveSides = move_sides,
) -> np.ndarray:
    """
    Move the sides of large boxes outwards while more than half of the line beyond is mask.

    :param coefficients: (N, 32) float32, one weight a prototype
    :param prototypes: (32, h, w) float32, or where `move` takes them
    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param letterbox: of the image
    :param move: does it
    :return: (N, 4) float32
    """
    large = large_boxes(extents, letterbox)
    if not len(large):
        return extents
    scale, offset = to_prototypes(letterbox)
    image = np.array([0, 0, letterbox.width, letterbox.height], np.float64) * scale + offset
    boxes = extents[large].astype(np.float64) * scale + offset
    boxes = move(coefficients[large], prototypes, image, REACH, boxes)
    grown = extents.copy()
    grown[large] = (boxes - offset) / scale
    return grown


def large_boxes(extents: np.ndarray, letterbox: Letterbox) -> np.ndarray:
    """Which boxes `grow` may move: (M,) int64."""
    left, top, right, bottom = extents.T
    areas = (right - left) * (bottom - top)
    return np.flatnonzero(areas > LARGE * letterbox.height * letterbox.width)


@lru_cache(maxsize=64)
def frame_of(letterbox: Letterbox) -> np.ndarray:
    """The image among the prototypes for src/masks/frame.hpp: (7,) float64; do not write."""
    (scale_x, scale_y, *_), (offset_x, offset_y, *_) = to_prototypes(letterbox)
    height, width = letterbox.height, letterbox.width
    return np.array(
        [scale_x, scale_y, offset_x, offset_y, width, height, LARGE * height * width], np.float64)


@lru_cache(maxsize=64)
def to_prototypes(letterbox: Letterbox) -> tuple[np.ndarray, np.ndarray]:
    """What sides of boxes are multiplied with, and then moved by: x, y, x, y; do not write."""
    gain_y, gain_x = letterbox.gain
    scale = np.array([gain_x, gain_y] * 2) / PROTOTYPE_STRIDE
    return scale, np.array([letterbox.left, letterbox.top] * 2) / PROTOTYPE_STRIDE


def clean(masks: Sequence[RunLengths]) -> RunTable:
    """
    Take out specks and fill pinholes, each below a tenth of its mask's area.

    Pieces hang together also at corners, and the largest one always stays.

    :param masks: N masks
    """
    table = RunTable.of(masks)
    boxes, counts = table.boxes.copy(), table.counts.copy()
    library().fastsam_clean(len(boxes), boxes, counts, SPECK, HOLE)
    return RunTable(boxes, counts)
