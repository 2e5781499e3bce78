# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One image's segments: boxes, scores and masks, checked when they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from fastsam_ros.core.boxes import snap_to_border
from fastsam_ros.core.indices import Indices, resolve
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.looks import likeliest, looks_of_names, unit
from fastsam_ros.core.masks.decoding import decode
from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.core.masks.edges import edge_map
from fastsam_ros.core.masks.fading import reachable
from fastsam_ros.core.masks.run_lengths import RunLengths, label_map
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.masks.upsampling import on_host

AnySegments = TypeVar('AnySegments', bound='Segments')


@dataclass(frozen=True, eq=False)
class Segments:
    """
    Everything that FastSAM found in one image, most confident first.

    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels: the network's boxes, moved
        outwards to where their masks go on; no mask reaches beyond its own
    :param scores: (N,) float32, the network's confidence, 0 to 1
    :param coefficients: (N, 32) float32, one weight a prototype
    :param prototypes: (32, h, w), where the network left them; None where `runs` are given and
        nobody needs them
    :param letterbox: the geometry of the image in the network's input
    :param runs: N masks as run lengths, kept as a `RunTable`; or `DeferredMasks`, whose
        candidates' extents are grown with their masks; None: decoded now
    :param confident: how many segments, the first ones, reach the confidence that was asked for;
        None: all. Those behind them are candidates, see `FastSam`: a second chance for whoever
        follows a segment that faded. No prompt is answered with a candidate
    :param name_scores: (N, K) float32, how likely each of K names is, 0 to 1; None: none is known
    :param names: what these K are; empty: nobody said
    :param similar_threshold: likeness from which a segment is similar to another, 0 to 1
    :raises ValueError: when the arrays contradict one another
    """

    extents: np.ndarray
    scores: np.ndarray
    coefficients: np.ndarray
    prototypes: Any
    letterbox: Letterbox
    runs: Sequence[RunLengths] | None = None
    confident: int | None = None
    name_scores: np.ndarray | None = None
    names: tuple[str, ...] = ()
    similar_threshold: float = 0.6

    def __post_init__(self) -> None:
        count = len(self.scores)
        if self.confident is None:
            object.__setattr__(self, 'confident', count)
        if self.name_scores is None:
            object.__setattr__(self, 'name_scores', np.empty((count, 0), np.float32))
        self._check_lengths(count)
        if self.runs is None:
            runs = decode(self.coefficients, self.prototypes, self.extents, self.letterbox)
            object.__setattr__(self, 'runs', runs)
        elif not isinstance(self.runs, DeferredMasks):
            object.__setattr__(self, 'runs', RunTable.of(self.runs))

    def _check_lengths(self, count: int) -> None:
        """Compare the arrays with one another: cheap enough for every frame."""
        if np.shape(self.scores) != (count,) or np.shape(self.extents) != (count, 4):
            raise ValueError(
                f'N segments have scores (N,) and extents (N, 4), not {np.shape(self.scores)} '
                f'and {np.shape(self.extents)}')
        if len(self.coefficients) != count or np.ndim(self.coefficients) != 2:
            raise ValueError(
                f'{count} segments need {count} rows of coefficients, not an array of shape '
                f'{np.shape(self.coefficients)}')
        known = np.shape(self.name_scores)
        if known[:1] != (count,) or (self.names and known[1:] != (len(self.names),)):
            raise ValueError(
                f'{count} segments and {len(self.names)} names came with scores {known}')
        if self.runs is not None and len(self.runs) != count:
            raise ValueError(f'{count} segments came with {len(self.runs)} masks')
        if not 0 <= self.confident <= count:
            raise ValueError(f'{self.confident} of {count} segments cannot be confident')

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

    @property
    def boxes(self) -> np.ndarray:
        """
        Boxes of the segments: (N, 4) float32 x0, y0, x1, y1, image pixels.

        They are the extents, edges that nearly reach the image's border moved onto it.
        """
        return snap_to_border(self.extents, self.height, self.width)

    @cached_property
    def areas(self) -> np.ndarray:
        """Pixels of each mask: (N,) int64."""
        return self.areas_of(None)

    def areas_of(self, indices: Indices) -> np.ndarray:
        """
        Pixels of some masks: (K,) int64.

        :param indices: which segments, see `indices_of`
        """
        table, rows = self.rows(indices)
        return table.areas_of(rows)

    def rows(self, indices: Indices = None) -> tuple[RunTable, np.ndarray]:
        """
        A table that has some masks, not a copy, and their rows in it, (K,) int64.

        :param indices: which segments, see `indices_of`
        """
        return self.runs.rows(self.indices_of(indices))

    def indices_of(self, chosen: Indices) -> np.ndarray:
        """The numbers of the segments that are meant, (K,) int64; see `core.indices.resolve`."""
        return resolve(chosen, len(self))

    def run_lengths(self, indices: Indices = None) -> list[RunLengths]:
        """
        Masks as run lengths.

        :param indices: which segments, see `indices_of`
        """
        table, rows = self.rows(indices)
        return table.take(rows)

    def run_table(self, indices: Indices = None) -> RunTable:
        """
        The same in one piece, as the C++ library takes them.

        :param indices: which segments, see `indices_of`
        """
        table, rows = self.rows(indices)
        return table.select(rows)

    def answer_run_lengths(self, indices: np.ndarray) -> list[RunLengths]:
        """Masks as an answer has them: (K,) numbers of segments."""
        return self.run_lengths(indices)

    def masks(self, indices: Indices = None) -> np.ndarray:
        """
        Masks at the image's size: (K, H, W) bool.

        :param indices: which segments, see `indices_of`
        """
        runs = self.run_lengths(indices)
        masks = np.zeros((len(runs), self.height, self.width), bool)
        for mask, run in zip(masks, runs):
            mask[run.window] = run.mask()
        return masks

    def label_map(self, indices: Indices = None) -> np.ndarray:
        """
        One number a pixel: 0 background, n the n-th of `indices`; smaller segments lie on top.

        :param indices: which segments, see `indices_of`
        :return: (H, W) uint16
        """
        return label_map(self.run_lengths(indices), self.height, self.width).astype(np.uint16)

    def logits(self, indices: Indices = None) -> np.ndarray:
        """
        Masks before the threshold, at the prototypes' resolution and not cut to their boxes.

        :param indices: which segments, see `indices_of`
        :return: (K, h, w) float32, above 0 inside
        """
        prototypes = on_host(self.prototypes)
        flat = prototypes.reshape(len(prototypes), -1)
        chosen = np.asarray(self.coefficients, np.float32)[self.indices_of(indices)]
        logits = np.empty((len(chosen), flat.shape[1]), np.float32)
        for coefficients, mask in zip(chosen, logits):
            # One at a time: of larger products BLAS makes the work of threads that wait busily.
            np.dot(coefficients, flat, out=mask)
        return logits.reshape(-1, *prototypes.shape[1:])

    def edges(self, thin: bool = True) -> np.ndarray:
        """
        Probability of an edge at each pixel: (H, W) float32, 0 to 1; see `core.masks.edges`.

        :param thin: one pixel wide
        """
        return edge_map(self.extents, self.scores, self.logits(), self.letterbox, thin)

    def hits(self, points: np.ndarray) -> np.ndarray:
        """
        Which masks hold which points.

        :param points: (P, 2) float x, y, inside the image, pixels
        :return: (N, P) bool
        """
        result = np.zeros((len(self), len(points)), bool)
        if not len(points):
            return result
        pixels = np.asarray(points).astype(np.int64)
        limits = self._limits
        near = np.flatnonzero(  # the others cost nothing more
            ((limits[:, :2] <= pixels.max(axis=0)) & (limits[:, 2:] > pixels.min(axis=0)))
            .all(axis=1))
        table, rows = self.runs.rows(near)
        result[near] = table.hits(*np.ascontiguousarray(pixels.T), rows)
        return result

    def pixels_in(self, box: np.ndarray, indices: Indices) -> np.ndarray:
        """
        Pixels of some masks that lie in a box: (K,) int64.

        :param box: (4,) int64 x0, y0, x1, y1, image pixels; x1 and y1 are exclusive
        :param indices: which segments, see `indices_of`
        """
        table, rows = self.rows(indices)
        return table.pixels_in(box, rows)

    @property
    def _limits(self) -> np.ndarray:
        """Boxes beyond which no mask goes, those of candidates that may not be made yet too."""
        sure = self.extents[: self.confident]
        if len(sure) == len(self):
            return sure
        return np.concatenate([sure, reachable(self.extents[self.confident :], self.letterbox)])

    @property
    def labels(self) -> tuple[str, ...]:
        """What each segment is called; '' where nothing is sure of any name."""
        return self._labelled[0]

    @property
    def label_scores(self) -> np.ndarray:
        """How likely each label is: (N,) float32, 0 to 1; 0 without a label."""
        return self._labelled[1]

    @cached_property
    def _labelled(self) -> tuple[tuple[str, ...], np.ndarray]:
        return likeliest(self.name_scores, self.names)

    @cached_property
    def looks(self) -> np.ndarray:
        """Unit vectors (N, D) float32, see `core.looks`; without names the mask coefficients."""
        if self.name_scores.shape[1]:
            return looks_of_names(self.name_scores)
        return unit(np.asarray(self.coefficients, np.float32))

    def likeness(self, looks: np.ndarray) -> np.ndarray:
        """
        How much each segment looks like something: (N,) float32, 0 to 1.

        :param looks: (D,) of what is looked for, as `looks` has them
        """
        return np.clip(self.looks @ looks, 0, 1).astype(np.float32)

    def select(self: AnySegments, indices: Indices) -> AnySegments:
        """
        Some of the segments, in the order of the indices.

        :param indices: which segments, see `indices_of`
        """
        chosen = self.indices_of(indices)
        candidates = np.flatnonzero(chosen >= self.confident)
        return self._part(chosen, int(candidates[0]) if len(candidates) else len(chosen))

    @cached_property
    def without_candidates(self: AnySegments) -> AnySegments:
        """The segments that reach the confidence that was asked for; numbers stay as they are."""
        if self.confident == len(self):
            return self
        return self._part(slice(self.confident), self.confident)  # views: each frame asks for it

    def _part(self: AnySegments, some: np.ndarray | slice, confident: int) -> AnySegments:
        runs = self.run_table(some)  # first: extents of candidates hold their masks then
        return replace(
            self, extents=self.extents[some], scores=self.scores[some],
            coefficients=self.coefficients[some], runs=runs, name_scores=self.name_scores[some],
            confident=confident)
