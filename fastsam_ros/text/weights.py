# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which files a text model's name stands for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastsam_ros import models
from fastsam_ros.core.errors import ModelError, TextError
from fastsam_ros.text.card import TOKENIZER

CONFIGURATION = 'open_clip_config.json'  # in a folder as open_clip saves it


@dataclass(frozen=True)
class Weights:
    """
    Where a model comes from.

    :param architecture: as open_clip calls it, or its 'local-dir:' notation
    :param path: of the weights; None with 'local-dir:'
    :param tokenizer: of tokenizer.json, where the model has a tokenizer of its own
    """

    architecture: str
    path: Path | None
    tokenizer: Path | None


def find(name: str) -> Weights:
    """
    Find the files that a name stands for.

    :param name: see `fastsam_ros.text.load_encoder`
    :raises TextError: when there is no such model
    :raises ModelError: when a file is not there; the message says how to get it
    """
    published = models.PUBLISHED.get(name)
    if published is not None and published.kind == 'text':
        needed = [models.resolve(other) for other in published.needs]
        return Weights(published.architecture, models.resolve(name), (needed or [None])[0])
    folder = Path(name).expanduser()
    if (folder / CONFIGURATION).is_file():
        return Weights(f'local-dir:{folder}', None, _if_there(folder / TOKENIZER))
    architecture, _, file = name.partition('/')
    if architecture and file and not folder.exists():
        return _of_file(architecture, Path(file).expanduser())
    known = [model.name for model in models.PUBLISHED.values() if model.kind == 'text']
    raise TextError(
        f'there is no text model {name!r}: give a folder that `fastsam export --text-model` '
        f'made, one of {", ".join(known)}, or MODEL/FILE, a model of open_clip and the file of '
        'its weights'
    )


def _of_file(architecture: str, path: Path) -> Weights:
    if not path.is_file():
        raise ModelError(
            f'there is neither a folder {architecture}/{path} nor a file {str(path)!r}. Name a '
            'folder that `fastsam export --text-model` made, or a model of open_clip, a slash '
            'and the file of its weights: ViT-B-16/path/to/weights.safetensors'
        )
    return Weights(architecture, path.absolute(), _if_there(path.with_name(TOKENIZER)))


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None
