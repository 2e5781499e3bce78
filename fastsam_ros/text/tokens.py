# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts as token ids, without torch: `tokenizers` and one tokenizer.json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import html
from pathlib import Path
import re
import string
import unicodedata

import numpy as np
from tokenizers import Regex, normalizers, pre_tokenizers
from tokenizers import Tokenizer as Vocabulary
from tokenizers.models import BPE

from fastsam_ros.core.errors import ModelError
from fastsam_ros.text.card import Card

# How CLIP cuts a text into words (github.com/openai/CLIP, simple_tokenizer.py).
CLIP_WORDS = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
_QUOTES = str.maketrans({'\u2018': "'", '\u2019': "'", '\u201c': '"', '\u201d': '"'})
_VARIANTS = re.compile('[\ufb00-\ufb06\uff01-\uff5e]')  # ligatures and full-width letters
_NO_PUNCTUATION = str.maketrans('', '', string.punctuation)


class Tokenizer:
    """
    Turns texts into rows of token ids.

    :param vocabulary: how words become tokens
    :param card: the model's
    """

    def __init__(self, vocabulary: Vocabulary, card: Card) -> None:
        self.vocabulary = vocabulary
        self._card = card

    @classmethod
    def read(cls, path: Path, card: Card) -> Tokenizer:
        """
        Read a tokenizer.json.

        :raises ModelError: when it is missing or broken
        """
        try:
            content = path.read_text(encoding='utf-8')
            vocabulary = Vocabulary.from_str(content)
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f'{path} is no tokenizer: {error}') from error
        return cls(vocabulary, card)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """
        Token ids of texts; a text that is too long loses its end.

        :return: (T, context) int64
        """
        card = self._card
        start = [] if card.start is None else [card.start]
        rows = np.full((len(texts), card.context), card.padding, np.int64)
        for row, text in zip(rows, texts, strict=True):
            ids = self.vocabulary.encode(clean(text, card.clean), add_special_tokens=False).ids
            ids = [*start, *ids][: card.context - 1]
            row[: len(ids) + 1] = [*ids, card.end]
        return rows


def clean(text: str, how: str) -> str:
    """A text as the tokenizer expects it; see `Card.clean`."""
    text = html.unescape(html.unescape(text)).translate(_QUOTES)
    text = _VARIANTS.sub(lambda match: unicodedata.normalize('NFKC', match[0]), text)
    text = unicodedata.normalize('NFC', text)
    if how == 'canonicalize':
        text = text.replace('_', ' ').translate(_NO_PUNCTUATION)
    text = ' '.join(text.split())
    return text if how == 'whitespace' else text.lower()


def clip_vocabulary(tokens: dict[str, int], merges: Iterable[tuple[str, str]]) -> Vocabulary:
    """
    CLIP's byte pair encoding.

    :param tokens: ids of tokens, in the byte alphabet of GPT-2, '</w>' at a word's end
    :param merges: pairs that are joined, in order
    """
    model = BPE(tokens, list(merges), end_of_word_suffix='</w>', fuse_unk=False)
    vocabulary = Vocabulary(model)
    vocabulary.normalizer = normalizers.Lowercase()
    vocabulary.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CLIP_WORDS), 'removed', invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    return vocabulary
