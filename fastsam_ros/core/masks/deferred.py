# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from fastsam_ros.core.masks.run_lengths import RunLengths


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
        self._count, self._make = count, make
        self._made = dict(enumerate(first))
        self._lock = Lock()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RunLengths]:
        return iter(self.take(range(self._count)))

    def __getitem__(self, index: int | slice) -> RunLengths | list[RunLengths]:
        numbers = range(self._count)[index]
        return self.take(numbers) if isinstance(index, slice) else self.take([numbers])[0]

    def take(self, numbers: Sequence[int]) -> list[RunLengths]:
        """
        Some masks, all that are missing made at once.

        :param numbers: of the masks, 0 to N - 1
        """
        with self._lock:
            missing = [number for number in numbers if number not in self._made]
            if missing:
                self._made.update(zip(missing, self._make(missing)))
            return [self._made[number] for number in numbers]
