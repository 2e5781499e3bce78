# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What a run has finished, so that an interrupted one can go on.

A file of records, each with its length and checksum, so that a record that was cut off by a
power failure is told from a whole one and written again. The first record says what was asked
for; a run that asks for anything else starts from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
import json
from pathlib import Path
from typing import BinaryIO
import zlib

MAGIC = b'fastsam journal 1\n'
Key = tuple[str, int]  # which source, and which frame of it


class Journal:
    """
    The records of one run; use it as a context.

    :param path: of the file, made if need be
    :param request: what is asked for; anything that JSON can hold
    :param fresh: begin anew, whatever is there
    """

    def __init__(self, path: Path, request: object, fresh: bool = False) -> None:
        self.path = path
        self._closing = ExitStack()
        self._request = json.dumps(request, sort_keys=True).encode()
        self._places: dict[Key, tuple[int, int]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = self._closing.enter_context(path.open('a+b', buffering=0))
        if fresh or not self._read():
            self._begin()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.close()

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, key: Key) -> bytes:
        """The data that was kept under a key."""
        start, size = self._places[key]
        self._file.seek(start)
        return self._file.read(size)

    def add(self, key: Key, data: bytes = b'') -> None:
        """
        Keep that something is finished, and what came of it.

        :param key: which source and frame
        :param data: what came of it
        """
        head = json.dumps(key).encode()
        start = self._append(head, data)
        self._places[key] = (start, len(data))

    def frames(self, source: str) -> int:
        """How many frames of a source are finished, counted from its first without a gap."""
        count = 0
        while (source, count) in self._places:
            count += 1
        return count

    def discard(self) -> None:
        """Remove the file: all is done."""
        self._closing.close()
        self.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._places.clear()
        self._file.truncate(0)
        self._file.write(MAGIC)
        self._append(b'request', self._request)

    def _append(self, head: bytes, data: bytes) -> int:
        self._file.seek(0, 2)
        sizes = len(head).to_bytes(4, 'little') + len(data).to_bytes(4, 'little')
        check = zlib.crc32(data, zlib.crc32(head)).to_bytes(4, 'little')
        self._file.write(sizes + check + head + data)
        return self._file.tell() - len(data)

    def _read(self) -> bool:
        """Take up what is there; False: it is of another request, or nothing."""
        self._file.seek(0)
        if self._file.read(len(MAGIC)) != MAGIC:
            return False
        records = self._records()
        _, start, size = next(records, (b'', 0, 0))
        if not size or self._bytes(start, size) != self._request:
            return False
        end = start + size
        for head, start, size in records:
            source, frame = json.loads(head)
            self._places[source, frame] = (start, size)
            end = start + size
        self._file.truncate(end)
        return True

    def _records(self) -> Iterator[tuple[bytes, int, int]]:
        """Head, and place and size of the data, of each whole record."""
        position = len(MAGIC)
        while True:
            fields = self._bytes(position, 12)
            if len(fields) < 12:
                return
            head, data, check = (int.from_bytes(fields[i : i + 4], 'little') for i in (0, 4, 8))
            body = self._bytes(position + 12, head + data)
            if len(body) < head + data or zlib.crc32(body) != check:
                return
            yield body[:head], position + 12 + head, data
            position += 12 + head + data

    def _bytes(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)
