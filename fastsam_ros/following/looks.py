# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a segment looks like: a histogram of its colours, and the coefficients of its mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.core.images import packed
from fastsam_ros.core.looks import unit
from fastsam_ros.core.native import library
from fastsam_ros.following.small_mask import MaskTable, SmallMask

HUES, SHADES, BRIGHT = 12, 4, 4  # bins, as in src/following/colours.cpp
COLOURS = HUES * SHADES * BRIGHT
MOST = 2048  # pixels of a mask that are looked at; more tell nothing new


class LookTable:
    """
    What the segments of a picture look like; a row is made when it is asked for.

    A row has a segment's colours and its form, either of length 1. The dot product of two
    histograms is Bhattacharyya's coefficient; bins are equal parts of the hue, saturation and
    value of OpenCV's HSV. Mask coefficients are nearly the same wherever in the picture a thing
    lies, and tell things of the same colours apart: what else is of the colours of DAVIS' things
    has a cosine of .65 at the most in nine of ten cases, the thing itself has .7 or more in 99 of
    100.

    :param image: (H, W, 3) uint8 RGB
    :param step: pixels of the image that make one of the masks', a side: the first counts
    :param masks: N, at least those of the segments that are looked at made
    :param coefficients: (N, C) of the masks
    :param most: pixels of a mask; of a larger one every second, third ... is looked at, a side
    """

    def __init__(
        self, image: np.ndarray, step: int, masks: MaskTable, coefficients: np.ndarray,
        most: int = MOST,
    ) -> None:
        image = packed(image)
        row, _, channel = image.strides
        coefficients = np.ascontiguousarray(coefficients, np.float32)
        count, kinds = coefficients.shape
        self.rows = np.empty((count, COLOURS + kinds), np.float32)
        made = np.zeros(count, bool)
        self._kept = image, masks
        # As the library takes it.
        self.arguments = (
            image.ctypes.data, row, channel, step, most, masks.windows, masks.addresses,
            masks.areas, coefficients, kinds, self.rows, made)

    def make(self, numbers: np.ndarray) -> None:
        """
        Look at some segments, unless that was done before.

        :param numbers: (K,) int64 of those whose masks are made
        """
        library().fastsam_looks(*self.arguments, len(numbers), np.ascontiguousarray(numbers))


def learned(looks: np.ndarray, newer: np.ndarray, weight: float) -> np.ndarray:
    """
    Looks (K, COLOURS + C) that are remembered once newer ones were seen.

    :param weight: of the newer ones, 0 to 1
    """
    mixed = looks + weight * (newer - looks)
    return np.concatenate([unit(half) for half in np.split(mixed, [COLOURS], axis=1)], axis=1)


def compared(
    some: np.ndarray, others: np.ndarray, pairs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    How much the colours, and how much the forms, of pairs of looks are alike.

    :param some: (K, COLOURS + C) float32
    :param others: (N, COLOURS + C) float32
    :param pairs: (2, P) int64, numbers of some and of others
    :return: (P,) float32 Bhattacharyya's coefficient of the histograms; (P,) float32 cosine of
        the coefficients; both 0 to 1
    """
    numbers, indices = np.ascontiguousarray(pairs)
    colours, forms = np.empty((2, len(numbers)), np.float32)
    library().fastsam_likenesses(
        len(numbers), numbers, indices, some, others, COLOURS, others.shape[1], colours, forms)
    return colours, np.maximum(forms, 0)


def both_alike(colours: np.ndarray, forms: np.ndarray) -> np.ndarray:
    """
    Likeness of colours and of form in one number, 0 to 1.

    Colours count three times: what hides a part of a thing changes its form before its colours.
    Of what is seen of DAVIS' things once they are back, this tells them from all else better
    (area under the curve .947) than the product does (.933).
    """
    return colours**1.5 * np.sqrt(forms)


def histograms(
    masks: Sequence[SmallMask], image: np.ndarray, step: int = 1, most: int = MOST
) -> np.ndarray:
    """
    What colours lie under masks, see `LookTable`: (K, COLOURS) float32.

    :param masks: K
    :param image: (H, W, 3) uint8 RGB
    :param step: pixels of the image that make one of the masks', a side
    :param most: pixels of a mask that are looked at
    """
    nothing = np.empty((len(masks), 0), np.float32)
    table = LookTable(image, step, MaskTable.of(masks), nothing, most)
    table.make(np.arange(len(masks)))
    return table.rows


def normalised(counts: np.ndarray) -> np.ndarray:
    """
    Histograms whose dot product is Bhattacharyya's coefficient.

    :param counts: (K, COLOURS) pixels a bin
    :return: (K, COLOURS) float32, each row of length 1
    """
    return unit(np.sqrt(counts, dtype=np.float32))
