# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Boundary measure F of video segmentation.

As DAVIS defines it (Perazzi et al., 'A Benchmark Dataset and Evaluation Methodology for Video
Object Segmentation', CVPR 2016; github.com/davisvideochallenge/davis2017-evaluation): precision
and recall of the mask's boundary pixels, of which those count that lie near one of the other's.
"""

from __future__ import annotations

import cv2
import numpy as np

NEAR = 0.008  # of the picture's diagonal


def boundary_f(found: np.ndarray, truth: np.ndarray) -> float:
    """
    How well the outline of a mask is met, 0 to 1.

    :param found: (H, W) bool
    :param truth: (H, W) bool
    """
    outlines = [boundary(mask) for mask in (found, truth)]
    if not all(outline.any() for outline in outlines):
        return float(not any(outline.any() for outline in outlines))
    most = np.ceil(NEAR * np.hypot(*truth.shape))
    near = [distances(outline) <= most for outline in outlines]
    precision = np.count_nonzero(outlines[0] & near[1]) / np.count_nonzero(outlines[0])
    recall = np.count_nonzero(outlines[1] & near[0]) / np.count_nonzero(outlines[1])
    return 2 * precision * recall / max(precision + recall, 1e-9)


def boundary(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from the one to the right, below, or both: (H, W) bool."""
    padded = np.pad(mask, ((0, 1), (0, 1)), 'edge')
    right, below, both = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    return (mask != right) | (mask != below) | (mask != both)


def distances(outline: np.ndarray) -> np.ndarray:
    """From each pixel to the next one of an outline: (H, W) float32, pixels."""
    return cv2.distanceTransform(
        (~outline).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
