# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How good an answer to a click a segment is: which of nested segments is meant.

Seven things are looked at, and a network of a few units, which learned from labelled things that
were clicked on, makes of them the IoU that is to be expected with the thing that is meant.
`training/click_rule.py` fits it, `training/point_choice.py` measures it beside other rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fastsam_ros.core.masks.upsampling import prototypes_at
from fastsam_ros.core.native import library

if TYPE_CHECKING:
    from fastsam_ros.core.segments import Segments

# In the order of src/masks/clicks.cpp: the score's logit; the logarithm of the box's share of the
# image; the logit of the likeliest name; how far the click is from the middle of the box, along
# its farther and its nearer axis, 1 on the border; the mask's logit at the click; and how many
# sides of the box lie on the image's border.
EVIDENCE = 'score', 'share', 'name', 'farther', 'nearer', 'sure', 'cut'
NAME, SURE = EVIDENCE.index('name'), EVIDENCE.index('sure')
RULE = Path(__file__).with_name('clicks.json')
CHUNK = 4096  # pairs; of larger products BLAS makes the work of threads that wait busily


@dataclass(frozen=True, eq=False)
class ClickRule:
    """
    A network with one hidden layer of rectified units.

    :param means: (7,) float32, of the evidence: how sure masks are where only outlines of them
        are known
    :param weights: (7, H) float32
    :param biases: (H,) float32
    :param outputs: (H,) float32
    :param offset: added to the output
    """

    means: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    outputs: np.ndarray
    offset: np.float32

    @classmethod
    @cache
    def read(cls, named: bool) -> ClickRule:
        """
        Read the one that ships.

        :param named: whether the network that found the segments has names
        """
        rules = json.loads(RULE.read_text(encoding='utf-8'))
        return cls.from_json(rules['named' if named else 'nameless'])

    @classmethod
    def from_json(cls, values: dict) -> ClickRule:
        """
        Take a rule as `training.click_rule` writes it.

        :param values: by the names of the evidence their means and weights; what is not among
            them counts nothing
        """
        unknown = {'mean': 0.0, 'weights': np.zeros_like(values['biases'])}
        known = [values['evidence'].get(name, unknown) for name in EVIDENCE]
        table = [[kind['mean'] for kind in known], [kind['weights'] for kind in known]]
        rest = (values[name] for name in ('biases', 'outputs', 'offset'))
        return cls(*map(np.float32, (*table, *rest)))

    @classmethod
    def of(cls, segments: Segments) -> ClickRule:
        """The one for the network that found these."""
        return cls.read(segments.name_scores.shape[1] > 0)

    def __call__(self, evidence: np.ndarray) -> np.ndarray:
        """
        Logits of the IoU to expect.

        :param evidence: (M, 7) float32
        :return: (M,) float32
        """
        logits = np.empty(len(evidence), np.float32)
        for start in range(0, len(evidence), CHUNK):
            chunk = slice(start, start + CHUNK)
            units = evidence[chunk] @ self.weights + self.biases
            logits[chunk] = np.maximum(units, 0, out=units) @ self.outputs + self.offset
        return logits


def click_logits(
    segments: Segments, points: np.ndarray, asked: np.ndarray | None = None
) -> np.ndarray:
    """
    How good an answer each segment is to a click at each point, were the point in its mask.

    :param points: (P, 2) float x, y, pixels
    :param asked: (N, P) bool, the pairs that are asked about, others get -inf; None: all
    :return: (N, P) float32; `core.logistic` brings them to 0..1
    """
    if asked is None:
        asked = np.ones((len(segments), len(points)), bool)
    logits = np.full(asked.shape, -np.inf, np.float32)
    logits[asked] = ClickRule.of(segments)(evidence_of(segments, points, asked))
    return logits


def evidence_of(segments: Segments, points: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """
    What is looked at of pairs of segments and clicks.

    :param points: (P, 2) float x, y, pixels
    :param asked: (N, P) bool, the pairs
    :return: (M, 7) float32, of the pairs in the order of their segments, see `EVIDENCE`; 0 for
        the name where the network has none
    """
    places, names = np.ascontiguousarray(np.floor(points), np.float32), segments.name_scores
    coefficients, values = _certainty(segments, places)
    evidence = np.empty((np.count_nonzero(asked), len(EVIDENCE)), np.float32)
    evidence[:, NAME], evidence[:, SURE] = 0, ClickRule.of(segments).means[SURE]
    library().fastsam_clicks(
        len(segments), np.ascontiguousarray(segments.extents, np.float32),
        np.ascontiguousarray(segments.scores, np.float32),
        np.ascontiguousarray(names, np.float32), names.shape[1], coefficients, segments.width,
        segments.height, len(places), places, values, values.shape[1],
        np.ascontiguousarray(asked), evidence)
    return evidence


def _certainty(segments: Segments, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What says how sure masks are of points: (N, K), (P, K); where outlines are known, K is 0."""
    if segments.prototypes is None:
        return np.empty((len(segments), 0), np.float32), np.empty((len(points), 0), np.float32)
    return (np.ascontiguousarray(segments.coefficients, np.float32),
            prototypes_at(segments.prototypes, segments.letterbox, points))
