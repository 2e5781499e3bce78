# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Edges against those of BSDS500's annotators, as the paper's zero-shot edge detection.

ODS and OIS as in https://doi.org/10.1109/TPAMI.2010.161. The original code differs in three ways:
it approximates the largest matching of pixels, which is found here; it interpolates precision and
recall between thresholds, here each is one of those that were tried; and it thins the map again at
each threshold, here the map alone is thinned. By the first, figures come out equal or a little
higher here, by the others equal or a little lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import BackendError
from fastsam_ros.evaluate.regions import Partitions
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.fastsam import FastSam

THRESHOLDS = np.linspace(0, 1, 22)[1:-1]
TOLERANCE = 0.0075  # of the picture's diagonal
PROTOCOL = (
    "edges: Sobel on the masks' probabilities, maximum over segments, thinned (Scene.edges)",
    f'{len(THRESHOLDS)} thresholds; a pixel is right within {TOLERANCE} of the diagonal of an '
    "annotator's edge",
    'matching: a largest bipartite one (Hopcroft-Karp), an annotator at a time; the original code '
    'approximates it, so its figures can be a little lower',
    'thinned once, not again at each threshold, and nothing interpolated between thresholds: the '
    'original code does both, so its figures can be a little higher',
    'ODS: the best F with one threshold for all pictures; OIS: with one for each; AP: area under '
    'precision over recall',
)


def evaluate(
    model: FastSam, data: Path, annotations: Path | None = None, limit: int | None = None
) -> Evaluation:
    """
    Score the edges of segments.

    :param model: with the thresholds to score at
    :param data: as for `Partitions.open`
    :param annotations: not used: annotators' files are beside the pictures
    :param limit: the first N pictures by name
    :raises BackendError: when scipy is not installed
    """
    tables = []
    for image, partitions in Partitions.open(data, limit):
        drawn = [boundaries(partition) for partition in partitions]
        tables.append(compare(model(image).edges(), drawn))
    return Evaluation('edges', data.name, len(tables), scores(np.array(tables)), PROTOCOL)


def boundaries(partition: np.ndarray) -> np.ndarray:
    """
    Find where regions meet, one pixel wide.

    :param partition: (H, W) ids of regions
    :return: (H, W) bool, pixels whose right, lower or lower right neighbour is in another region
    """
    edges = np.zeros(partition.shape, bool)
    edges[:, :-1] |= partition[:, :-1] != partition[:, 1:]
    edges[:-1] |= partition[:-1] != partition[1:]
    edges[:-1, :-1] |= partition[:-1, :-1] != partition[1:, 1:]
    return edges


def compare(edges: np.ndarray, drawn: Sequence[np.ndarray]) -> np.ndarray:
    """
    Count matches at each threshold.

    :param edges: (H, W) float32, 0 to 1, thinned
    :param drawn: annotators' edges, each (H, W) bool
    :return: (T, 4): pixels of the annotators that were found, of all, pixels found that are
        right for any annotator, of all
    """
    reach = TOLERANCE * float(np.hypot(*edges.shape))
    table = np.zeros((len(THRESHOLDS), 4))
    for row, threshold in zip(table, THRESHOLDS):
        found = np.argwhere(edges >= threshold)
        right = np.zeros(len(found), bool)
        for annotator in drawn:
            wanted = np.argwhere(annotator)
            matched = match(found, wanted, reach)
            right[matched] = True
            row[:2] += len(matched), len(wanted)
        row[2:] = np.count_nonzero(right), len(found)
    return table


def match(found: np.ndarray, wanted: np.ndarray, reach: float) -> np.ndarray:
    """
    Pair as many pixels as can be, each with one other within reach.

    :param found: (N, 2) rows and columns
    :param wanted: (M, 2) likewise
    :param reach: pixels
    :return: which of the N have a partner
    """
    if not len(found) or not len(wanted):
        return np.empty(0, np.int64)
    try:
        from scipy.sparse.csgraph import maximum_bipartite_matching
        from scipy.spatial import cKDTree
    except ModuleNotFoundError as error:
        raise BackendError(
            'edges are matched with scipy, which is not installed: '
            'pip install "fastsam_ros[evaluate]"') from error
    near = cKDTree(found).sparse_distance_matrix(
        cKDTree(wanted), reach, output_type='coo_matrix')
    near.data[:] = 1  # also where the distance is 0, which would count as no pair
    partners = maximum_bipartite_matching(near.tocsr(), perm_type='column')
    return np.flatnonzero(partners >= 0)


def scores(tables: np.ndarray) -> dict[str, float]:
    """
    Summarise all pictures.

    :param tables: (P, T, 4) from `compare`
    """
    if not len(tables):
        return {'ODS': 0.0, 'OIS': 0.0, 'AP': 0.0}
    recall, precision, f = _rates(tables.sum(0))
    best = np.array([table[_rates(table)[2].argmax()] for table in tables])
    order = np.argsort(recall, kind='stable')
    steps, heights = np.diff(recall[order]), precision[order]
    area = float((steps * (heights[1:] + heights[:-1]) / 2).sum())
    return {'ODS': float(f.max()), 'OIS': float(_rates(best.sum(0)[None])[2][0]), 'AP': area}


def _rates(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Recall, precision and their harmonic mean, a row each."""
    recall = table[:, 0] / np.maximum(table[:, 1], 1)
    precision = table[:, 2] / np.maximum(table[:, 3], 1)
    return recall, precision, 2 * recall * precision / np.maximum(recall + precision, 1e-12)
