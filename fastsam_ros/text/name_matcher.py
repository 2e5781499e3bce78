# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts answered by the names that the network says itself, and all others by a text model."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.errors import HOW_TO_GET_A_TEXT_MODEL, UnknownWordError
from fastsam_ros.core.scene import Matcher, Scene
from fastsam_ros.text.handing_on import HandingOn
from fastsam_ros.text.names import Names
from fastsam_ros.text.query import Query


class NameMatcher(HandingOn):
    """
    Answers a text made of known names at once; safe to use from several threads.

    A segment's score for a text is the network's for the likeliest of its names. Where one of the
    prompt's negatives is as likely, it is no match.

    :param names: what the network's outputs mean
    :param other: who answers texts with a word that is no name; or None
    :param threshold: scores below are no match, 0 to 1; the other matcher's where there is one
    """

    def __init__(
        self, names: Names, other: Matcher | None = None, threshold: float = 0.5
    ) -> None:
        super().__init__(other, threshold)
        self.names = names

    @property
    def needs_image(self) -> bool:
        """Whether a scene's pixels are looked at when a text comes."""
        return self.other is not None

    def match(
        self, scene: Scene, text: str, candidates: np.ndarray
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """
        How well segments answer a text prompt.

        :param text: see `Query.parse`
        :param candidates: (K,) indices of segments
        :return: scores (K,) float32, 0 to 1, and K labels: the text that each is most like
        :raises PromptError: when the text asks for nothing
        :raises UnknownWordError: for a word that is no name, when there is no other matcher
        """
        query = Query.parse(text)
        if self.check(text):
            return self.other.match(scene, text, candidates)
        likeness = self._likeness(scene, query.texts, candidates)
        best = likeness.argmax(axis=1)
        scores = likeness[np.arange(len(best)), best]
        if query.negatives:
            unwanted = self._likeness(scene, query.negatives, candidates).max(axis=1)
            scores = np.where(unwanted >= scores, 0, scores)
        return scores.astype(np.float32), tuple(query.texts[i] for i in best)

    def check(self, text: str) -> list[str]:
        """
        Find the words of a text that are no names.

        :return: those that the other matcher must answer
        :raises PromptError: when the text asks for nothing
        :raises UnknownWordError: when there are some and no other matcher
        """
        query = Query.parse(text)
        unknown = self.names.unknown((*query.texts, *query.negatives))
        if unknown and not self.other:
            raise UnknownWordError(self._advice(unknown))
        return unknown

    def _likeness(
        self, scene: Scene, words: tuple[str, ...], candidates: np.ndarray
    ) -> np.ndarray:
        """Of each candidate and word the score of the likeliest name: (K, W)."""
        scores = scene.name_scores[candidates]
        columns = [list(self.names.columns(word)) for word in words]
        return np.stack([scores[:, of_word].max(axis=1) for of_word in columns], axis=1)

    def _advice(self, unknown: list[str]) -> str:
        words = ', '.join(repr(word) for word in unknown)
        return (
            f'this model knows no word for {words}; it knows {", ".join(self.names.names)}, their '
            'plurals and synonyms (`fastsam models names`), and words that were taught by an '
            'example (`fastsam teach`, ~/teach). For any other word '
            f'{HOW_TO_GET_A_TEXT_MODEL}')
