# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
From the network's output to segments: thresholds, suppression and masks, on the host.

src/masks/nms.cpp and src/masks/outlines.cpp compute them; the masks come out as run lengths, 1 ms
for 100 of them at 1080p, so every scene has them from the start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.letterbox import Letterbox, prototype_axes
from fastsam_ros.core.masks.planes import laid_out
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.masks.shaping import HOLE, REACH, SPECK, frame_of
from fastsam_ros.core.native import library

SCORE_ROW = 4  # of the predictions; rows 0 to 3 are the box
COEFFICIENTS = 32  # rows behind the score; then those of names, if the network knows some
ALIKE = 0.9  # as in src/masks/nms.cpp: masks that overlap by more are one
RUNS_PER_ROW = 4  # run lengths a mask's image row for which there is room at first

# How likely names are, (N, K) float32, 0 to 1, of (N,) int64 anchors.
NameScores = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Detections:
    """
    What survived the thresholds, most confident first.

    :param boxes: (N, 4) float32 x0, y0, x1, y1, network pixels
    :param scores: (N,) float32, 0 to 1
    :param coefficients: (N, 32) float32, one weight a prototype
    :param names: (N, K) float32, how likely each of the names is that the network knows, 0 to 1
    """

    boxes: np.ndarray
    scores: np.ndarray
    coefficients: np.ndarray
    names: np.ndarray


def detect(
    predictions: np.ndarray,
    confidence: float,
    iou: float,
    max_segments: int,
    prototypes: np.ndarray | None = None,
    names: NameScores | None = None,
) -> Detections:
    """
    Apply the confidence threshold and greedy non-maximum suppression.

    Boxes with NaN or infinity are dropped: a network that overflows in half precision gives them.

    :param predictions: (37 + K, A) float32, a column an anchor: centre x, centre y, width, height
        in network pixels, score, 32 coefficients, K names
    :param confidence: scores must be above it, 0 to 1
    :param iou: of two boxes that overlap more than this the less confident is dropped, 0 to 1
    :param max_segments: at most N are kept
    :param prototypes: (32, h, w) float32: masks are compared too. What has the box of a better
        one, but overlaps its mask by at most 0.9, comes again with half of its score, behind what
        is surer, as boxes do in soft suppression (https://arxiv.org/abs/1704.04503). None: boxes
        are compared alone
    :param names: how likely names are, where they are not among the predictions
    :raises ValueError: when the coefficients do not fit the prototypes
    """
    predictions = np.ascontiguousarray(predictions, np.float32)
    rows, anchors = predictions.shape
    limit = min(max_segments, anchors)
    addresses = None, None
    if prototypes is not None:
        planes, layout = laid_out(prototypes)  # kept until the call is over
        _check_coefficients(min(rows - SCORE_ROW - 1, COEFFICIENTS), planes)
        addresses = planes.ctypes.data, layout.ctypes.data
    boxes, scores, rest = (
        np.empty(size, np.float32)
        for size in ((limit, 4), limit, (limit, rows - SCORE_ROW - 1)))
    kept = np.empty(limit, np.int64)
    count = library().fastsam_detect(
        predictions, rows, anchors, *addresses, confidence, iou, limit, boxes, scores, rest, kept)
    rest = rest[:count]
    named = rest[:, COEFFICIENTS:] if names is None else names(kept[:count])
    return Detections(boxes[:count], scores[:count], rest[:, :COEFFICIENTS], named)


def decode(
    coefficients: np.ndarray,
    prototypes: np.ndarray,
    extents: np.ndarray,
    letterbox: Letterbox,
    fades: bool = False,
    clean: bool = False,
) -> RunTable:
    """
    Masks as run lengths, as the network means them: see src/masks/outlines.cpp.

    :param coefficients: (N, 32) float32, one weight a prototype
    :param prototypes: (32, h, w) float32
    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels; no mask reaches beyond its own,
        but for what fades
    :param letterbox: of the image
    :param fades: whether masks go on beyond their extents, see `core.masks.fading`
    :param clean: whether specks and holes are taken out, see `core.masks.shaping.clean`; here it
        costs less than afterwards
    :return: N run lengths, in order
    :raises ValueError: when the coefficients do not fit the prototypes
    """
    return _trace(coefficients, prototypes, extents, letterbox, (0, fades, *_limits(clean)))[0]


def decode_grown(
    coefficients: np.ndarray,
    prototypes: np.ndarray,
    extents: np.ndarray,
    letterbox: Letterbox,
    clean: bool = False,
) -> tuple[RunTable, np.ndarray]:
    """
    Masks that fade beyond large boxes grown before, and other boxes.

    At once it costs less than `core.masks.shaping.grow`, `decode` and `core.masks.fading.holding`.

    :return: N run lengths, and (N, 4) float32, extents that hold them
    """
    return _trace(coefficients, prototypes, extents, letterbox, (REACH, True, *_limits(clean)))


def join(
    tops: np.ndarray,
    heights: np.ndarray,
    rows: np.ndarray,
    runs: np.ndarray,
    clean: bool = False,
) -> RunTable:
    """
    Masks as run lengths, of runs that a GPU found.

    :param tops: (N,) int64, the image row at which each mask's rows begin
    :param heights: (N,) int64, how many rows of each there are
    :param rows: (R, 2) int32, of each row its first run and how many it has, one mask's rows
        after the other's
    :param runs: (M, 2) int32, begin and end of each, in pixels of its row
    :param clean: as in `decode`
    """
    boxes = np.empty((len(tops), 6), np.int64)
    counts = np.empty(2 * int(rows[:, 1].sum()) + len(tops), np.uint32)
    library().fastsam_join(
        len(tops), tops, heights, rows, runs, *_limits(clean), boxes, counts)
    return RunTable(boxes, counts)


def _check_coefficients(count: int, prototypes: np.ndarray) -> None:
    if count != len(prototypes):
        raise ValueError(f'{count} coefficients a segment, but {len(prototypes)} prototypes')


def _limits(clean: bool) -> tuple[float, float]:
    """Shares of a mask's area below which pieces and holes of it go."""
    return (SPECK, HOLE) if clean else (0.0, 0.0)


def _trace(
    coefficients: np.ndarray,
    prototypes: np.ndarray,
    extents: np.ndarray,
    letterbox: Letterbox,
    shape: tuple[float, bool, float, float],
) -> tuple[RunTable, np.ndarray]:
    """
    Call the library, again with more room where the outlines have more runs than expected.

    :param shape: by which share of a side boxes may grow, whether masks fade, and from `_limits`
    :return: masks, and extents that hold those that fade
    """
    planes, layout = laid_out(prototypes)
    _check_coefficients(coefficients.shape[1], planes)
    coefficients, extents = (
        np.ascontiguousarray(array, np.float32) for array in (coefficients, extents))
    rows, columns = prototype_axes(letterbox, *planes.shape[1:])
    frame, count = frame_of(letterbox), len(extents)
    boxes = np.empty((count, 6), np.int64)
    heights = np.fmin(np.fmax(extents[:, 3] - extents[:, 1], 0), letterbox.height)
    needed = RUNS_PER_ROW * (int(heights.sum()) + count)
    capacity = -1
    while capacity < needed:
        capacity = needed
        counts, moved = np.empty(capacity, np.uint32), extents.copy()
        needed = library().fastsam_trace(
            count, coefficients, moved, frame, *shape, planes.ctypes.data, layout, rows.cells,
            rows.parts, rows.starts, columns.cells, columns.scale, columns.offset, boxes, counts,
            capacity)
    return RunTable(boxes, counts), moved
