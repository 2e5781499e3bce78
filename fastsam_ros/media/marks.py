# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which files this program wrote, so that it never replaces or removes anybody else's.

A picture or video ends with a mark in a form that its readers skip. Who edits or converts the file
makes it his own: the mark is gone or no longer at the end. Bags and models carry one in their
metadata. A folder is this program's when every file in it is.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from mmap import ACCESS_READ, mmap
import os
from pathlib import Path
import re
import sqlite3
import zlib

from fastsam_ros.core.errors import OutputError

MARK = b'written by fastsam_ros'
BAG_KEY, BAG_MARK = 'written_by', 'fastsam_ros: fastsam segment'  # in the metadata of bags
_INSIDE = {
    **dict.fromkeys(('.yaml', '.mcap'), re.compile(BAG_MARK.encode())),
    '.parquet': re.compile(rb'fastsam_ros: fastsam label'),
    '.json': re.compile(rb'"written_by": "fastsam_ros'),
    # The metadata of `fastsam export`, in protobuf, XML and JSON.
    **dict.fromkeys(
        ('.onnx', '.xml', '.torchscript', '.engine.json'),
        re.compile(rb'exported_by.{1,12}?fastsam_ros', re.DOTALL)),
}


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, 'big')
    return len(data).to_bytes(4, 'big') + kind + data + check


_PNG_END = _png_chunk(b'IEND', b'')
_PNG_TAIL = _png_chunk(b'tEXt', b'Comment\0' + MARK) + _PNG_END
_FREE_BOX = (8 + len(MARK)).to_bytes(4, 'big') + b'free' + MARK  # ISO base media: .mp4, .mov
_VOID_ELEMENT = bytes([0xEC, 0x80 | len(MARK)]) + MARK  # Matroska
_TAILS = {
    '.png': _PNG_TAIL,
    '.mp4': _FREE_BOX,
    '.mov': _FREE_BOX,
    '.mkv': _VOID_ELEMENT,
    # What follows the end of these is not read.
    **dict.fromkeys(
        ('.jpg', '.jpeg', '.jpe', '.bmp', '.webp', '.tif', '.tiff', '.ppm', '.pgm'), MARK),
}
# Files that cannot bear a mark themselves, and the file beside them that does.
_DESCRIBED_BY = {
    '.bin': lambda path: path.with_suffix('.xml'),
    '.engine': lambda path: path.with_name(f'{path.name}.json'),
}


def mark(file: Path) -> None:
    """
    Put the mark at the end of a picture or video; other files are left as they are.

    :param file: written a moment ago, by its ending a format that can bear a mark
    """
    tail = _TAILS.get(file.suffix.lower())
    if tail is None or not file.is_file():
        return
    with file.open('r+b') as stream:
        if tail is _PNG_TAIL:  # before the end, which stays the last chunk
            stream.seek(-len(_PNG_END), os.SEEK_END)
        else:
            stream.seek(0, os.SEEK_END)
        stream.write(tail)


def is_ours(path: Path) -> bool:
    """
    Whether this program wrote a file, or every file in a folder.

    :param path: of what is there
    """
    if path.is_symlink():
        return False
    if path.is_dir():
        return all(is_ours(entry) for entry in path.iterdir())
    suffix = path.suffix.lower()
    if suffix in _DESCRIBED_BY:
        path = _DESCRIBED_BY[suffix](path)
        suffix = path.suffix
    if not path.is_file():
        return False
    if suffix in _TAILS:
        return _ends_with(path, _TAILS[suffix])
    if suffix == '.db3':
        return _is_marked_bag(path)
    inside = _INSIDE.get(''.join(path.suffixes[-2:]).lower(), _INSIDE.get(suffix))
    return inside is not None and _holds(path, inside)


def refuse_foreign(path: Path, ours: Callable[[Path], bool] = is_ours) -> None:
    """
    Refuse to replace what somebody else wrote.

    :param path: what is about to be written
    :param ours: whether this program wrote what is there
    :raises OutputError: when something else is there
    """
    if os.path.lexists(path) and not ours(path):
        what = 'holds files that were' if path.is_dir() else 'is there already and was'
        raise OutputError(
            f'{path} {what} not written by fastsam: give another --output, or move that away')


def _ends_with(path: Path, tail: bytes) -> bool:
    with path.open('rb') as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - len(tail), 0))
        return file.read() == tail


def _holds(path: Path, pattern: re.Pattern[bytes]) -> bool:
    if not path.stat().st_size:
        return False
    with path.open('rb') as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return pattern.search(data) is not None


def _is_marked_bag(path: Path) -> bool:
    """Whether a database has the mark in its metadata; the texts in the file may lie in pieces."""
    try:
        with closing(sqlite3.connect(f'{path.absolute().as_uri()}?mode=ro', uri=True)) as data:
            rows = data.execute('SELECT metadata FROM metadata')
            return any(BAG_MARK in text for (text,) in rows)
    except sqlite3.Error:
        return False
