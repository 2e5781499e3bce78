# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Files that are there whole or not at all, and take the place of none but this program's own.

Each writer has a folder of its own beside the place, so that several may write the same file: the
last one to end is the one that stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import errno
from functools import lru_cache
import os
from pathlib import Path

from fastsam_ros.media.marks import is_ours, mark, refuse_foreign
from fastsam_ros.media.partials import FORMER, remove, sweep, unfinished

SWEPT = 64  # folders that are known to hold nothing of writers that died
TRIES = 100  # swaps of a folder that others swap at the same time
CROSSED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT)  # what comes of two swaps at once


@contextmanager
def replacing(path: Path, ours: Callable[[Path], bool] = is_ours) -> Iterator[Path]:
    """
    A temporary path beside `path`, which takes its place at the end, or is removed on an error.

    It may become a file or a folder; its name is that of `path`, in a folder that no other writer
    has. Pictures and videos get a mark.

    :param path: what is written; its folder is made if need be
    :param ours: whether this program wrote what is there
    :raises OutputError: when somebody else's file or folder is there
    """
    refuse_foreign(path, ours)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep_once(path.parent)
    former = path.with_name(FORMER + path.name)
    _restore(path, former)  # of a run that was killed between the two steps of a swap
    with unfinished(path.parent) as folder:
        temporary = folder / path.name
        try:
            yield temporary
            mark(temporary)
            refuse_foreign(path, ours)  # once more: writing may have taken hours
            _swap(temporary, path, former)
        finally:
            _restore(path, former)


def create(path: Path, data: bytes) -> bool:
    """
    Write a file where there is none; whoever comes first wins, and nobody reads half of it.

    :param path: of the file; its folder is made if need be
    :param data: all of it
    :return: whether it was written; False: something is there already
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep_once(path.parent)
    with unfinished(path.parent) as folder:
        temporary = folder / path.name
        temporary.write_bytes(data)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError:  # this file system has no links
            if os.path.lexists(path):
                return False
            os.replace(temporary, path)
    return True


@lru_cache(SWEPT)
def _sweep_once(folder: Path) -> None:
    """A folder may hold a hundred thousand pictures: it is not listed for each of them."""
    sweep(folder)


def _swap(temporary: Path, path: Path, former: Path) -> None:
    """Put a file or folder into its place; others may do the same meanwhile."""
    for left in reversed(range(TRIES)):
        try:
            if path.is_dir():  # a folder can only be moved onto an empty one
                os.replace(path, former)
            os.replace(temporary, path)
            return
        except OSError as error:
            if not left or error.errno not in CROSSED:
                raise
            if path.is_dir():  # a newer one, so that the one that was moved aside may go
                remove(former)


def _restore(path: Path, former: Path) -> None:
    """Put a folder that was moved aside back, unless another one has taken its place."""
    if former.is_dir() and not os.path.lexists(path):
        with suppress(FileNotFoundError):  # another writer did
            os.replace(former, path)
    remove(former)
