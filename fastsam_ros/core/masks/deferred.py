# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Lock

import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.run_table import RunTable

MISSING = -1


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
        self._table, self._count, self._make = RunTable.of(first), count, make
        self._rows = np.full(count, MISSING)  # of each mask in the table
        self._rows[: len(self._table)] = np.arange(len(self._table))
        self._lock = Lock()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RunLengths]:
        return iter(self[:])

    def __getitem__(self, index: int | slice) -> RunLengths | list[RunLengths]:
        numbers = range(self._count)[index]
        if isinstance(index, slice):
            table, rows = self.rows(np.array(numbers, np.int64))
            return table.take(rows)
        row = int(self._rows[numbers])  # before the table, which only grows
        return self[numbers : numbers + 1][0] if row == MISSING else self._table[row]

    @property
    def nbytes(self) -> int:
        """What the masks that are there hold in memory, bytes."""
        return self._table.nbytes

    def rows(self, numbers: np.ndarray) -> tuple[RunTable, np.ndarray]:
        """
        Where some masks are; all that are missing are made at once.

        :param numbers: (K,) int64 of the masks, 0 to N - 1
        :return: a table that has them, and their rows in it, (K,) int64
        """
        with self._lock:
            missing = numbers[self._rows[numbers] == MISSING]
            if len(missing):
                missing, there = np.unique(missing), len(self._table)
                made = RunTable.of(self._make(missing.tolist()))
                self._table = RunTable.joined([self._table, made])
                self._rows[missing] = there + np.arange(len(missing))  # once they are in it
            return self._table, self._rows[numbers]
