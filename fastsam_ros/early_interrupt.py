# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Ctrl-C while a program is still being imported.

Imports take seconds on a small computer, and an interrupt in the middle of one ends in a
traceback of some library. Nothing has been started then, so there is nothing to put in order.
"""

import os
import signal


def leave_quietly() -> None:
    """End the process at once on SIGINT and SIGTERM, until somebody else handles them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
