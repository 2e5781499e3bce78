# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an evaluation found, and by which rules: figures of other rules are other figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
import json
import math
import os
from pathlib import Path

from fastsam_ros.core.errors import OutputError
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.marks import refuse_foreign

WRITER = 'fastsam_ros: fastsam evaluate'


@dataclass(frozen=True)
class Evaluation:
    """
    The figures of one task on one set of pictures.

    :param task: such as 'proposals'
    :param data: name of the folder
    :param pictures: how many there were
    :param figures: names and values; shares are 0 to 1, NaN: there was nothing to measure
    :param protocol: how they were measured, one line a rule
    """

    task: str
    data: str
    pictures: int
    figures: Mapping[str, float]
    protocol: tuple[str, ...]

    def to_json(self) -> dict:
        """As a document for programs; figures have four digits, None: nothing to measure."""
        figures = {
            name: None if math.isnan(value) else round(value, 4)
            for name, value in self.figures.items()}
        return {'written_by': WRITER, **asdict(self), 'figures': figures}


def check_output(path: Path) -> None:
    """
    Make sure that a document can be written, before hours go into what is in it.

    :param path: of the file; its folder is made if need be
    :raises OutputError: when somebody else's file is there, or no file can be
    """
    refuse_foreign(path, _is_ours)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f'{path} cannot be written: {error}; give another --output') from error
    if not os.access(path.parent, os.W_OK):
        raise OutputError(
            f'{path} cannot be written: nobody lets you write into {path.parent}; give another '
            '--output')


def write(path: Path, document: dict) -> None:
    """
    Write what `Evaluation.to_json` gave, and what belongs to it.

    :param path: of the file, as `check_output` takes it
    :raises OutputError: when somebody else's file is there
    """
    with replacing(path, _is_ours) as temporary:
        temporary.write_text(json.dumps(document, indent=2) + '\n', encoding='utf-8')


def _is_ours(path: Path) -> bool:
    try:
        document = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get('written_by') == WRITER
