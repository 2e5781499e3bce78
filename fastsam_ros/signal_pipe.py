# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
SIGINT and SIGTERM as bytes in a pipe.

Python runs a signal's handler in its main thread, between two of its own instructions: not while
a network compiles, and when the signal comes as that thread begins to wait for a lock, not before
something else ends the wait. The byte that `signal.set_wakeup_fd` has written by then is there to
be read, by any thread.
"""

import os
import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def open_signal_pipe() -> tuple[int, int]:
    """
    Have each signal write its number to a new pipe, and do nothing else; main thread alone.

    :return: file descriptors to read from and, without waiting, to write to
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)  # without a handler the pipe hears nothing
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader, writer
