# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of an image's segments, made on the device when they are wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fastsam_ros.backends.cuda.decode import decode
from fastsam_ros.backends.cuda.streams import RESULTS, Streams
from fastsam_ros.backends.cuda.transfer import send
from fastsam_ros.backends.processing import Thresholds, finished
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.fading import Fading
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.shaping import grow, large_boxes


@dataclass(frozen=True, eq=False)
class DeviceMasks:
    """
    Makes masks of segments by their numbers, see `backends.processing.MakeMasks`.

    It is called for candidates long after their image, by whoever looks at them: it takes the
    stream and the mode along, and keeps no more of the network's output than it needs.

    :param streams: of the device; what is given here is there once `RESULTS` has come to it
    :param boxes: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param coefficients: (N, 32) float32
    :param weights: the coefficients on the device
    :param prototypes: (32, h, w) there
    :param letterbox: of the image
    :param thresholds: say how masks are shaped
    """

    streams: Streams
    boxes: np.ndarray
    coefficients: np.ndarray
    weights: torch.Tensor
    prototypes: torch.Tensor
    letterbox: Letterbox
    thresholds: Thresholds

    @torch.inference_mode()
    def __call__(self, some: slice | list[int]) -> tuple[list[RunLengths], np.ndarray]:
        """
        Masks, and (K, 4) float32 boxes that hold them.

        :param some: of the segments
        """
        extents, fading = self.boxes[some], None
        with self.streams.on(RESULTS):
            if self.thresholds.grow:
                extents = self._grown(self.coefficients[some], extents)
                fading = Fading.of(extents, self.letterbox)
            chosen = some if isinstance(some, slice) else send(
                np.array(some, np.int64), self.weights.device)
            runs = decode(
                self.weights[chosen], self.prototypes, extents, self.letterbox, fading)
        return finished(runs, extents, self.thresholds)

    def _grown(self, coefficients: np.ndarray, extents: np.ndarray) -> np.ndarray:
        """Boxes of large regions, where there are any, grown on the host: one more transfer."""
        if not len(large_boxes(extents, self.letterbox)):
            return extents
        prototypes = self.prototypes.float().cpu().numpy()
        return grow(coefficients, prototypes, extents, self.letterbox)
