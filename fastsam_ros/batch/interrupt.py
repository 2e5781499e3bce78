# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ctrl-C that ends a run between two pictures, not in the middle of a file."""

from __future__ import annotations

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """The user asked for the end."""


class Stopping:
    """
    As a context: notes the first Ctrl-C (or SIGTERM), and lets the second one through.

    Signals reach Python's main thread alone, so it is of use only there.
    """

    def __init__(self) -> None:
        self.signal = 0

    def __enter__(self) -> Stopping:
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __bool__(self) -> bool:
        return bool(self.signal)

    @property
    def exit_code(self) -> int:
        """What a shell expects of a program that such a signal ended."""
        return 128 + self.signal

    def check(self) -> None:
        """Raise Stopped when the user asked for the end."""
        if self:
            raise Stopped

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number
