# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Coefficients and prototypes to masks, on the host; a runtime may bring a decoder for its device.

A scene hands its coefficients and prototypes to its decoder as they are, so they stay where the
network left them, and only answers come to the host.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from fastsam_ros.core.grid import axes, corners
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.outlines import trace
from fastsam_ros.core.products import multiply
from fastsam_ros.core.run_lengths import RunLengths

PATTERN = np.stack(np.meshgrid(*[np.float32([0.25, 0.5, 0.75])] * 2), axis=-1).reshape(1, 9, 2)


class Decoder(Protocol):
    """
    Who decodes a scene's masks, and where.

    In all methods `coefficients` (N, 32) and `prototypes` (32, h, w) are arrays of the decoder's
    own kind; `extents` (N, 4) float32 x0, y0, x1, y1, image pixels, is numpy's, and so is all
    that comes back.
    """

    counts_pixels: bool  # whether `areas` is cheaper than `run_lengths`

    def run_lengths(
        self, coefficients: Any, prototypes: Any, extents: np.ndarray, letterbox: Letterbox
    ) -> list[RunLengths]:
        """All masks as run lengths."""

    def areas(
        self, coefficients: Any, prototypes: Any, extents: np.ndarray, letterbox: Letterbox
    ) -> np.ndarray:
        """Pixels of each mask inside its extents: (N,) int64."""

    def logits_at(
        self,
        coefficients: Any,
        prototypes: Any,
        letterbox: Letterbox,
        x: np.ndarray,
        y: np.ndarray,
    ) -> np.ndarray:
        """
        Logits of all masks at some pixels; above 0 is inside, extents left aside.

        :param x, y: (P,) int64, image pixels
        :return: (N, P) float32
        """


class HostDecoder:
    """Decodes numpy arrays with numpy; see `Decoder`."""

    counts_pixels = False

    def run_lengths(
        self,
        coefficients: np.ndarray,
        prototypes: np.ndarray,
        extents: np.ndarray,
        letterbox: Letterbox,
    ) -> list[RunLengths]:
        """See `Decoder`."""
        return trace(coefficients, prototypes, extents, letterbox)

    def areas(
        self,
        coefficients: np.ndarray,
        prototypes: np.ndarray,
        extents: np.ndarray,
        letterbox: Letterbox,
    ) -> np.ndarray:
        """See `Decoder`."""
        runs = self.run_lengths(coefficients, prototypes, extents, letterbox)
        return np.array([run.area for run in runs], np.int64)

    def logits_at(
        self,
        coefficients: np.ndarray,
        prototypes: np.ndarray,
        letterbox: Letterbox,
        x: np.ndarray,
        y: np.ndarray,
    ) -> np.ndarray:
        """See `Decoder`: linear upsampling is exact where the prototypes are sampled first."""
        return multiply(coefficients, sample(prototypes, letterbox, x, y))


def sample(
    prototypes: np.ndarray, letterbox: Letterbox, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """The prototypes at image pixels: (32, P) float32."""
    channels, height, width = prototypes.shape
    at, weights = corners(*axes(letterbox, height, width), x, y, np.stack)
    values = prototypes.reshape(channels, -1).take(at, axis=1)
    return np.einsum('ckp,kp->cp', values, weights.astype(np.float32))


def pattern(extents: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """
    A 3x3 pattern of pixels in each box, where nearly every mask shows.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
    :return: (N, 9) int64 columns and rows; and (N, 9) bool, whether each lies inside its box
    """
    low, high = extents[:, None, :2], extents[:, None, 2:]
    points = np.minimum(low + (high - low) * PATTERN, (width - 1, height - 1)).astype(np.int64)
    x, y = points[..., 0], points[..., 1]
    return x, y, contains(extents, x, y)


def contains(extents: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """
    Whether pixels lie inside boxes.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels; x0 <= x < x1 is inside
    :param x, y: (P,) the same pixels for all boxes, or (N, P) each box' own
    :return: (N, P) bool
    """
    left, top, right, bottom = np.ceil(extents.T)[..., None]
    return (left <= x) & (x < right) & (top <= y) & (y < bottom)


def seen(
    coefficients: np.ndarray, prototypes: np.ndarray, extents: np.ndarray, letterbox: Letterbox
) -> np.ndarray:
    """Which masks show at a few pixels already, so that they are known not to be empty: (N,)."""
    if not len(extents):
        return np.empty(0, bool)
    x, y, inside = pattern(extents, letterbox.height, letterbox.width)
    shown = np.zeros(len(extents), bool)
    for places in (slice(4, 5), slice(None)):  # most show in the middle already
        left = np.flatnonzero(~shown)
        if not len(left):
            break
        at = x[left, places], y[left, places]
        sampled = sample(prototypes, letterbox, *(a.ravel() for a in at))
        logits = np.einsum('nc,cnp->np', coefficients[left], sampled.reshape(-1, *at[0].shape))
        shown[left] = (inside[left, places] & (logits > 0)).any(axis=1)
    return shown
