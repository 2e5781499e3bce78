# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One image's segments, and whatever is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from fastsam_ros.core.answers import Answer, answer
from fastsam_ros.core.errors import HOW_TO_GET_A_TEXT_MODEL, TextError
from fastsam_ros.core.indices import Indices
from fastsam_ros.core.looks import likeliest
from fastsam_ros.core.masks.refinement import refine
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.prompts import Prompt, Selection
from fastsam_ros.core.segments import Segments


class Matcher(Protocol):
    """What a scene asks about texts; see `fastsam_ros.text.matcher`."""

    threshold: float

    def match(
        self, scene: Scene, text: str, candidates: np.ndarray
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """
        How well each candidate shows the text, (K,) float32, and as what.

        Scores are 0 to 1, or -1 for candidates that were not looked at: no threshold lets them by.
        """


class Labeller(Protocol):
    """Who calls segments by words of the user's own; see `fastsam_ros.text.words`."""

    def label(
        self, scene: Scene, indices: Indices, labels: tuple[str, ...], scores: np.ndarray
    ) -> tuple[tuple[str, ...], np.ndarray]:
        """
        Name the segments that it knows.

        :param indices: which segments are looked at, see `Segments.indices_of`
        :param labels: K names of theirs, as the network says them
        :param scores: (K,) float32, how sure each is, 0 to 1
        :return: both anew
        """


@dataclass(frozen=True, eq=False)
class Scene(Segments):
    """
    One image's segments, the image, and what answers texts about it; see `Segments`.

    :param image: (H, W, 3) uint8 RGB, for text prompts; or None
    :param matcher: answers text prompts; or None
    :param refine: whether masks that answer prompts follow the edges in the image
    :param labeller: names segments by words that were taught; or None
    """

    image: np.ndarray | None = None
    matcher: Matcher | None = None
    refine: bool = False
    labeller: Labeller | None = None

    def __post_init__(self) -> None:
        size = (self.height, self.width)
        if self.image is not None and self.image.shape[:2] != size:
            raise ValueError(f'the letterbox is for an image of {size}, not {self.image.shape}')
        super().__post_init__()

    def answer_run_lengths(self, indices: np.ndarray) -> list[RunLengths]:
        """See `Segments`; with `refine` the outlines follow the image, where it was kept."""
        if not self.refine or self.image is None or self.prototypes is None:
            return super().answer_run_lengths(indices)
        missing = [index for index in indices.tolist() if index not in self._refined]
        for index, logits in zip(missing, self.logits(missing)):
            refined = refine(logits, self.extents[index], self.letterbox, self.image)
            self._refined[index] = refined if refined.area else self.runs[index]
        return [self._refined[index] for index in indices.tolist()]

    def labels_at(self, indices: Sequence[int]) -> list[tuple[str, float]]:
        """
        What segments are called, and how likely that is; of candidates these alone are looked at.

        :param indices: of the segments, 0 to N - 1
        """
        faint = sorted({index for index in indices if index >= self.confident})
        names, scores = self._named(faint) if faint else ((), ())
        found = {index: (name, float(score)) for index, name, score in zip(faint, names, scores)}
        return [found[index] if index in found else self._sure_label(index) for index in indices]

    def _sure_label(self, index: int) -> tuple[str, float]:
        sure = self.without_candidates
        return sure.labels[index], float(sure.label_scores[index])

    @cached_property
    def _labelled(self) -> tuple[tuple[str, ...], np.ndarray]:
        return self._named(slice(None))

    def _named(self, indices: list[int] | slice) -> tuple[tuple[str, ...], np.ndarray]:
        known = likeliest(self.name_scores[indices], self.names)
        return known if self.labeller is None else self.labeller.label(self, indices, *known)

    @cached_property
    def _refined(self) -> dict[int, RunLengths]:
        return {}

    def prompt(
        self,
        points: Sequence[Sequence[float]] | np.ndarray | None = None,
        labels: Sequence[int] | np.ndarray | None = None,
        box: Sequence[float] | None = None,
        text: str | None = None,
        selection: Selection | int | str = Selection.BEST,
    ) -> Answer:
        """
        Answer one prompt; see `Prompt` for what the arguments mean.

        :raises PromptError: when it does not fit the image or contradicts itself
        :raises TextError: when it has text and there is no text model
        """
        points, labels = (() if v is None else v for v in (points, labels))
        text = '' if text is None else text
        return self.answer([Prompt(points, labels, box, text, selection)])[0]

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        """
        Answer many prompts at once; candidates below the confidence are left aside.

        :raises PromptError: when one does not fit the image
        :raises TextError: when one has text and there is no text model
        """
        confident = self.without_candidates
        return answer(confident, prompts, confident.match_text)

    def match_text(
        self, text: str, candidates: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        """
        Which segments a text describes.

        :param text: what to look for
        :param candidates: (K,) indices of segments
        :return: positions among the candidates (L,), how well each fits (L,) float32, 0 to 1, and
            as what
        :raises TextError: when there is no text model
        """
        if self.matcher is None:
            raise TextError(f'the prompt asks for {text!r}, but {HOW_TO_GET_A_TEXT_MODEL}')
        scores, labels = self.matcher.match(self, text, candidates)
        keep = np.flatnonzero(scores >= self.matcher.threshold)
        return keep, scores[keep], tuple(labels[i] for i in keep)
