# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Lock

import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.run_table import RunTable


class DeferredMasks(Sequence[RunLengths]):
    """
    Masks of which the last ones are made once they are looked at; safe in several threads.

    Ten times as many candidates as segments lie in a picture, and mostly nobody asks for one.

    :param first: those that are there already
    :param count: of all
    :param make: gives the masks of some others by their numbers, from `len(first)` on
    """

    def __init__(
        self, first: Sequence[RunLengths], count: int,
        make: Callable[[list[int]], Sequence[RunLengths]],
    ) -> None:
        self._first, self._count, self._make = RunTable.of(first), count, make
        self._made: dict[int, RunLengths] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RunLengths]:
        return iter(self.take(range(self._count)))

    def __getitem__(self, index: int | slice) -> RunLengths | list[RunLengths]:
        numbers = range(self._count)[index]
        return self.take(numbers) if isinstance(index, slice) else self.take([numbers])[0]

    @property
    def nbytes(self) -> int:
        """What the masks that are there hold in memory, bytes."""
        with self._lock:
            made = sum(mask.counts.nbytes for mask in self._made.values())
        return self._first.nbytes + made

    def take(self, numbers: Sequence[int]) -> list[RunLengths]:
        """
        Some masks, all that are missing made at once.

        :param numbers: of the masks, 0 to N - 1
        """
        there = len(self._first)
        first = iter(self._first.take([number for number in numbers if number < there]))
        with self._lock:
            missing = [n for n in numbers if n >= there and n not in self._made]
            if missing:
                self._made.update(zip(missing, self._make(missing)))
            return [next(first) if n < there else self._made[n] for n in numbers]

    def select(self, numbers: np.ndarray) -> RunTable:
        """
        A table of some masks.

        :param numbers: (K,) int64, as in `take`
        """
        if (numbers < len(self._first)).all():
            return self._first.select(numbers)
        return RunTable.of(self.take(numbers.tolist()))
