# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The names that a network knows by itself, and the words that people use for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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
            for word in dict.fromkeys(map(plain, (name, *words))):
                columns[word] = (*columns.get(word, ()), column)
        return columns

    def columns(self, word: str) -> tuple[int, ...]:
        """
        Find the names that a word stands for; articles, case and plurals are ignored.

        :param word: such as 'the TVs'
        :return: their numbers; none for an unknown word
        """
        return next((self._columns[w] for w in forms(word) if w in self._columns), ())

    def unknown(self, words: Sequence[str]) -> list[str]:
        """List the words that stand for no name."""
        return [word for word in words if not self.columns(word)]


def plain(word: str) -> str:
    """Give a word in lower case, with single spaces, without hyphens and article."""
    word = ' '.join(word.casefold().replace('-', ' ').split())
    return next((word[len(a):] for a in ARTICLES if word.startswith(a)), word)


def forms(word: str) -> Iterator[str]:
    """Yield the word itself, then what may be its singular."""
    word = plain(word)
    yield word
    for plural, singular in PLURALS:
        if word.endswith(plural):
            yield word.removesuffix(plural) + singular
