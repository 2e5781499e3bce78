# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of a model besides its weights: one file beside it, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import hashlib
import json
from pathlib import Path
import re

from fastsam_ros.core.errors import ModelError

FLAGS = 'clean', 'grow', 'apart'
FORMER_FLAGS = 'clean', 'grow'
SUFFIX = '.meta.json'  # NAME.meta.json beside NAME.onnx, NAME.safetensors, ...
_MARK = re.compile(r'{\n  "written_by": "fastsam_ros [0-9a-f]{16}",\n')


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

    def write(self, path: Path, marked: bool = False) -> None:
        """
        Write a file that `read` takes.

        :param path: of the file
        :param marked: so that `wrote` tells it from what somebody wrote or changed
        """
        text = self._text()
        path.write_text(_marked(text) if marked else text, encoding='utf-8')

    def _text(self, keys: Sequence[str] = FLAGS) -> str:
        rows = ',\n'.join(
            f'    {json.dumps(name)}: {json.dumps(list(words))}'
            for name, words in self.names.items())
        flags = ',\n  '.join(f'"{key}": {json.dumps(getattr(self, key))}' for key in keys)
        return f'{{\n  {flags},\n  "names": {{\n{rows}\n  }}\n}}\n'


def metadata_file(model: Path) -> Path:
    """Where a model's metadata is, if there is any: beside it."""
    return model.with_name(model.stem + SUFFIX)


def alike(first: Path, second: Path) -> bool:
    """
    Whether two files say the same, in the same order.

    :param first: of one model
    :param second: of another; False when it is missing or broken
    :raises ModelError: when the first is
    """
    text = Metadata.read(first)._text()
    try:
        return Metadata.read(second)._text() == text
    except ModelError:
        return False


def wrote(path: Path) -> bool:
    """Whether `Metadata.write` wrote and marked a file that nobody changed since."""
    if path.is_symlink() or not path.is_file():
        return False
    text = path.read_bytes().decode(errors='replace')
    line = _MARK.match(text)
    return line is not None and text == _marked('{\n' + text[line.end():])


def wrote_before(path: Path) -> bool:
    """Whether a file looks as earlier releases wrote it, without a mark."""
    if path.is_symlink():
        return False
    try:
        known, text = Metadata.read(path), path.read_text(encoding='utf-8')
    except ModelError:
        return False
    return text in (known._text(), known._text(FORMER_FLAGS))


def _marked(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return text.replace('{\n', f'{{\n  "written_by": "fastsam_ros {digest}",\n', 1)
