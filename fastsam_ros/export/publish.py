# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Put a model that was built and compared into its place, with the files that belong to it."""

from __future__ import annotations

import os
from pathlib import Path

from fastsam_ros.backends.tensorrt.note import note_of
from fastsam_ros.export.request import TARGETS
from fastsam_ros.media.marks import is_ours, refuse_foreign
from fastsam_ros.media.partials import FORMER, remove
from fastsam_ros.models.metadata import metadata_file, wrote, wrote_before


def refuse_others(path: Path, metadata: bool) -> None:
    """
    Refuse to replace what somebody else wrote.

    :param path: of the model that is about to be written
    :param metadata: whether a file of metadata is going to be written beside it
    :raises OutputError: when somebody else's file is in the place of one of these
    """
    for file in (path, *_beside(path)):
        refuse_foreign(file, lambda old: is_ours(old) or _left_by_a_kill(old, path))
    if metadata:
        refuse_foreign(metadata_file(path), lambda old: wrote(old) or _wrote_before(old, path))


def publish(made: Path, path: Path) -> None:
    """
    Move a model's files to where they belong.

    At no time do two lie there that do not fit: the one without which nobody reads the others is
    moved aside first, and moved in last.

    :param made: the model, with what belongs to it beside it; as much of it as is there
    :param path: where it goes
    """
    files = [file for file in (made, *_beside(made), metadata_file(made)) if file.is_file()]
    files.sort(key=lambda file: file == _key(made))
    key, former = _key(path), _former(path)
    if len(files) > 1 and key.is_file():
        os.replace(key, former)
    for file in files:
        os.replace(file, path.with_name(file.name))
    remove(former)


def _beside(path: Path) -> list[Path]:
    """What a model needs to be read, besides its own file."""
    return {'.xml': [path.with_suffix('.bin')], '.engine': [note_of(path)]}.get(path.suffix, [])


def _key(path: Path) -> Path:
    """The file without which the others of a model are not read; it says whose they are, too."""
    return note_of(path) if path.suffix == '.engine' else path


def _former(path: Path) -> Path:
    """Where the key is while the others are replaced."""
    key = _key(path)
    return key.with_name(FORMER + key.name)


def _left_by_a_kill(file: Path, path: Path) -> bool:
    """Whether a file is of a model whose key was moved aside and never came back."""
    return file != _key(path) and is_ours(_former(path))


def _wrote_before(file: Path, path: Path) -> bool:
    """Whether an earlier release wrote metadata, which had no mark: with a model beside it."""
    models = (path.with_suffix(suffix) for suffix in TARGETS.values())
    return wrote_before(file) and any(map(is_ours, models))
