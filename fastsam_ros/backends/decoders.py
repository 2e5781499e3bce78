# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From segments to masks, and boxes that hold them: on the host in one call, or on a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks import shaping
from fastsam_ros.core.masks.decoding import decode, decode_grown
from fastsam_ros.core.masks.fading import Fading, holding
from fastsam_ros.core.masks.run_lengths import RunLengths


class Undecoded(NamedTuple):
    """
    Segments of an image whose masks are not made yet.

    :param coefficients: (N, 32) float32, one weight a prototype
    :param prototypes: (32, h, w), where the runtime left them
    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param letterbox: of the image
    """

    coefficients: np.ndarray
    prototypes: Any
    extents: np.ndarray
    letterbox: Letterbox


# Segments, whether large boxes are grown and masks fade, and whether specks and holes are taken
# out: their masks, and (N, 4) float32 boxes that hold these.
DecodeMasks = Callable[[Undecoded, bool, bool], 'tuple[Sequence[RunLengths], np.ndarray]']


def decode_here(
    segments: Undecoded, grow: bool, clean: bool
) -> tuple[Sequence[RunLengths], np.ndarray]:
    """Make masks on the host; see `DecodeMasks`."""
    if grow:
        return decode_grown(*segments, clean)
    return decode(*segments, clean=clean), segments.extents


@dataclass(frozen=True, eq=False)
class DecodeThere:
    """
    A `DecodeMasks` where the prototypes are on a device.

    :param decode: makes masks there, as `core.masks.decoding.decode`, but that it takes a `Fading`
    :param move: as `core.masks.shaping.move_sides`, likewise
    """

    decode: Callable[..., Sequence[RunLengths]]
    move: shaping.MoveSides

    def __call__(
        self, segments: Undecoded, grow: bool, clean: bool
    ) -> tuple[Sequence[RunLengths], np.ndarray]:
        """See `DecodeMasks`."""
        if not grow:
            return self.decode(*segments, None, clean), segments.extents
        extents = shaping.grow(*segments, self.move)
        fading = Fading.of(extents, segments.letterbox)
        runs = self.decode(*segments._replace(extents=extents), fading, clean)
        return runs, holding(extents, runs)
