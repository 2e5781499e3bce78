# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
From mask logits at prototype size to run lengths at the image's size, without any pixels.

A mask is a coefficient row times the prototypes, upsampled bilinearly to the image, cut to its
box and thresholded at 0 (YOLACT, arXiv:1904.02689). Bilinear interpolation keeps the sign inside
a cell of four prototype pixels that agree, and along an image row it is linear inside a cell, so
it crosses zero there at most once. So only the cells on an outline are visited, and each crossing
is solved for. The result is the run lengths of the very mask that upsampling would give; the cost
grows with the outlines' lengths and not with the areas.

It is written twice: in C++, one segment after the other, and in numpy, all at once and some four
times as slow, for installations without a compiler.
"""

from __future__ import annotations

import numpy as np

from fastsam_ros.core import outlines_compiled, outlines_numpy
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.native import LIBRARY
from fastsam_ros.core.run_lengths import RunLengths

COMPILED = LIBRARY is not None
_trace = outlines_compiled.trace if COMPILED else outlines_numpy.trace


def trace(
    coefficients: np.ndarray, prototypes: np.ndarray, boxes: np.ndarray, letterbox: Letterbox
) -> list[RunLengths]:
    """
    The masks of all segments as run lengths.

    :param coefficients: (N, 32) float32, one weight a prototype
    :param prototypes: (32, h, w) float32
    :param boxes: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param letterbox: of the image
    :return: N run lengths, in order
    """
    return _trace(coefficients, prototypes, boxes, letterbox) if len(boxes) else []
