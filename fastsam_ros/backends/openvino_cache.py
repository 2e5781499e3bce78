# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Compiled OpenVINO networks on disk, so that the next start is quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
import os
from pathlib import Path

from fastsam_ros.core.file_locks import locked

LIMIT = 256 << 20  # bytes; a network of one input shape takes 14 MB and more


def cache_folder() -> Path:
    """Where they are: OpenVINO writes one .blob a network and input shape."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'fastsam_ros' / 'openvino'


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """
    Wait until no other program compiles for this folder.

    OpenVINO maps a .blob into memory while another program still writes it, and dies (SIGBUS).
    Where nothing can be written, nothing is locked.
    """
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(locked(folder / 'lock'))
        yield


def prune(folder: Path, limit: int = LIMIT) -> None:
    """
    Remove those that were not used for the longest time.

    :param folder: with .blob files; others stay
    :param limit: bytes that may stay
    """
    blobs = []
    for path in folder.glob('*.blob'):
        try:
            state = path.stat()
        except OSError:  # another process removed it
            continue
        blobs.append((max(state.st_atime, state.st_mtime), state.st_size, path))
    for _, size, path in sorted(blobs, reverse=True):
        limit -= size
        if limit < 0:
            path.unlink(missing_ok=True)
