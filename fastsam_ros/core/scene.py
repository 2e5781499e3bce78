# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One image's segments, not yet decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from fastsam_ros.core.detections import snap_to_border
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks import RunLengths
from fastsam_ros.core.outlines import axes, trace
from fastsam_ros.core.prompts import Answer, Prompt, Selection, answer


SAMPLES = np.stack(np.meshgrid(*[np.float32([0.25, 0.5, 0.75])] * 2), axis=-1).reshape(1, 9, 2)


class Matcher(Protocol):
    """What a scene asks about texts; see `fastsam_ros.core.text`."""

    threshold: float

    def match(
        self, scene: Scene, text: str, candidates: np.ndarray
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """How well each candidate shows the text, (K,) float32 0 to 1, and as what."""


@dataclass(frozen=True, eq=False)
class Scene:
    """
    Everything that FastSAM found in one image, most confident first, masks still undecoded.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels: the network's boxes; no mask
        reaches beyond its own
    :param scores: (N,) float32, the network's confidence, 0 to 1
    :param coefficients: (N, 32) float32, one weight a prototype
    :param prototypes: (32, h, w) float32
    :param letterbox: the geometry of the image in the network's input
    :param image: (H, W, 3) uint8 RGB, for text prompts; or None
    :param matcher: answers text prompts; or None
    """

    extents: np.ndarray
    scores: np.ndarray
    coefficients: np.ndarray
    prototypes: np.ndarray
    letterbox: Letterbox
    image: np.ndarray | None = None
    matcher: Matcher | None = None
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
            height, width = self.prototypes.shape[1:]
            logits = self.coefficients[missing] @ self.prototypes.reshape(-1, height * width)
            logits = logits.reshape(-1, height, width)
            traced = trace(logits, self.extents[missing], self.letterbox)
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
        labels = np.zeros((self.height, self.width), np.uint16)
        runs = self.run_lengths(indices)
        for index in sorted(range(len(runs)), key=lambda i: -runs[i].area):
            np.copyto(labels[runs[index].window], np.uint16(index + 1), where=runs[index].mask())
        return labels

    def hits(self, points: np.ndarray) -> np.ndarray:
        """
        Which masks hold which points, exactly and without decoding any mask.

        Upsampling is linear, so a mask's logit at a pixel is its coefficients times the
        prototypes sampled there.

        :param points: (P, 2) float x, y, inside the image, pixels
        :return: (N, P) bool
        """
        x, y = np.asarray(points).T.astype(np.int64)
        left, top, right, bottom = np.ceil(self.extents.T)[..., None]
        inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
        return inside & (self.coefficients @ self._sample(x, y) > 0)

    def _sample(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The prototypes at image pixels: (32, P) float32."""
        rows, columns = axes(self.letterbox, *self.prototypes.shape[1:])
        row, column = rows.cells[y], columns.cells[x]
        down, right = rows.positions[y] - row, columns.positions[x] - column
        flat, width = self.prototypes.reshape(len(self.prototypes), -1), self.prototypes.shape[2]
        corner = row * width + column
        above = flat[:, corner] * (1 - right) + flat[:, corner + 1] * right
        corner += width
        below = flat[:, corner] * (1 - right) + flat[:, corner + 1] * right
        return (above * (1 - down) + below * down).astype(np.float32)

    @cached_property
    def point_scores(self) -> np.ndarray:
        """How good an answer each segment is to a point inside it: (N,) float32, 0 to 1."""
        return self.scores

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

    def without_empty(self) -> Scene:
        """
        The scene without segments of which no pixel is left: the box missed its own mask.

        Nearly all segments show a pixel at one of a few places in their boxes; only the others
        are decoded to see.
        """
        if not len(self):
            return self
        empty = ~self._seen_at_samples()
        doubtful = np.flatnonzero(empty)
        empty[doubtful] = [runs.area == 0 for runs in self.run_lengths(doubtful)]
        return self.select(np.flatnonzero(~empty)) if empty.any() else self

    def _seen_at_samples(self) -> np.ndarray:
        """Whether a 3x3 pattern of pixels in each segment's box hits its mask: (N,) bool."""
        low, high = self.extents[:, None, :2], self.extents[:, None, 2:]
        points = low + (high - low) * SAMPLES
        points = np.minimum(points, (self.width - 1, self.height - 1))
        x, y = points.reshape(-1, 2).T.astype(np.int64)
        sampled = self._sample(x, y).reshape(len(self.coefficients[0]), len(self), -1)
        logits = np.einsum('nc,cnp->np', self.coefficients, sampled)
        left, top, right, bottom = np.ceil(self.extents.T)[..., None]
        x, y = x.reshape(len(self), -1), y.reshape(len(self), -1)
        inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
        return (inside & (logits > 0)).any(axis=1)

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
