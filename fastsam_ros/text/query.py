# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a text prompt asks for: several texts at once, and what is not meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import re

from fastsam_ros.core.errors import PromptError

# What a segment is compared with besides the texts: phrases that fit anything, so that a text has
# to describe a segment better than they do. They are LERF's canonical phrases (arXiv:2303.09553).
BACKGROUND = ('object', 'things', 'stuff', 'texture')

# A text is put into each sentence and the vectors are averaged, as CLIP's authors do
# (arXiv:2103.00020, section 3.1.4); sentences that fit a cut-out, with and without an article.
TEMPLATES = ('{}', 'a photo of {}', 'a cropped photo of {}', 'a close-up photo of {}')

LIMIT = 100  # texts and negatives that a prompt may hold

# Such a word before a comma does not end a text: 'small, red car'.
ADJECTIVES = frozenset((
    'big', 'black', 'blue', 'bright', 'brown', 'clean', 'closed', 'dark', 'dirty', 'empty',
    'full', 'golden', 'gray', 'green', 'grey', 'huge', 'large', 'light', 'little', 'long',
    'metal', 'new', 'old', 'open', 'orange', 'pink', 'plastic', 'purple', 'red', 'round', 'short',
    'shiny', 'silver', 'small', 'square', 'striped', 'tall', 'thick', 'thin', 'tiny',
    'transparent', 'wet', 'white', 'wooden', 'yellow', 'young'))
ARTICLES = frozenset(('a', 'an', 'the'))

_ENDS = re.compile(r'[;\n]')
_MINUS = re.compile(r'(?:^|\s)-\s*(?=\w)')


@dataclass(frozen=True)
class Query:
    """
    A text prompt, taken apart.

    :param texts: each stands for itself; a segment gets the one that describes it best
    :param negatives: what a segment must be less like than its text
    """

    texts: tuple[str, ...]
    negatives: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Query:
        """
        Take a prompt apart.

        Texts are separated by commas, semicolons or line ends; adjectives before a comma go on
        with what follows it, as in 'small, red car'. A minus at the start of a word
        begins what is not meant, up to the next separator or minus, for all texts of the prompt:
        'dog, cat -stone statue' asks for dogs and cats that are no stone statues.

        :raises PromptError: when it asks for nothing, or for too much
        """
        texts: list[str] = []
        negatives: list[str] = []
        for part in _split(text):
            first, *rest = _MINUS.split(part)
            texts.append(first)
            negatives.extend(rest)
        query = cls(_clean(texts), _clean(negatives))
        if not query.texts:
            raise PromptError(
                f'text {text!r} asks for nothing: write what to look for, such as '
                "'dog', 'dog, cat' or 'dog -statue'"
            )
        if len(query.texts) + len(query.negatives) > LIMIT:
            raise PromptError(
                f'{len(query.texts)} texts and {len(query.negatives)} negatives came: a prompt '
                f'may hold {LIMIT} in all'
            )
        return query


def _split(text: str) -> Iterator[str]:
    """The parts of a text; adjectives go with the noun behind their comma, if there is one."""
    for clause in _ENDS.split(text):
        adjectives: list[str] = []
        for part in clause.split(','):
            if _is_adjective(part):
                adjectives.append(part)
            else:
                yield ' '.join([*adjectives, part])
                adjectives = []
        yield from adjectives


def _is_adjective(part: str) -> bool:
    words = set(part.casefold().split()) - ARTICLES
    return bool(words) and words <= ADJECTIVES


def _clean(texts: list[str]) -> tuple[str, ...]:
    """Without spaces around, empty ones and repetitions."""
    stripped = (' '.join(text.split()) for text in texts)
    return tuple(dict.fromkeys(text for text in stripped if text))
