# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Antialiased lines along the edges of segments, over a map of which segment is seen where.

A line lies astride its edge and belongs to the smaller of the two segments. There is none where
only the box of the network cut a mask: that is no edge of anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.drawing.style import STYLE

SOFTNESS = 0.7  # standard deviation of the blur that smooths the steps of pixels
SHARPENED = 1.75  # and what makes up for the strength that it takes


def outlines(
    ranks: np.ndarray, run_lengths: Sequence[RunLengths]
) -> tuple[np.ndarray, np.ndarray]:
    """
    The lines along all edges that are seen.

    :param ranks: (H, W) uint8 or uint16: 0 for none, else n + 1 for the n-th mask
    :param run_lengths: N masks, largest first
    :return: whose line is where, like the ranks; and how opaque it is there, (H, W) uint8
    """
    reach = STYLE.half_line(*ranks.shape)
    thin = np.ones((2 * reach, 2 * reach), np.uint8)  # its anchor is half a pixel off the middle
    edge = cv2.compare(cv2.dilate(ranks, thin), cv2.erode(ranks, thin), cv2.CMP_NE)
    for rank, runs in enumerate(run_lengths, 1):
        for sides in cut_sides(ranks, rank, runs, reach):
            edge[sides][ranks[sides] <= rank] = 0
    strength = cv2.GaussianBlur(edge, (0, 0), SOFTNESS * reach)
    opaque = cv2.convertScaleAbs(strength, alpha=SHARPENED * STYLE.line_opacity)
    cv2.min(opaque, round(255 * STYLE.line_opacity), dst=opaque)
    owners = cv2.dilate(ranks, np.ones((4 * reach + 1, 4 * reach + 1), np.uint8))
    return owners, opaque


def cut_sides(
    ranks: np.ndarray, rank: int, runs: RunLengths, reach: int
) -> list[tuple[slice, slice]]:
    """
    Where a mask ends at its box and not at an edge: rows and columns of the line there.

    :param ranks: (H, W), which mask is seen where
    :param rank: the mask's in it
    :param runs: the mask
    :param reach: half a line's width, pixels
    """
    width, height = runs.width, runs.height
    if max(width, height) < STYLE.cut_least or runs.area >= STYLE.cut_full * width * height:
        return []
    seen = ranks[runs.window]
    down, across = runs.window
    sides = (
        (seen[0], height, slice(max(down.start - reach, 0), down.start + reach), across),
        (seen[-1], height, slice(down.stop - reach, down.stop + reach), across),
        (seen[:, 0], width, down, slice(max(across.start - reach, 0), across.start + reach)),
        (seen[:, -1], width, down, slice(across.stop - reach, across.stop + reach)),
    )
    return [(rows, columns) for side, depth, rows, columns in sides
            if STYLE.is_cut(np.count_nonzero(side == rank), len(side), depth)]
