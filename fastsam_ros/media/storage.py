# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Local folders and buckets (s3://, gs://, ...) through fsspec; files are whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import tempfile
from typing import BinaryIO

from fastsam_ros.core.errors import BackendError, OutputError, ParameterError
from fastsam_ros.media.atomic_files import create, replacing
from fastsam_ros.media.partials import PARTIAL, sweep

try:
    import fsspec
    from fsspec.implementations.local import LocalFileSystem
except ModuleNotFoundError as missing:
    raise BackendError(
        'bulk labelling needs fsspec, which is not installed: pip install "fastsam_ros[label]"'
    ) from missing


@dataclass(frozen=True)
class Place:
    """
    A file or folder, wherever it is.

    :param url: a path, or an fsspec URL such as s3://bucket/folder
    """

    url: str

    def __truediv__(self, name: str) -> Place:
        return Place(f'{self.url.rstrip("/")}/{name}')

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.url.rstrip('/').rpartition('/')[2]

    def exists(self) -> bool:
        """Whether something is there."""
        system, path = self._resolve()
        return system.exists(path)

    def is_dir(self) -> bool:
        """Whether a folder is there."""
        system, path = self._resolve()
        return system.isdir(path)

    def open(self) -> BinaryIO:
        """The file's bytes."""
        system, path = self._resolve()
        return system.open(path, 'rb')

    def read(self) -> bytes:
        """All of the file."""
        with self.open() as file:
            return file.read()

    def walk(self) -> Iterator[tuple[str, set[str]]]:
        """Folders below, as paths relative to this one, and names of the files in each."""
        system, path = self._resolve()
        root = path.rstrip('/')
        for folder, _, files in system.walk(root):
            yield folder[len(root) :].strip('/'), {*files}

    def list(self) -> list[str]:
        """Names of what is in the folder, without what is unfinished."""
        system, path = self._resolve()
        names = [Place(entry).name for entry in system.ls(path, detail=False)]
        system.invalidate_cache()  # others write there too: `exists` must not believe this list
        return sorted(name for name in names if not name.startswith(PARTIAL))

    @contextmanager
    def replacing(self) -> Iterator[Path]:
        """
        A local path to write; what is there at the end takes this place.

        An object store puts an object whole or not at all; locally the file is renamed.
        """
        system, path = self._resolve()
        if isinstance(system, LocalFileSystem):
            # Of another process that died at this very file, which this one does again.
            sweep(Path(path).parent)
            with replacing(Path(path)) as temporary:
                yield temporary
            return
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / self.name
            yield temporary
            system.put_file(str(temporary), path)

    def write_json(self, document: object) -> None:
        """Write a JSON document."""
        with self.replacing() as temporary:
            temporary.write_bytes(_json(document))

    def create_json(self, document: object) -> bool:
        """
        Write a JSON document where nothing is yet; of several machines the first one does.

        Not every object store can tell who is first: there the last one may win.

        :return: whether it was written; False: something is there already
        """
        system, path = self._resolve()
        if isinstance(system, LocalFileSystem):
            return create(Path(path), _json(document))
        if system.exists(path):
            return False
        system.pipe_file(path, _json(document))
        return True

    def read_json(self) -> dict:
        """
        Read a JSON document.

        :raises OutputError: when it is none
        """
        try:
            return json.loads(self.read())
        except ValueError as error:
            raise OutputError(f'{self} cannot be read: {error}') from error

    @contextmanager
    def fetched(self) -> Iterator[Path]:
        """A local copy where that is needed: bags are read with random access."""
        system, path = self._resolve()
        if isinstance(system, LocalFileSystem):
            yield Path(path)
            return
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / self.name
            system.get(path, str(target), recursive=system.isdir(path))
            yield target

    def _resolve(self) -> tuple[fsspec.AbstractFileSystem, str]:
        try:
            return fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise ParameterError(f'{self.url} cannot be reached: {error}') from error


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=2) + '\n').encode()
