# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From segments to masks, and boxes that hold them: on the host in one call, or on a device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks import shaping
from fastsam_ros.core.masks.decoding import decode, decode_grown
from fastsam_ros.core.masks.fading import Fading, holding
from fastsam_ros.core.masks.run_lengths import RunLengths


class DecodeMasks(Protocol):
    """Who makes masks of segments."""

    def __call__(
        self,
        coefficients: np.ndarray,
        prototypes: Any,
        extents: np.ndarray,
        letterbox: Letterbox,
        grow: bool,
        clean: bool,
    ) -> tuple[list[RunLengths], np.ndarray]:
        """
        Masks, and (N, 4) float32 boxes that hold them.

        :param coefficients: (N, 32) float32, one weight a prototype
        :param prototypes: (32, h, w), where the runtime left them
        :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
        :param letterbox: of the image
        :param grow: whether large boxes are grown and masks fade
        :param clean: whether specks and holes are taken out
        """


def decode_here(
    coefficients: np.ndarray,
    prototypes: np.ndarray,
    extents: np.ndarray,
    letterbox: Letterbox,
    grow: bool,
    clean: bool,
) -> tuple[list[RunLengths], np.ndarray]:
    """See `DecodeMasks`; on the host."""
    segments = coefficients, prototypes, extents, letterbox
    if grow:
        return decode_grown(*segments, clean)
    return decode(*segments, clean=clean), extents


@dataclass(frozen=True, eq=False)
class DecodeThere:
    """
    A `DecodeMasks` where the prototypes are on a device.

    :param decode: makes masks there, as `core.masks.decoding.decode`, but that it takes a `Fading`
    :param move: as `core.masks.shaping.move_sides`, likewise
    """

    decode: Callable[..., list[RunLengths]]
    move: shaping.MoveSides

    def __call__(
        self,
        coefficients: np.ndarray,
        prototypes: Any,
        extents: np.ndarray,
        letterbox: Letterbox,
        grow: bool,
        clean: bool,
    ) -> tuple[list[RunLengths], np.ndarray]:
        """See `DecodeMasks`."""
        fading = None
        if grow:
            extents = shaping.grow(coefficients, prototypes, extents, letterbox, self.move)
            fading = Fading.of(extents, letterbox)
        runs = self.decode(coefficients, prototypes, extents, letterbox, fading, clean)
        return runs, holding(extents, runs) if grow else extents
