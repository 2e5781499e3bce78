# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One image's segments; masks become pixels only when somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from fastsam_ros.core.decoding import Decoder, HostDecoder, contains
from fastsam_ros.core.detections import snap_to_border
from fastsam_ros.core.edges import edge_map
from fastsam_ros.core.label_maps import index_map
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.products import multiply
from fastsam_ros.core.prompts import Answer, Prompt, Selection, answer
from fastsam_ros.core.run_lengths import RunLengths

SMALLNESS = -0.2  # power of a segment's share of the image when a point is answered


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


@dataclass(frozen=True, eq=False)
class Scene:
    """
    Everything that FastSAM found in one image, most confident first.

    Masks are coefficients and prototypes, and run lengths where they were asked for already.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels: the network's boxes; no mask
        reaches beyond its own
    :param scores: (N,) float32, the network's confidence, 0 to 1
    :param coefficients: (N, 32) float32, one weight a prototype; of the decoder's kind
    :param prototypes: (32, h, w) float32; of the decoder's kind
    :param letterbox: the geometry of the image in the network's input
    :param image: (H, W, 3) uint8 RGB, for text prompts; or None
    :param matcher: answers text prompts; or None
    :param decoder: makes masks of coefficients and prototypes
    """

    extents: np.ndarray
    scores: np.ndarray
    coefficients: Any
    prototypes: Any
    letterbox: Letterbox
    image: np.ndarray | None = None
    matcher: Matcher | None = None
    decoder: Decoder = HostDecoder()
    _traced: dict[int, RunLengths] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def height(self) -> int:
        """Of the image, pixels."""
        return self.letterbox.height

    @property
    def width(self) -> int:
        """Of the image, pixels."""
        return self.letterbox.width

    @cached_property
    def boxes(self) -> np.ndarray:
        """
        Boxes of the segments: (N, 4) float32 x0, y0, x1, y1, image pixels.

        They are the extents, those that nearly reach the image's border moved onto it.
        """
        return snap_to_border(self.extents, self.height, self.width)

    def run_lengths(self, indices: Sequence[int] | np.ndarray | None = None) -> list[RunLengths]:
        """
        Masks as run lengths; each is decoded when it is first asked for, and kept.

        :param indices: which segments; None: all
        """
        indices = range(len(self)) if indices is None else np.asarray(indices, np.int64).tolist()
        missing = [index for index in dict.fromkeys(indices) if index not in self._traced]
        if missing:
            some = slice(None) if missing == [*range(len(self))] else missing  # no copy of all
            traced = self.decoder.run_lengths(
                self.coefficients[some], self.prototypes, self.extents[some], self.letterbox)
            self._traced.update(zip(missing, traced))
        return [self._traced[index] for index in indices]

    @cached_property
    def areas(self) -> np.ndarray:
        """Pixels of each mask: (N,) int64."""
        return np.array([runs.area for runs in self.run_lengths()], np.int64)

    def masks(self, indices: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """
        Masks at the image's size: (K, H, W) bool.

        :param indices: which segments; None: all
        """
        runs = self.run_lengths(indices)
        masks = np.zeros((len(runs), self.height, self.width), bool)
        for mask, run in zip(masks, runs):
            mask[run.window] = run.mask()
        return masks

    def label_map(self, indices: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """
        One number a pixel: 0 background, n the n-th of `indices`; smaller segments lie on top.

        :param indices: which segments; None: all
        :return: (H, W) uint16
        """
        return index_map(self.run_lengths(indices), self.height, self.width).astype(np.uint16)

    def logits(self, indices: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """
        Masks before the threshold, at the prototypes' resolution and not cut to their boxes.

        :param indices: which segments; None: all
        :return: (K, h, w) float32, above 0 inside
        """
        chosen = self.coefficients if indices is None else self.coefficients[indices]
        prototypes = _on_host(self.prototypes)
        flat = prototypes.reshape(len(prototypes), -1)
        return multiply(_on_host(chosen), flat).reshape(-1, *prototypes.shape[1:])

    def edges(self, thin: bool = True) -> np.ndarray:
        """
        Probability of an edge at each pixel: (H, W) float32, 0 to 1; see `core.edges`.

        :param thin: one pixel wide
        """
        return edge_map(self.extents, self.scores, self.logits(), self.letterbox, thin)

    def hits(self, points: np.ndarray) -> np.ndarray:
        """
        Which masks hold which points, exactly and without decoding any mask.

        Upsampling is linear, so a mask's logit at a pixel is its coefficients times the
        prototypes sampled there.

        :param points: (P, 2) float x, y, inside the image, pixels
        :return: (N, P) bool
        """
        x, y = np.asarray(points).T.astype(np.int64)
        logits = self.decoder.logits_at(
            self.coefficients, self.prototypes, self.letterbox, x, y)
        return contains(self.extents, x, y) & (logits > 0)

    def pixels_in(self, box: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        How much of some masks lies in a box.

        :param box: (4,) int64 x0, y0, x1, y1, image pixels
        :param indices: (K,) which segments
        :return: (K,) int64 pixels of each mask inside the box, and of each whole mask
        """
        if not self.decoder.counts_pixels:
            runs = self.run_lengths(indices)
            counts = [(run.count_inside(*box.tolist()), run.area) for run in runs]
            return tuple(np.array(counts, np.int64).reshape(-1, 2).T)
        whole = self.extents[indices]
        low, high = np.maximum(whole[:, :2], box[:2]), np.minimum(whole[:, 2:], box[2:])
        cut = np.concatenate([low, high], axis=1).astype(np.float32)
        areas = self.decoder.areas(
            self.coefficients[np.concatenate([indices, indices])], self.prototypes,
            np.concatenate([cut, whole]), self.letterbox)
        return areas[: len(indices)], areas[len(indices) :]

    @cached_property
    def point_scores(self) -> np.ndarray:
        """
        How good an answer each segment is to a point inside it: (N,) float32, 0 to 1.

        Of nested segments a click means a small one rather than a large one. The rule, confidence
        times the box's share of the image to a negative power, is the best of those that
        `training/point_choice.py` measures; x / (1 + x) brings it to 0..1 and keeps the order.
        """
        share = np.prod(self.extents[:, 2:] - self.extents[:, :2], axis=1)
        share = np.maximum(share, 1) / (self.height * self.width)
        rank = self.scores * share**SMALLNESS
        return (rank / (1 + rank)).astype(np.float32)

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
        return self.answer([Prompt(points, labels, box, text or '', selection)])[0]

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        """
        Answer many prompts at once.

        :raises PromptError: when one does not fit the image
        :raises TextError: when one has text and there is no text model
        """
        return answer(self, prompts)

    def without_empty(self, seen: np.ndarray) -> Scene:
        """
        The scene without segments of which no pixel is left: the box missed its own mask.

        :param seen: (N,) bool, which are known to have a pixel; only the others are decoded
        """
        doubtful = np.flatnonzero(~seen)
        if len(doubtful) and self.decoder.counts_pixels:  # a pass costs the same for few and all
            self.run_lengths()
        empty = doubtful[[runs.area == 0 for runs in self.run_lengths(doubtful)]]
        return self.select(np.delete(np.arange(len(self)), empty)) if len(empty) else self

    def select(self, indices: np.ndarray) -> Scene:
        """
        The scene of some of its segments.

        :param indices: (K,) which, in the new order
        """
        kept = {new: self._traced[old] for new, old in enumerate(indices.tolist())
                if old in self._traced}
        return replace(
            self, extents=self.extents[indices], scores=self.scores[indices],
            coefficients=self.coefficients[indices], _traced=kept)

    def compact(self) -> Scene:
        """The same scene without the masks decoded so far: what a history keeps."""
        return replace(self, _traced={})


def _on_host(array: Any) -> np.ndarray:
    """An array of numpy's, float32, wherever it lies."""
    return array.float().cpu().numpy() if hasattr(array, 'cpu') else np.asarray(array, np.float32)
