# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of an image's segments, made on the device when they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fastsam_ros.backends.cuda.decode import decode
from fastsam_ros.backends.cuda.streams import RESULTS, Streams
from fastsam_ros.backends.cuda.transfer import send
from fastsam_ros.backends.processing import Masks
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.fading import Fading
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.shaping import clean, move_sides


@dataclass(frozen=True, eq=False)
class DeviceMasks:
    """
    `Masks` on a device, for whoever looks at them: from any thread, and long after their image.

    :param masks: by the functions below
    :param streams: of the device; the prototypes are there once `RESULTS` has come to them
    """

    masks: Masks
    streams: Streams

    @torch.inference_mode()
    def __call__(self, some: slice | list[int]) -> tuple[Sequence[RunLengths], np.ndarray]:
        """See `Masks`."""
        with self.streams.on(RESULTS):
            return self.masks(some)


def decode_there(
    coefficients: np.ndarray,
    prototypes: torch.Tensor,
    extents: np.ndarray,
    letterbox: Letterbox,
    fading: Fading | None,
    cleaned: bool,
) -> Sequence[RunLengths]:
    """`decode`, with coefficients that come from the host; masks are cleaned on the host too."""
    runs = decode(send(coefficients, prototypes.device), prototypes, extents, letterbox, fading)
    return clean(runs) if cleaned else runs


def move_sides_there(
    coefficients: np.ndarray,
    prototypes: torch.Tensor,
    image: np.ndarray,
    share: float,
    boxes: np.ndarray,
) -> np.ndarray:
    """
    See `core.masks.shaping.MoveSides`.

    Where each mask is on comes to the host, a byte a prototype pixel, which is all that counts.
    """
    logits = send(coefficients, prototypes.device) @ prototypes.flatten(1).float()
    inside = (logits > 0).cpu().numpy().reshape(-1, *prototypes.shape[1:])
    each = np.eye(len(boxes), dtype=np.float32)
    return move_sides(each, np.where(inside, 1, -1), image, share, boxes)
