# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Work that is shared out to threads which are free just now, and to the one that asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
import os
from typing import TypeVar

import numpy as np

Result = TypeVar('Result')
MOST = 4  # threads; with more, each has too little to do


def side_by_side(pieces: Sequence[Callable[[], Result]]) -> list[Result]:
    """
    Results of pieces of work that let go of Python's lock, in order.

    The caller's thread does the first, and all that no other has begun by then: where processors
    are busy with other things, it waits for nobody.
    """
    first, *others = pieces
    futures = [helpers().submit(piece) for piece in others]
    results = {0: first()}
    for number in range(len(others), 0, -1):  # the last is the least likely to have been begun
        if futures[number - 1].cancel():
            results[number] = others[number - 1]()
    return [
        results[number] if number in results else futures[number - 1].result()
        for number in range(len(pieces))]


def shares(costs: np.ndarray, least: int) -> list[slice]:
    """
    Parts of N that cost about the same, one for each processor.

    :param costs: (N,) of each, 0 and above
    :param least: of them that are worth a thread
    :return: slices, at least one, in order
    """
    number = max(min(MOST, cores(), len(costs) // least), 1)
    if number == 1:
        return [slice(0, len(costs))]
    spent = costs.cumsum()
    bounds = np.searchsorted(spent, spent[-1] * np.arange(1, number) / number).tolist()
    return [slice(*ends) for ends in zip([0, *bounds], [*bounds, len(costs)])]


def cores() -> int:
    """Of the processor, those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()


def helpers() -> ThreadPoolExecutor:
    """Threads that wait for work: to begin one takes as long as to copy half of an image."""
    return _helpers_of(os.getpid())


@lru_cache(maxsize=1)
def _helpers_of(process: int) -> ThreadPoolExecutor:
    """Those of a process; one that was forked off has none of its parent's."""
    return ThreadPoolExecutor(thread_name_prefix='fastsam-helper')
