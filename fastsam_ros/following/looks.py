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

HUES, SHADES, BRIGHT = 12, 4, 4  # bins, as in src/following/colours.hpp
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
        self.made = np.zeros(count, bool)
        self._kept = image, masks
        self._arguments = (  # as the library takes it
            image.ctypes.data, row, channel, step, most, masks.windows, masks.addresses,
            masks.areas, coefficients, kinds, self.rows, self.made)

    def make(self, numbers: np.ndarray) -> None:
        """
        Look at some segments, unless that was done before.

        :param numbers: (K,) int64 of those whose masks are made
        """
        library().fastsam_looks(*self._arguments, len(numbers), np.ascontiguousarray(numbers))

    def likenesses(self, looks: np.ndarray, pairs: np.ndarray, form: bool) -> np.ndarray:
        """
        How much segments look like the more similar of two looks: (P,) float32, 0 to 1.

        That is Bhattacharyya's coefficient c of the colours; or, with the cosine f of the forms,
        c^1.5 f^.5: of what is seen of DAVIS' things once they are back, this tells them from all
        else better (area under the curve .947) than the product does (.933).

        :param looks: (2 K, D) float32, two of each
        :param pairs: (2, P) int64, numbers of looks and of segments whose masks are made
        :param form: whether that of forms counts too
        """
        numbers, indices = np.ascontiguousarray(pairs)
        found = np.empty(len(numbers), np.float32)
        library().fastsam_likenesses(
            *self._arguments, len(found), numbers, indices, looks, form, found)
        return found

    def scores(
        self, masks: MaskTable, looks: np.ndarray, choosy: np.ndarray, pairs: np.ndarray,
        weights: np.ndarray, limits: np.ndarray,
    ) -> np.ndarray:
        """
        How surely segments go on from K parts, (P,) float64, 0 to 1; 0 of those that don't.

        A score is the IoU of masks, times the square of the likeness of colours, times a weight.
        What can be no better than a part's best segment is not looked at, and left at 0.

        :param masks: K, where the parts should be
        :param looks: (2 K, D) float32, two of each
        :param choosy: (K,) bool, whether all segments of a part are scored all the same
        :param pairs: (2, P) int64, numbers of parts, in order, and of segments, masks made
        :param weights: (P,) float64, 0 to 1
        :param limits: (3,) float64, the least IoU, likeness and score of what goes on
        """
        numbers, indices = np.ascontiguousarray(pairs)
        scores = np.zeros(len(numbers))
        library().fastsam_continue(
            *self._arguments, masks.windows, masks.addresses, masks.areas, looks, choosy,
            len(scores), numbers, indices, weights, limits, scores)
        return scores


def learned(looks: np.ndarray, newer: np.ndarray, weight: float) -> np.ndarray:
    """
    Looks (K, COLOURS + C) that are remembered once newer ones were seen.

    :param weight: of the newer ones, 0 to 1
    """
    mixed = looks + weight * (newer - looks)
    return np.concatenate([unit(half) for half in np.split(mixed, [COLOURS], axis=1)], axis=1)


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
