# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The words as one network knows them: which segments show one, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from fastsam_ros.text.names import forms
from fastsam_ros.text.words.example import Example, Look

OTHERS = 0.87  # likeness that the best segment reaches in 3 % of pictures without the thing
RISE = 0.015  # of that, times the logarithm of the number of examples: each may be mistaken
SHARE = 0.25  # how far the nearest other thing that was seen pulls the threshold up to itself
SOFT = 0.015  # likeness above the threshold at which a score is 0.73
CHUNK = 512  # examples that are compared with all others at a time


class Learned:
    """
    All words whose examples a network has looked at; it never changes.

    A segment is as likely a word as it looks like the most similar of its examples. Where a
    counter-example is as similar, it is none. The threshold, at which the score is 0.5, is what
    pictures of other things seldom reach; it is raised where something else was seen that comes
    nearer: in the examples' own pictures, among counter-examples and other words' examples.

    :param content: examples by word
    :param network: see `Words`
    """

    def __init__(self, content: Mapping[str, Sequence[Example]], network: str) -> None:
        known = {
            word: [(e.looks[network], e.counter) for e in examples if network in e.looks]
            for word, examples in content.items()}
        self._shown = {
            word: [look for look, counter in pairs if not counter]
            for word, pairs in known.items() if not all(counter for _, counter in pairs)}
        self.names = tuple(self._shown)
        self._counters = {
            number: _rows([look for look, counter in known[word] if counter])
            for number, word in enumerate(self.names) if any(c for _, c in known[word])}

    def __len__(self) -> int:
        return len(self.names)

    def find(self, text: str) -> int | None:
        """
        The word that a text stands for; articles, case and plurals are ignored.

        :return: its number; None: it was not taught
        """
        return next((self._places[form] for form in forms(text) if form in self._places), None)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {next(forms(word)): number for number, word in enumerate(self.names)}

    def scores(self, vectors: np.ndarray, word: int | None = None) -> np.ndarray:
        """
        How surely segments are what words mean.

        :param vectors: (K, D) float32, see `appearance`
        :param word: the number of one; None: all
        :return: (K, W) float32, of all words or of that one, 0 to 1; 0.5 and more is a match
        """
        words = range(len(self)) if word is None else [word]
        if not len(words) or not len(vectors):
            return np.zeros((len(vectors), len(words)), np.float32)
        starts = self._starts[words[0] : words[-1] + 2]
        likeness = vectors @ self._vectors[starts[0] : starts[-1]].T
        best = np.maximum.reduceat(likeness, starts[:-1] - starts[0], axis=1)
        # The logistic function, as a tanh that cannot overflow.
        above = (best - self.thresholds[words[0] : words[-1] + 1]) / SOFT
        scores = 0.5 + 0.5 * np.tanh(0.5 * above)
        for number in self._counters.keys() & set(words):
            counter, column = vectors @ self._counters[number].T, number - words[0]
            scores[counter.max(axis=1) >= best[:, column], column] = 0
        return scores

    @cached_property
    def thresholds(self) -> np.ndarray:
        """Likeness from which a segment is each word: (W,) float32, 0 to 1."""
        nearest = np.array([
            max(look.nearest for look in looks) for looks in self._shown.values()], np.float32)
        if len(self):
            nearest = np.maximum(nearest, self._nearest_of_others())
        for number, counters in self._counters.items():
            examples = _rows(self._shown[self.names[number]])
            nearest[number] = max(nearest[number], (examples @ counters.T).max())
        least = OTHERS + RISE * np.log(np.maximum(np.diff(self._starts), 1))
        return (least + SHARE * np.maximum(nearest - least, 0)).astype(np.float32)

    def _nearest_of_others(self) -> np.ndarray:
        """The highest likeness of each word's examples with those of another word: (W,)."""
        owners = np.repeat(np.arange(len(self)), np.diff(self._starts))
        nearest = np.zeros(len(self), np.float32)
        for start in range(0, len(owners), CHUNK):
            likeness = self._vectors[start : start + CHUNK] @ self._vectors.T
            likeness[owners[start : start + CHUNK, None] == owners] = 0
            np.maximum.at(nearest, owners[start : start + CHUNK], likeness.max(axis=1))
        return nearest

    @cached_property
    def _vectors(self) -> np.ndarray:
        return _rows([look for looks in self._shown.values() for look in looks])

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.cumsum([0, *map(len, self._shown.values())])


def _rows(looks: Sequence[Look]) -> np.ndarray:
    return np.stack([look.vector for look in looks]) if looks else np.zeros((0, 0), np.float32)
