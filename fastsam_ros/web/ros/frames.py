# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames of one camera that wait for their segments."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Stamp = tuple[int, int]
Result = TypeVar('Result')
LENGTH = 300  # frames: ten seconds of a camera
BUDGET = 64 << 20  # bytes of messages as they came


class Frames:
    """
    Messages by stamp, the oldest of which go, or shrink first where they are large.

    :param shrink: makes a message smaller, or None of it, when nobody will ask for it: it goes,
        and so do all older ones; runs only when the messages exceed the budget, as with a large
        picture and a slow network
    :param budget: bytes
    :param length: how many at most
    """

    def __init__(
        self, shrink: Callable[[bytes], bytes | None], budget: int = BUDGET, length: int = LENGTH
    ) -> None:
        self._whole: OrderedDict[Stamp, bytes] = OrderedDict()
        self._small: OrderedDict[Stamp, bytes] = OrderedDict()
        self._shrink, self._budget, self._length = shrink, budget, length
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._whole) + len(self._small)

    def add(self, stamp: Stamp, message: bytes) -> None:
        """Keep a message; it replaces one of the same stamp."""
        self._bytes += len(message) - len(self._whole.pop(stamp, b''))
        self._whole[stamp] = message
        while self._bytes > self._budget and len(self._whole) > 1:
            oldest, large = self._whole.popitem(last=False)
            self._bytes -= len(large)
            self._put_small(oldest, self._shrink(large))
        while len(self) > self._length:
            self._drop_oldest()

    def take(self, stamp: Stamp) -> tuple[bytes, bool] | None:
        """
        The message of that stamp, and whether it is still whole; it and all older ones go.

        None when it is not there.
        """
        if stamp not in self._small and stamp not in self._whole:
            return None
        while stamp in self._small:
            oldest, small = self._small.popitem(last=False)
            if oldest == stamp:
                return small, False
        self._small.clear()
        while True:
            oldest, whole = self._whole.popitem(last=False)
            self._bytes -= len(whole)
            if oldest == stamp:
                return whole, True

    def _put_small(self, stamp: Stamp, small: bytes | None) -> None:
        if small is None:
            self._small.clear()
        else:
            self._small[stamp] = small

    def _drop_oldest(self) -> None:
        if self._small:
            self._small.popitem(last=False)
        else:
            self._bytes -= len(self._whole.popitem(last=False)[1])


class Pairs(Generic[Result]):
    """
    Frames and their results, joined by equal stamps, in whatever order they come.

    :param frames: where frames wait
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._early: tuple[Stamp, Result] | None = None

    def frame(self, stamp: Stamp, message: bytes) -> tuple[bytes, bool, Result] | None:
        """A frame came; it is returned with its result when that was here first."""
        self._frames.add(stamp, message)
        if self._early is None or self._early[0] != stamp:
            return None
        return self.result(*self._early)

    def result(self, stamp: Stamp, result: Result) -> tuple[bytes, bool, Result] | None:
        """A result came; it is returned with its frame, or waits for it."""
        found = self._frames.take(stamp)
        self._early = (stamp, result) if found is None else None
        return None if found is None else (*found, result)
