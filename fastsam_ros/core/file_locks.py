# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Files that programs lock, so that one after the other writes what several of them use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import os
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """
    Wait until no other program has the lock; it ends with the program.

    :param path: of an empty file, made where there is none, with its folder
    :raises OSError: when it cannot be made or locked
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
