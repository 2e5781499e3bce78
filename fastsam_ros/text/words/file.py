# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Taught words as a file: a zip archive of `words.json` and the examples' pictures.

It is read whole or not at all: every part of an archive has a checksum. It is written whole or
not at all as well, and never in the place of a file that cannot be read.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
import hashlib
import json
import os
from pathlib import Path
import zipfile
import zlib

import numpy as np

from fastsam_ros.core.errors import OutputError, WordsError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.text.words.example import LONGEST, Example, Look

FORMAT = 'fastsam words 1'
INDEX, PICTURES = 'words.json', 'pictures'
LARGEST = 64 << 20  # bytes of one part; more is no word file

Content = Mapping[str, tuple[Example, ...]]  # examples by word


def user_file() -> Path:
    """Where words are kept: `fastsam_ros` in the user's data ($XDG_DATA_HOME, ~/.local/share)."""
    data = os.environ.get('XDG_DATA_HOME') or '~/.local/share'
    return Path(data).expanduser() / 'fastsam_ros' / 'words.zip'


def read(path: Path) -> Content:
    """
    Read a file; one that is not there has no words.

    :raises WordsError: when it is damaged or anything else
    """
    if not os.path.lexists(path):
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            index = json.loads(_part(archive, INDEX))
            if index['format'] != FORMAT:
                raise ValueError(f'its format is {index["format"]!r}, not {FORMAT!r}')
            return {
                str(word): tuple(_example(archive, entry) for entry in entries)
                for word, entries in index['words'].items()}
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError,
            AttributeError, RuntimeError, OverflowError) as error:  # zipfile raises all of these
        raise WordsError(
            f'{path} cannot be read as taught words ({str(error) or repr(error)}); it is left '
            'as it is: put a copy in its place, or move it away and teach anew') from error


def write(path: Path, content: Content) -> None:
    """
    Write a file whole.

    :param path: not there yet, or a file that `read` takes
    :raises WordsError: when something else is there, or it cannot be written
    """
    try:
        with replacing(path, _is_words) as temporary, zipfile.ZipFile(temporary, 'w') as archive:
            index = {'format': FORMAT, 'words': {
                word: [_entry(example) for example in examples]
                for word, examples in content.items()}}
            archive.writestr(
                INDEX, json.dumps(index, ensure_ascii=False, indent=1), zipfile.ZIP_DEFLATED)
            pictures = {
                _picture(example): example.picture
                for examples in content.values() for example in examples}
            for name, picture in pictures.items():
                archive.writestr(name, picture)
            archive.close()
            _flush(temporary)
    except (OSError, OutputError) as error:
        raise WordsError(f'the words cannot be written to {path}: {error}') from error


def digest(content: Content) -> str | None:
    """
    What was taught, in 16 letters; the same in every file that holds it, however it came there.

    :return: None: nothing was
    """
    known = sorted(
        (word, sorted((example.id, example.counter) for example in examples))
        for word, examples in content.items())
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16] if known else None


def _flush(path: Path) -> None:
    """Wait until a file is on the disk: a power cut must not leave an empty one in its place."""
    with path.open('rb') as written:
        os.fsync(written.fileno())


def _is_words(path: Path) -> bool:
    try:
        read(path)
    except WordsError:
        return False
    return True


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    part = archive.getinfo(name)
    if part.file_size > LARGEST:
        raise ValueError(f'{name} in it is larger than any part of a word file')
    # Pictures are stored as they are: what is packed could unfold to any size.
    if name != INDEX and part.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f'{name} in it is compressed')
    return archive.read(name)


def _picture(example: Example) -> str:
    return f'{PICTURES}/{example.id}.jpg'


def _entry(example: Example) -> dict:
    mask = example.mask
    return {
        'picture': _picture(example), 'counter': example.counter,
        'corner': example.corner, 'size': example.size,
        'box': [mask.x, mask.y, mask.width, mask.height], 'counts': mask.counts.tolist(),
        'looks': {network: {
            'vector': base64.b64encode(look.vector.astype('<f2').tobytes()).decode(),
            'nearest': look.nearest} for network, look in example.looks.items()}}


def _example(archive: zipfile.ZipFile, entry: dict) -> Example:
    x, y, width, height = map(int, entry['box'])
    counts = np.array(entry['counts'], np.uint32)
    if counts.sum() != width * height:
        raise ValueError('a mask in it does not fill its box')
    mask = RunLengths(x, y, width, height, int(counts[1::2].sum()), counts)
    (left, top), (rows, columns) = map(int, entry['corner']), map(int, entry['size'])
    inside = 0 <= left <= left + x + width <= columns and 0 <= top <= top + y + height <= rows
    if min(x, y) < 0 or not inside or max(rows, columns) > LONGEST:
        raise ValueError('a mask in it does not lie in its picture')
    return Example(
        _part(archive, entry['picture']), mask, (left, top), (rows, columns),
        bool(entry['counter']),
        {network: _look(look) for network, look in entry['looks'].items()})


def _look(entry: dict) -> Look:
    vector = np.frombuffer(base64.b64decode(entry['vector']), '<f2').astype(np.float32)
    return Look(vector, float(entry['nearest']))
