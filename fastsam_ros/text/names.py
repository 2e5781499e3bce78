# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The names that a network knows by itself, and the words that people use for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path

from fastsam_ros.core.errors import ModelError

SUFFIX = '.names.json'  # of the file beside the model
ARTICLES = ('a ', 'an ', 'the ')
# Ends of plurals and of their singulars; other plurals are in the file, such as 'mice'.
PLURALS = (('ies', 'y'), ('ves', 'f'), ('ves', 'fe'), ('es', ''), ('s', ''))


@dataclass(frozen=True)
class Names:
    """
    Names in the order of the network's outputs, each with its synonyms.

    A word may stand for several names, as 'animal' does.

    :param synonyms: of each name, maybe none
    """

    synonyms: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, path: Path) -> Names:
        """
        Read a file.

        :param path: JSON, `{"names": {"tv": ["television", "screen"], ...}}`
        :raises ModelError: when it is missing or anything else
        """
        try:
            synonyms = json.loads(Path(path).read_text(encoding='utf-8'))['names']
            if not all(isinstance(words, list) for words in synonyms.values()):
                raise TypeError('each name needs a list of synonyms')
            return cls({name: tuple(map(str, words)) for name, words in synonyms.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f'{path} cannot be read as a list of names: {error!r}; expected JSON such as '
                '{"names": {"tv": ["television", "screen"]}}, in the order of the network\'s '
                'outputs') from error

    @classmethod
    def beside(cls, model: Path) -> Names | None:
        """
        Read the names of a model; None where it has no such file.

        :param model: path of the model file, NAME.onnx; the names are in NAME.names.json
        :raises ModelError: when the file is broken
        """
        path = cls.file_of(model)
        return cls.read(path) if path.is_file() else None

    @staticmethod
    def file_of(model: Path) -> Path:
        """Where a model's names are: beside it."""
        return model.with_name(model.stem + SUFFIX)

    def write(self, path: Path) -> None:
        """Write a file that `read` takes."""
        rows = ',\n'.join(
            f'    {json.dumps(name)}: {json.dumps(list(words))}'
            for name, words in self.synonyms.items())
        path.write_text(f'{{\n  "names": {{\n{rows}\n  }}\n}}\n', encoding='utf-8')

    def __len__(self) -> int:
        return len(self.synonyms)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names, in the order of the network's outputs."""
        return tuple(self.synonyms)

    @cached_property
    def _columns(self) -> dict[str, tuple[int, ...]]:
        columns: dict[str, tuple[int, ...]] = {}
        for column, (name, words) in enumerate(self.synonyms.items()):
            for word in dict.fromkeys(map(_plain, (name, *words))):
                columns[word] = (*columns.get(word, ()), column)
        return columns

    def columns(self, word: str) -> tuple[int, ...]:
        """
        Find the names that a word stands for; articles, case and plurals are ignored.

        :param word: such as 'the TVs'
        :return: their numbers; none for an unknown word
        """
        return next((self._columns[w] for w in _forms(word) if w in self._columns), ())

    def unknown(self, words: Sequence[str]) -> list[str]:
        """List the words that stand for no name."""
        return [word for word in words if not self.columns(word)]


def _plain(word: str) -> str:
    """Lower case, single spaces, no hyphens, no article."""
    word = ' '.join(word.casefold().replace('-', ' ').split())
    return next((word[len(a):] for a in ARTICLES if word.startswith(a)), word)


def _forms(word: str) -> Iterator[str]:
    """Yield the word itself, then what may be its singular."""
    word = _plain(word)
    yield word
    for plural, singular in PLURALS:
        if word.endswith(plural):
            yield word.removesuffix(plural) + singular
