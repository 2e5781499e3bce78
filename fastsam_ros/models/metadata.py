# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of a model besides its weights: one file beside it, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import json
from pathlib import Path

from fastsam_ros.core.errors import ModelError

FLAGS = 'clean', 'grow', 'apart'
SUFFIX = '.meta.json'  # NAME.meta.json beside NAME.onnx, NAME.safetensors, ...


@dataclass(frozen=True)
class Metadata:
    """
    What a model means by its outputs, and what its masks gain by.

    :param names: in the order of the network's outputs, each with its synonyms
    :param clean: whether specks and holes of its masks are to be removed
    :param grow: whether boxes of its large regions are to be grown
    :param apart: whether segments stay that share a box, but not a mask
    """

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clean: bool = False
    grow: bool = False
    apart: bool = False

    @classmethod
    def of(cls, model: Path) -> Metadata:
        """
        Read a model's file; without one nothing is known.

        :param model: path of the model
        :raises ModelError: when the file is broken
        """
        path = metadata_file(model)
        return cls.read(path) if path.is_file() else cls()

    @classmethod
    def read(cls, path: Path) -> Metadata:
        """
        Read a file.

        :param path: JSON, `{"clean": true, "names": {"tv": ["television", "screen"], ...}}`
        :raises ModelError: when it is missing or anything else
        """
        try:
            content = json.loads(Path(path).read_text(encoding='utf-8'))
            names = content.get('names', {})
            if not all(isinstance(words, list) for words in names.values()):
                raise TypeError('each name needs a list of synonyms')
            flags = {key: content.get(key, False) for key in FLAGS}
            if not all(isinstance(flag, bool) for flag in flags.values()):
                raise TypeError(f'{", ".join(FLAGS)} are true or false')
            return cls({name: tuple(map(str, words)) for name, words in names.items()}, **flags)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelError(
                f"{path} cannot be read as a model's metadata: {error!r}; expected JSON such as "
                '{"clean": true, "grow": true, "names": {"tv": ["television", "screen"]}}, names '
                "in the order of the network's outputs") from error

    def check(self, model: Path, said: int) -> None:
        """
        Compare the names with a network's outputs.

        :param model: path of the network
        :param said: of how many names it says how likely they are
        :raises ModelError: when the numbers differ
        """
        if len(self.names) != said:
            raise ModelError(
                f'{metadata_file(model).name} has {len(self.names)} names and {model.name} says '
                f'{said}: put the file of that network beside it, or switch words off '
                "(words=False, the node's text_model: none)")

    def write(self, path: Path) -> None:
        """Write a file that `read` takes."""
        rows = ',\n'.join(
            f'    {json.dumps(name)}: {json.dumps(list(words))}'
            for name, words in self.names.items())
        flags = ',\n  '.join(f'"{key}": {json.dumps(getattr(self, key))}' for key in FLAGS)
        path.write_text(f'{{\n  {flags},\n  "names": {{\n{rows}\n  }}\n}}\n', encoding='utf-8')


def metadata_file(model: Path) -> Path:
    """Where a model's metadata is, if there is any: beside it."""
    return model.with_name(model.stem + SUFFIX)
