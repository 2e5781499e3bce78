# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Masks of an image in one piece of memory.

An object for each of a hundred masks takes a quarter of a millisecond, and few are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import index as as_index

import numpy as np

from fastsam_ros.core.masks.run_lengths import EMPTY, RunLengths
from fastsam_ros.core.native import library

AREA, NUMBER = 4, 5  # columns of a table's boxes


class RunTable(Sequence[RunLengths]):
    """
    Masks as run lengths, as the C++ library takes and gives them.

    Each mask that is taken out is a new object with a copy of its run lengths: who keeps it does
    not keep those of all. `ends`, (N,) int64, says where each mask's end in `counts`.

    :param boxes: (N, 6) int64 x, y, width, height, area and number of run lengths; all 0 for an
        empty mask
    :param counts: (R,) uint32 run lengths, one mask's after the other's; what is behind them is
        cut off
    """

    def __init__(self, boxes: np.ndarray, counts: np.ndarray) -> None:
        self.boxes, self.ends = boxes, boxes[:, NUMBER].cumsum()
        used = int(self.ends[-1]) if len(boxes) else 0
        self.counts = counts if used == len(counts) else counts[:used].copy()

    @classmethod
    def of(cls, masks: Sequence[RunLengths]) -> RunTable:
        """One that has all of some masks; a table itself."""
        if isinstance(masks, cls):
            return masks
        masks = list(masks)
        boxes = np.array(
            [(m.x, m.y, m.width, m.height, m.area, len(m.counts)) for m in masks], np.int64)
        counts = np.concatenate([EMPTY.counts, *(m.counts for m in masks)])
        return cls(boxes.reshape(-1, 6), counts.astype(np.uint32, copy=False))

    @classmethod
    def joined(cls, tables: Sequence[RunTable]) -> RunTable:
        """One of all the masks of several, in order; itself where there is one."""
        if len(tables) == 1:
            return tables[0]
        boxes = [np.empty((0, NUMBER + 1), np.int64), *(table.boxes for table in tables)]
        counts = [EMPTY.counts, *(table.counts for table in tables)]
        return cls(np.concatenate(boxes), np.concatenate(counts))

    def __len__(self) -> int:
        return len(self.boxes)

    def __iter__(self) -> Iterator[RunLengths]:
        return iter(self.take(range(len(self))))

    def __getitem__(self, index: int | slice) -> RunLengths | list[RunLengths]:
        if isinstance(index, slice):
            return self.take(range(len(self))[index])
        *box, number = self.boxes[as_index(index)].tolist()  # often asked for, one a thing
        end = int(self.ends[index])
        return RunLengths(*box, self.counts[end - number : end].copy())

    def rows(self, numbers: np.ndarray) -> tuple[RunTable, np.ndarray]:
        """Where some masks are: as `DeferredMasks` says it, of masks that are all there."""
        return self, numbers

    @property
    def areas(self) -> np.ndarray:
        """Pixels of each mask: (N,) int64; not to be written to."""
        areas = self.boxes[:, AREA]
        areas.flags.writeable = False
        return areas

    def areas_of(self, numbers: np.ndarray) -> np.ndarray:
        """
        Pixels of some masks: (K,) int64.

        :param numbers: (K,) int64, as in `counts_of`
        """
        return self.boxes[numbers, AREA]

    @property
    def nbytes(self) -> int:
        """What the table holds in memory, bytes."""
        return self.boxes.nbytes + self.counts.nbytes

    def counts_of(self, numbers: Sequence[int] | np.ndarray) -> list[np.ndarray]:
        """
        Views of the run lengths of some masks.

        :param numbers: of the masks, -N to N - 1
        :raises IndexError: for anything else
        """
        numbers = _whole(numbers)
        ends = self.ends[numbers]
        begins = ends - self.boxes[numbers, NUMBER]
        counts = self.counts
        return [counts[begin:end] for begin, end in zip(begins.tolist(), ends.tolist())]

    def take(self, numbers: Sequence[int]) -> list[RunLengths]:
        """
        Some masks, each on its own.

        :param numbers: as in `counts_of`
        """
        return [RunLengths(*box, counts.copy()) for box, counts in self._rows(numbers)]

    def _rows(self, numbers: Sequence[int]) -> Iterator[tuple[list[int], np.ndarray]]:
        boxes = self.boxes[_whole(numbers), :NUMBER].tolist()
        return zip(boxes, self.counts_of(numbers))

    def select(self, numbers: Sequence[int] | np.ndarray) -> RunTable:
        """
        A table of some masks; the same where these are all of them, in order.

        :param numbers: as in `counts_of`
        """
        numbers = _whole(numbers)
        if len(numbers) == len(self) and (numbers == np.arange(len(self))).all():
            return self
        counts = np.concatenate([EMPTY.counts, *self.counts_of(numbers)])
        return RunTable(self.boxes[numbers], counts)

    def pixels_in(self, box: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """
        Pixels of some masks that lie in a box: (K,) int64.

        :param box: (4,) int64 x0, y0, x1, y1, image pixels; x1 and y1 are exclusive
        :param numbers: as in `counts_of`
        """
        corners = box.tolist()
        return np.array(
            [RunLengths(*row, counts).count_inside(*corners)
             for row, counts in self._rows(numbers)], np.int64)

    def hits(self, x: np.ndarray, y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """
        Which of some masks hold which pixels.

        :param x: (P,) int64, image pixels
        :param y: (P,) int64, likewise
        :param numbers: (K,) int64 of the masks, 0 to N - 1
        :return: (K, P) bool
        """
        result = np.zeros((len(numbers), len(x)), np.bool_)
        if result.size:
            library().fastsam_hits(
                len(numbers), numbers, self.boxes, self.ends, self.counts, len(x), x, y, result)
        return result


def _whole(numbers: Sequence[int] | np.ndarray) -> np.ndarray:
    """Whole numbers as (K,) int64, none where there are none."""
    array = np.asarray(numbers)
    if array.size and array.dtype.kind not in 'iu':
        raise IndexError(f'masks are chosen by whole numbers, not by {array.dtype}')
    return array.astype(np.int64, copy=False)
