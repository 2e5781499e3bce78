# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Edges of what is in the picture, from the outlines of all segments."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.logistic import sigmoid
from fastsam_ros.core.masks.sampling import sample
from fastsam_ros.core.masks.upsampling import prototype_size, upsample, window_of

STEEPEST = 4.0  # Sobel's answer to a step from 0 to 1
SAMPLES = 2.0  # pixels a prototype pixel at which masks are filtered
BLUR = 4.0  # standard deviation while the edges' directions are measured, pixels
SIDEWAYS = 1.0  # how far thinning looks, pixels


def edge_map(
    extents: np.ndarray, scores: np.ndarray, logits: np.ndarray, letterbox: Letterbox, thin: bool
) -> np.ndarray:
    """
    Probability that an edge runs through each pixel.

    As Segment Anything does it (https://arxiv.org/abs/2304.02643, D.2): Sobel filters on the
    masks' probabilities, the strongest segment of each pixel counts. Here each segment is weighted
    by its confidence, and the sides of boxes are no edges: masks are not cut before they are
    filtered.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param scores: (N,) 0 to 1
    :param logits: (N, h, w) float32, at the prototypes' resolution
    :param letterbox: of the image
    :param thin: keep the ridge of each edge alone, one pixel wide
    :return: (H, W) float32, 0 to 1
    """
    grid = _grid(letterbox)
    scale = np.tile((grid.width / letterbox.width, grid.height / letterbox.height), 2)
    edges = np.zeros((grid.height, grid.width), np.float32)
    for extent, mask, score in zip(extents * scale, logits, scores.tolist()):
        rows, columns = window_of(extent, *edges.shape)
        if rows.start == rows.stop:
            continue
        slope = _slope(_probability(mask, grid, rows, columns))
        np.maximum(edges[rows, columns], score * slope, out=edges[rows, columns])
    edges = cv2.resize(edges, (letterbox.width, letterbox.height), interpolation=cv2.INTER_LINEAR)
    peak = float(edges.max(initial=0))
    if peak > 0:
        edges /= peak
    return _thinned(edges) if thin else edges


def _grid(letterbox: Letterbox) -> Letterbox:
    """The image at the resolution that edges are looked for at: all that prototypes tell."""
    coarser = max(1.0, prototype_size(letterbox) / SAMPLES)
    size = (max(1, round(side / coarser)) for side in (letterbox.height, letterbox.width))
    return replace(letterbox, **dict(zip(('height', 'width'), size)))


def _probability(
    logits: np.ndarray, letterbox: Letterbox, rows: slice, columns: slice
) -> np.ndarray:
    """
    Of the mask at the image pixels of a window and a pixel around it.

    Sampled linearly, slopes would jump from one prototype pixel to the next: half of one smooths
    them.
    """
    blur = 0.5 * prototype_size(letterbox)
    margin = 1 + int(np.ceil(2 * blur))
    sampled = upsample(logits, letterbox, rows, columns, margin)
    smooth = cv2.GaussianBlur(sampled, (0, 0), blur)[margin - 1:1 - margin, margin - 1:1 - margin]
    return sigmoid(smooth)


def _slope(probability: np.ndarray) -> np.ndarray:
    """How steep it is, 0 to 1, without the outermost pixels."""
    down, right = (cv2.Sobel(probability, cv2.CV_32F, *order) for order in ((0, 1), (1, 0)))
    return cv2.magnitude(down, right)[1:-1, 1:-1] / STEEPEST


def _thinned(edges: np.ndarray) -> np.ndarray:
    """
    Drop what is lower than its neighbours across the edge.

    Directions come from second derivatives, as in Structured Edges
    (https://doi.org/10.1109/TPAMI.2014.2377715).
    """
    blurred = cv2.GaussianBlur(edges, (0, 0), BLUR)
    xx, yy, xy = (
        cv2.Sobel(blurred, cv2.CV_32F, *order, ksize=5) for order in ((2, 0), (0, 2), (1, 1)))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)  # of the strongest curvature, up to its sign
    strongest = xx * np.cos(angle) ** 2 + 2 * xy * np.sin(angle) * np.cos(angle) + (
        yy * np.sin(angle) ** 2)
    weakest = xx + yy - strongest
    angle = np.where(np.abs(weakest) > np.abs(strongest), angle + np.pi / 2, angle)
    y, x = np.indices(edges.shape, np.float32)
    across = np.cos(angle) * SIDEWAYS, np.sin(angle) * SIDEWAYS
    beside = [
        sample(edges, (x + sign * across[0]).astype(np.float32),
               (y + sign * across[1]).astype(np.float32), cv2.BORDER_CONSTANT)
        for sign in (1, -1)]
    return np.where(edges >= np.maximum(*beside), edges, 0).astype(np.float32)
