# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fetch a published model: only when asked, checked, and whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
import errno
import http.client
import os
from pathlib import Path
import shutil
import tempfile
from typing import BinaryIO
import urllib.error
import urllib.request

from fastsam_ros.core.errors import ModelError
from fastsam_ros.models.published import Published
from fastsam_ros.models.registry import check_file, folder, installed, lookup

ATTEMPTS = 4  # a broken transfer goes on where it broke
TIMEOUT = 30.0  # seconds without a byte
BLOCK = 1 << 18  # bytes read at once
PARTIAL = 206  # HTTP: the server goes on from where we asked

Progress = Callable[[int, 'int | None'], None]


class _BrokenTransferError(Exception):
    """The transfer stopped early and can be taken up again."""


def fetch(name: str, *, progress: Progress | None = None) -> Path:
    """
    Fetch a published model, and what it needs, into `folder()`.

    It goes to a temporary file beside its place, is compared with the published size and SHA-256,
    and only then takes its place. A model that is already there is checked and not fetched again.

    :param name: of a published model
    :param progress: called with the bytes so far and the bytes in all (None: unknown)
    :return: where it is
    :raises ModelError: no such model, not reachable, truncated, wrong content, or no room
    """
    model = lookup(name)
    for needed in model.needs:
        fetch(needed)
    path = installed(name)
    if path is None or not _is_sound(path, model):
        path = download(model, folder(), progress)
    return path


def download(model: Published, target: Path, progress: Progress | None = None) -> Path:
    """
    Fetch one file into a folder; it is there whole and checked, or not at all.

    :param model: what to fetch
    :param target: the folder, made if need be
    :raises ModelError: not reachable, truncated, wrong content, or no room
    """
    temporary = None
    try:
        target.mkdir(parents=True, exist_ok=True)
        _check_room(model, target)
        handle, part = tempfile.mkstemp(prefix=f'.{model.file}.', suffix='.part', dir=target)
        temporary = Path(part)
        with os.fdopen(handle, 'wb') as stream:
            _transfer(model, stream, progress)
        check_file(temporary, model)
        temporary.chmod(0o644)  # mkstemp makes it private; a model is for all users
        temporary.replace(target / model.file)
    except OSError as error:
        raise ModelError(_explain(model, target, error)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target / model.file


def _transfer(model: Published, stream: BinaryIO, progress: Progress | None) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _receive(model, stream, progress)
            return
        except _BrokenTransferError as error:
            if attempt == ATTEMPTS:
                raise ModelError(
                    f'{model.name} could not be fetched whole from {model.url}: {error}, in each '
                    f'of {ATTEMPTS} attempts. Nothing was kept; try again later.'
                ) from error


def _receive(model: Published, stream: BinaryIO, progress: Progress | None) -> None:
    """Write what is still missing of the file."""
    done = stream.tell()
    request = urllib.request.Request(model.url, headers={'User-Agent': 'fastsam_ros'})
    if done:
        request.add_header('Range', f'bytes={done}-')
    with _open(request) as response:
        if done and response.status != PARTIAL:  # the server starts again, and so do we
            stream.seek(0)
            stream.truncate()
            done = 0
        rest = response.headers.get('Content-Length')
        total = done + int(rest) if rest and rest.isdigit() else model.size
        while block := _read(response, done, total):
            stream.write(block)
            done += len(block)
            if progress is not None:
                progress(done, total)
    if total is not None and done < total:
        raise _BrokenTransferError(f'the connection ended after {done} of {total} bytes')


def _open(request: urllib.request.Request) -> http.client.HTTPResponse:
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError:
        raise  # the server answered, and will answer the same again
    except TimeoutError as error:  # connected, but the answer does not begin
        raise _BrokenTransferError(f'the server said nothing for {TIMEOUT:g} s') from error
    except (http.client.HTTPException, ConnectionError) as error:
        raise _BrokenTransferError(f'the server hung up ({error})') from error


def _read(response: http.client.HTTPResponse, done: int, total: int | None) -> bytes:
    try:
        return response.read(BLOCK)
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise _BrokenTransferError(f'{error!r} after {done} of {total} bytes') from error


def _is_sound(path: Path, model: Published) -> bool:
    try:
        check_file(path, model)
    except ModelError:
        return False
    return True


def _check_room(model: Published, target: Path) -> None:
    free = shutil.disk_usage(target).free
    if model.size is not None and free < model.size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))


def _explain(model: Published, target: Path, error: OSError) -> str:
    """What went wrong, in words that say what to do."""
    if isinstance(error, urllib.error.HTTPError):
        return (
            f'{model.name} could not be fetched: {model.url} answered {error.code} {error.reason}.'
        )
    if isinstance(error, urllib.error.URLError):
        return (
            f'{model.name} could not be fetched: {error.reason}. Is this machine online? You can '
            f'also fetch {model.url} elsewhere and put it at {target / model.file}.'
        )
    if error.errno == errno.ENOSPC:
        size = f'{model.size / 1e6:.0f} MB' if model.size else 'the file'
        return f'No room for {size} of {model.name} in {target}; set FASTSAM_MODELS to elsewhere.'
    return f'{model.name} could not be written to {target}: {error}.'
