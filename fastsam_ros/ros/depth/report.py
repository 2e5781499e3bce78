# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How images and depth go together, for diagnostics."""

from __future__ import annotations

from dataclasses import dataclass, replace
import math

from fastsam_ros.space.pairing import Pair


@dataclass(frozen=True)
class Report:
    """
    How it went so far.

    :param paired: results that got their depth
    :param unpaired: results for which no depth was near enough
    :param failed: results that could not be placed
    :param difference: of the last pair's stamps, seconds
    :param reason: why the last one has no place, or no depth
    """

    paired: int = 0
    unpaired: int = 0
    failed: int = 0
    difference: float = 0.0
    reason: str = ''

    def decided(self, pair: Pair, slop: float) -> Report:
        """
        The same, and a pair.

        :param slop: seconds that the stamps may differ
        """
        report = replace(self, difference=pair.difference)
        if pair.depth is not None:
            return replace(report, paired=self.paired + 1)
        return replace(report, unpaired=self.unpaired + 1, reason=_why(pair, slop))


def _why(pair: Pair, slop: float) -> str:
    """Why an image has no depth."""
    if math.isinf(pair.difference):
        return 'no depth has come: remap depth or depth/points to a topic that somebody publishes'
    milliseconds = 1e3 * abs(pair.difference)
    if pair.late:
        return (
            'the result of the image came so late that depth of its time is no longer kept: the '
            f'oldest is {milliseconds:.0f} ms later. Make the network or the detector faster; a '
            'larger depth_slop would pair depth of another time')
    side = 'later' if pair.difference > 0 else 'earlier'
    return (
        f'no depth has the stamp of the image, or one within depth_slop, {1e3 * slop:.0f} ms: the '
        f'nearest is {milliseconds:.0f} ms {side}')
