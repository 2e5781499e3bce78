# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where unfinished files are: a folder for each writer, which goes also when its writer died."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
import hashlib
import os
from pathlib import Path
import platform
import re
import secrets
import shutil
import time

PARTIAL = '.fastsam-partial-'  # how the names of unfinished files and their folders begin
FORMER = f'{PARTIAL}former-'  # and of a folder that is moved aside for a moment
OLD = 24 * 60 * 60  # seconds without a change, after which a writer elsewhere counts as dead
_OWNED = re.compile(re.escape(PARTIAL) + r'([0-9a-f]{8})-([0-9]+)-[0-9a-f]{8}')


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """
    Make a folder in another that no other writer has; it is removed at the end, whatever is in it.

    :param folder: where it is made
    """
    own = folder / f'{PARTIAL}{_machine()}-{os.getpid()}-{secrets.token_hex(4)}'
    own.mkdir()
    try:
        yield own
    finally:
        remove(own)


def sweep(folder: Path) -> None:
    """
    Remove what writers left that were killed; what may be a living one's stays.

    :param folder: where they wrote
    """
    with suppress(OSError):  # it may not be listed, or others sweep it as well
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if entry.name.startswith(PARTIAL)]
        for path in found:
            if not path.name.startswith(FORMER) and _is_left(path):
                remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there; another program may do so as well."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    """Whether nobody writes there: here that is known, of other machines it is a matter of age."""
    owned = _OWNED.fullmatch(path.name)
    if owned and owned[1] == _machine():
        return not _lives(int(owned[2]))
    newest = max(os.lstat(each).st_mtime for each in (path, *path.rglob('*')))
    return time.time() - newest > OLD


@cache
def _machine() -> str:
    """Where process ids mean what they mean here: this boot of the machine, this container."""
    try:
        boot = Path('/proc/sys/kernel/random/boot_id').read_text()
        boot += os.readlink('/proc/self/ns/pid')
    except OSError:
        boot = platform.node()
    return hashlib.sha256(boot.encode()).hexdigest()[:8]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's
        return True
    return True
