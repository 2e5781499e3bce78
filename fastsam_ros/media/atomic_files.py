# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Files that are there whole or not at all, and take the place of none but this program's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil

from fastsam_ros.media.marks import is_ours, mark, refuse_foreign

PARTIAL = '.fastsam-partial-'  # how the names of unfinished files begin


@contextmanager
def replacing(path: Path, ours: Callable[[Path], bool] = is_ours) -> Iterator[Path]:
    """
    A temporary path beside `path`, which takes its place at the end, or is removed on an error.

    It may become a file or a folder; its ending is that of `path`. Pictures and videos get a mark.

    :param path: what is written; its folder is made if need be
    :param ours: whether this program wrote what is there
    :raises OutputError: when somebody else's file or folder is there
    """
    refuse_foreign(path, ours)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(PARTIAL + path.name)
    former = path.with_name(f'{PARTIAL}former-{path.name}')
    _restore(path, former)  # of a run that was killed between the two steps of a swap
    remove(temporary)
    try:
        yield temporary
        mark(temporary)
        refuse_foreign(path, ours)  # once more: writing may have taken hours
        if path.is_dir():  # a folder can only be moved onto an empty one
            os.replace(path, former)
        os.replace(temporary, path)
    finally:
        _restore(path, former)
        remove(temporary)


def _restore(path: Path, former: Path) -> None:
    """Put a folder that was moved aside back, unless another one has taken its place."""
    if former.is_dir() and not os.path.lexists(path):
        os.replace(former, path)
    remove(former)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
