# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Ctrl-C and SIGTERM, from the program's first line on.

While a network compiles, or when threads wait for each other, no handler would run, and an
exception that is raised in the middle of an import can be swallowed or leave a lock behind. So a
signal only writes its number to a pipe, and a thread that does nothing else reads it.

Until a command has something to finish, the first signal ends the program. While work is
`deferred`, the first one is noted and the work ends between two files; the second ends at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import os
import signal
import sys
import threading

from fastsam_ros.signal_pipe import SIGNALS, open_signal_pipe

SHOW_CURSOR = '\033[?25h'  # progress bars hide it


class Interrupt:
    """What is known of the user's wish to end; true once there is one."""

    def __init__(self) -> None:
        self._signal = 0
        self._deferring = False

    def __bool__(self) -> bool:
        return bool(self._signal)

    @property
    def exit_code(self) -> int:
        """What a shell expects of a program that such a signal ended."""
        return 128 + self._signal

    def listen(self) -> None:
        """Watch for signals; called from the main thread, before anything else is imported."""
        reader, _ = open_signal_pipe()
        threading.Thread(target=self._watch, args=(reader,), name='signals', daemon=True).start()

    def release(self) -> None:
        """Give signals back to Python, for commands that clean up after a KeyboardInterrupt."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    @contextmanager
    def deferred(self) -> Iterator[Interrupt]:
        """In this context the first signal is noted, not obeyed."""
        self._deferring = True
        try:
            yield self
        finally:
            self._deferring = False

    def _watch(self, reader: int) -> None:
        while True:
            for number in os.read(reader, 1):
                self._note(number)

    def _note(self, number: int) -> None:
        if number not in SIGNALS:
            return
        if self._signal or not self._deferring:
            _end(number)
        self._signal = number


def _end(number: int) -> None:
    """End at once, whatever other threads wait for."""
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), SHOW_CURSOR.encode())
    os._exit(128 + number)


INTERRUPT = Interrupt()
