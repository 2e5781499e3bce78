# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is written beside an engine: an engine is of use on its own GPU and TensorRT alone."""

from __future__ import annotations

from collections.abc import Mapping
import json
import os
from pathlib import Path

from fastsam_ros.core.errors import BackendError, ModelError

KEYS = ('tensorrt', 'gpu', 'compute_capability', 'precision', 'source', 'source_sha256')


def note_of(path: Path) -> Path:
    """The note's file: NAME.engine.json beside NAME.engine."""
    return path.with_name(path.name + '.json')


def read_note(path: Path) -> dict:
    """
    What an engine was built from and for.

    :param path: of the .engine file
    :raises ModelError: when the engine or its note is missing, or the note broken
    """
    if not path.is_file():
        raise ModelError(f'{path} is not there')
    file = note_of(path)
    try:
        note = json.loads(file.read_text())
    except FileNotFoundError as error:
        raise ModelError(
            f'{file} is missing: it says what GPU, TensorRT and weights the engine was '
            'built with, which cannot be told from the engine; build it again with '
            '`fastsam export --to tensorrt`') from error
    except ValueError as error:
        raise ModelError(f'{file} cannot be read, it may be truncated: {error}') from error
    missing = [key for key in KEYS if key not in note] if isinstance(note, dict) else KEYS
    if missing:
        raise ModelError(f'{file} does not say {", ".join(missing)}: export it again')
    return note


def is_current(path: Path, note: Mapping[str, object]) -> bool:
    """
    Whether an engine is there that was built like that, and computes what its weights say.

    :param path: of the .engine file
    :param note: what would stand beside it
    """
    try:
        known = read_note(path)
    except ModelError:
        return False
    return bool(known.get('parity')) and all(known.get(key) == note[key] for key in note)


def write_note(path: Path, note: Mapping[str, object]) -> None:
    """
    Replace the note; it is there whole or as it was.

    :param path: of the .engine file
    """
    whole = note_of(path)
    part = whole.with_name(f'.{whole.name}.{os.getpid()}')
    part.write_text(json.dumps(dict(note), indent=2) + '\n')
    part.replace(whole)


def check_note(path: Path, note: Mapping[str, object], here: Mapping[str, str]) -> None:
    """
    Compare what an engine was built for with what is here.

    :param path: of the .engine file, for the message
    :param note: what stands beside it
    :param here: tensorrt, gpu and compute_capability of this machine
    :raises BackendError: when one differs
    """
    different = [
        f'{key} {note[key]}, here it is {value}' for key, value in here.items()
        if note[key] != value]
    if different:
        raise BackendError(
            f'{path.name} was built for {"; ".join(different)}. An engine runs only on what it '
            f'was built for: build it here with `fastsam export --model {note["source"]} '
            '--to tensorrt`')
