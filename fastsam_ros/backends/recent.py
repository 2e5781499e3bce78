# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A few values kept by key; what was used least recently goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar('Value')


class Recent(Generic[Value]):
    """
    Values that are made when they are first asked for; its user keeps threads apart.

    :param most: how many are kept
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Hashable, Value] = {}  # in the order of their last use

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """
        The value of a key; it is the last to go now.

        :param make: makes it where it is not there, after others have gone: it may be large
        """
        if key in self._values:
            self._values[key] = self._values.pop(key)
            return self._values[key]
        while len(self._values) >= self._most:
            del self._values[next(iter(self._values))]
        self._values[key] = make()
        return self._values[key]

    def drop(self, key: Hashable) -> None:
        """Forget a key, whether it is there or not."""
        self._values.pop(key, None)
