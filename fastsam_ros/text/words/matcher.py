# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts and labels answered by taught words first, and by somebody else where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fastsam_ros.core.errors import (
    HOW_TO_GET_A_TEXT_MODEL,
    TextError,
    UnknownWordError,
    WordsError,
)
from fastsam_ros.core.indices import Indices
from fastsam_ros.core.scene import Matcher, Scene
from fastsam_ros.following.appearance import appearance
from fastsam_ros.text.handing_on import HandingOn
from fastsam_ros.text.name_matcher import NameMatcher
from fastsam_ros.text.names import Names
from fastsam_ros.text.query import Query
from fastsam_ros.text.words.learned import Learned
from fastsam_ros.text.words.store import Words

SURE = 0.5  # score from which a segment gets a word as its label


class WordMatcher(HandingOn):
    """
    Answers texts; safe to use from several threads.

    Of a prompt's texts those that were taught are answered by the words, all others by the next
    matcher: 'my mug, cup -plate' needs a name or a text model for cup and plate alone.

    :param words: that were taught
    :param other: who answers all other texts; or None
    :param threshold: scores below are no match, 0 to 1; the other matcher's where there is one
    """

    def __init__(
        self, words: Words, other: Matcher | None = None, threshold: float = 0.5
    ) -> None:
        super().__init__(other, threshold)
        self.words = words

    @property
    def needs_image(self) -> bool:
        """Whether a scene's pixels are looked at when a text comes."""
        return len(self.words.learned) > 0 or getattr(self.other, 'needs_image', False)

    def check(self, text: str) -> list[str]:
        """
        Find the words of a text that were not taught, and are no names.

        :raises PromptError: when the text asks for nothing
        :raises UnknownWordError: when nobody can answer some
        """
        query, learned = Query.parse(text), self.words.learned
        rest = [word for word in (*query.texts, *query.negatives) if learned.find(word) is None]
        if not rest:
            return []
        if self.other is None:
            raise self._unknown(rest, learned)
        return getattr(self.other, 'check', lambda _: rest)('; '.join(rest))

    def match(
        self, scene: Scene, text: str, candidates: np.ndarray
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """
        How well segments answer a text prompt.

        :param text: see `Query.parse`
        :param candidates: (K,) indices of segments
        :return: scores (K,) float32, 0 to 1, and K labels: the text that each is most like
        :raises PromptError: when the text asks for nothing
        :raises TextError: when some words were not taught and nobody else knows them, or the
            scene has no image
        """
        query, learned = Query.parse(text), self.words.learned
        if all(learned.find(word) is None for word in (*query.texts, *query.negatives)):
            return self._ask_other(scene, text, candidates, learned)
        if scene.image is None:
            raise TextError('this scene was kept without its image: taught words need the pixels')
        vectors = appearance(scene, candidates)
        scores, labels = self._best(scene, query.texts, candidates, vectors, learned)
        if query.negatives:
            unwanted, _ = self._best(scene, query.negatives, candidates, vectors, learned)
            scores = np.where(unwanted >= scores, 0, scores)
        return scores.astype(np.float32), labels

    def label(
        self, scene: Scene, indices: Indices, labels: tuple[str, ...], scores: np.ndarray
    ) -> tuple[tuple[str, ...], np.ndarray]:
        """Give segments that show a taught word that word; see `core.scene.Labeller`."""
        learned = self.words.learned
        if not len(learned) or not labels or scene.image is None:
            return labels, scores
        likeness = learned.scores(appearance(scene, indices))
        best, sure = likeness.argmax(axis=1), likeness.max(axis=1)
        named = tuple(
            learned.names[word] if score >= SURE else label
            for word, score, label in zip(best.tolist(), sure.tolist(), labels))
        return named, np.where(sure >= SURE, sure, scores).astype(np.float32)

    def _best(
        self, scene: Scene, texts: tuple[str, ...], candidates: np.ndarray, vectors: np.ndarray,
        learned: Learned,
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """Of each candidate the score and the text of the best of several texts."""
        taught = {text: learned.find(text) for text in texts}
        mine = [text for text in texts if taught[text] is not None]
        rest = [text for text in texts if taught[text] is None]
        scores = np.full(len(candidates), -1, np.float32)
        labels = ('',) * len(candidates)
        if rest:
            scores, labels = self._ask_other(scene, '; '.join(rest), candidates, learned)
        for text in mine:
            own = learned.scores(vectors, taught[text])[:, 0]
            labels = tuple(
                text if better else label for better, label in zip(own >= scores, labels))
            scores = np.maximum(scores, own)
        return scores, labels

    def _ask_other(
        self, scene: Scene, text: str, candidates: np.ndarray, learned: Learned
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        if self.other is None:
            raise self._unknown([text], learned)
        try:
            return self.other.match(scene, text, candidates)
        except UnknownWordError as error:
            if self.words.problem:
                raise WordsError(self.words.problem) from error
            raise

    def _unknown(self, words: list[str], learned: Learned) -> TextError | WordsError:
        """Why nobody answers, in words."""
        if self.words.problem:
            return WordsError(self.words.problem)
        asked = ', '.join(map(repr, words))
        if not len(learned):
            return TextError(f'the prompt asks for {asked}, but {HOW_TO_GET_A_TEXT_MODEL}')
        return UnknownWordError(
            f'no word was taught for {asked}; taught: {", ".join(learned.names)}. For any other '
            f'word {HOW_TO_GET_A_TEXT_MODEL}')


def matcher_of(
    words: Words | None, names: Mapping[str, Sequence[str]], other: Matcher | None
) -> Matcher | None:
    """
    Who answers texts: taught words, then names, then a text model.

    :param words: that were taught; None: neither these nor names are used
    :param names: that the network knows, with their synonyms; maybe none
    :param other: the text model; or None
    """
    if words is None:
        return other
    return WordMatcher(words, NameMatcher(Names(names), other) if names else other)
