# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Times of several programs that take turns, so that what disturbs one disturbs all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles
import time

REST = 0.02  # seconds between turns: thread pools of the last one go to sleep
WARM_UP = 3  # rounds that are not counted


@dataclass(frozen=True)
class Times:
    """
    How long one program took, each time.

    :param milliseconds: in order; at least one
    """

    milliseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Milliseconds."""
        return median(self.milliseconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third, milliseconds."""
        if len(self.milliseconds) < 2:
            return self.milliseconds[0], self.milliseconds[0]
        low, _, high = quantiles(self.milliseconds, n=4, method='inclusive')
        return low, high

    def as_json(self) -> dict[str, float | int]:
        """Median, quartiles and number."""
        low, high = self.quartiles
        numbers = {'median_ms': self.median, 'q1_ms': low, 'q3_ms': high}
        return {**{k: round(v, 4) for k, v in numbers.items()}, 'rounds': len(self.milliseconds)}


def ratio(slow: Times, fast: Times) -> float:
    """How many times as long one takes as the other: the median over rounds done side by side."""
    pairs = zip(slow.milliseconds, fast.milliseconds)
    return median(one / other for one, other in pairs)


def interleaved(
    programs: Mapping[str, Callable[[int], object]],
    rounds: int,
    warm_up: int = WARM_UP,
    rest: float = REST,
) -> dict[str, Times]:
    """
    Run all programs in each round, and time each.

    Each round begins with another one, so that none always follows the same.

    :param programs: by name; they are called with the number of the round
    :param rounds: that count
    :param warm_up: rounds before these
    :param rest: seconds between two programs
    """
    taken: dict[str, list[float]] = {name: [] for name in programs}
    names = deque(programs)
    for turn in range(-warm_up, rounds):
        names.rotate()
        for name in names:
            time.sleep(rest)
            start = time.perf_counter()
            programs[name](turn)
            elapsed = time.perf_counter() - start
            if turn >= 0:
                taken[name].append(1e3 * elapsed)
    return {name: Times(tuple(values)) for name, values in taken.items()}
