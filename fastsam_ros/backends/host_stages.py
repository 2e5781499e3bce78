# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is done before and after the network, on the host; a runtime may do it on its device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from fastsam_ros.core import outlines
from fastsam_ros.core.decoding import Decoder, HostDecoder, seen
from fastsam_ros.core.detections import detect
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.run_lengths import RunLengths

if TYPE_CHECKING:
    from fastsam_ros.backends import Backend


@dataclass(frozen=True)
class Thresholds:
    """
    What counts as a segment.

    :param confidence: lowest score, 0 to 1, exclusive
    :param iou: of two boxes that overlap more than this one is dropped, 0 to 1
    :param max_segments: at most so many an image
    """

    confidence: float
    iou: float
    max_segments: int


@dataclass(frozen=True, eq=False)
class Found:
    """
    The segments of one image, most confident first.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param scores: (N,) float32, 0 to 1
    :param coefficients: (N, 32), of the decoder's kind
    :param prototypes: (32, h, w), of the decoder's kind
    :param seen: (N,) bool, whether the mask is known to have a pixel
    :param runs: N run lengths, where they are known already; or nothing
    """

    extents: np.ndarray
    scores: np.ndarray
    coefficients: Any
    prototypes: Any
    seen: np.ndarray
    runs: Sequence[RunLengths] = ()


class Stages(Protocol):
    """Everything between an image and its segments; and who decodes these."""

    decoder: Decoder

    def run(self, images: Sequence[np.ndarray], letterboxes: Sequence[Letterbox]) -> list:
        """
        Letterbox and network.

        :param images: B images, (H, W, 3) uint8 RGB
        :param letterboxes: of each image; all into inputs of one size
        :return: what the network said of each, for `find`
        """

    def find(self, output: Any, letterbox: Letterbox, thresholds: Thresholds) -> Found:
        """Thresholds and suppression on the output for one image."""


class HostStages:
    """Everything around the network in numpy and OpenCV; see `Stages`."""

    decoder = HostDecoder()

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def run(
        self, images: Sequence[np.ndarray], letterboxes: Sequence[Letterbox]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """See `Stages`; each output is predictions (37, A) and prototypes (32, h, w)."""
        first = letterboxes[0]
        batch = np.empty((len(images), first.input_height, first.input_width, 3), np.uint8)
        for image, letterbox, out in zip(images, letterboxes, batch):
            letterbox.apply(image, out)
        return list(zip(*self._backend.infer(batch)))

    def find(
        self,
        output: tuple[np.ndarray, np.ndarray],
        letterbox: Letterbox,
        thresholds: Thresholds,
    ) -> Found:
        """See `Stages`."""
        predictions, prototypes = output
        found = detect(
            predictions, thresholds.confidence, thresholds.iou, thresholds.max_segments)
        extents = letterbox.boxes_to_image(found.boxes)
        segments = extents, found.scores, found.coefficients, prototypes
        if outlines.COMPILED:  # all masks cost no more than a look at a few pixels of each
            runs = outlines.trace(found.coefficients, prototypes, extents, letterbox)
            return Found(*segments, np.array([run.area > 0 for run in runs], bool), runs)
        return Found(*segments, seen(found.coefficients, prototypes, extents, letterbox))
