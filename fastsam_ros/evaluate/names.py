# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Names that a network knows: how often they are right, and from which score on they count.

A text of a known name is answered from a score of 0.5, and a label is shown from `LEAST_LABEL`.
Both mean something only when the network's scores were lifted for it: this says by how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.looks import LEAST_LABEL
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.alike import precisions
from fastsam_ros.evaluate.coco import LabelledFolder
from fastsam_ros.evaluate.points import scene_ious
from fastsam_ros.evaluate.result import Evaluation
from fastsam_ros.fastsam import FastSam

LARGE = 32 ** 2  # pixels; objects above it are asked for
FOUND = 0.5  # IoU
SILENT = 0.95  # of the names that a picture does not show
NEVER = 1e-6  # scores are kept that far from 0 and 1
PROTOCOL = (
    f'objects above 32 x 32 pixels that a segment fits with an IoU of {FOUND}: whether its '
    'likeliest name is theirs, or one of its five likeliest',
    'threshold: the score of a name, maximum over the segments of a picture, below which '
    f'{SILENT:.0%} of the names stay that it does not show; shown, answered: the share of those '
    'it shows above it',
    'lift: what training.soup --lift-names has to add, so that this threshold becomes 0.5',
    f'labels right: of the objects whose name reaches {LEAST_LABEL}, as the scores are now',
    'of a name, ranked: mean average precision of such objects of a picture, ranked by how much '
    "their segments look like one's (SIMILAR), where others have its name and others another",
)


@dataclass
class Tally:
    """
    What was seen in all pictures.

    :param ranks: of each found object, where its own name stands among the likeliest; from 0
    :param best: and how likely its likeliest name is, 0 to 1
    :param shown: of each picture and name that it shows, the highest score, 0 to 1
    :param others: of those that it does not show
    :param alike: average precisions of finding things of one name by their looks
    """

    ranks: list[int] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)

    def add(self, scores: np.ndarray, shown: set[int], objects: np.ndarray) -> None:
        """
        Count a picture.

        :param scores: (N, K) float32, how likely each name is of each segment
        :param shown: numbers of the names that it shows
        :param objects: (P, 2) int64, the segment and the name of each found object
        """
        highest = scores.max(axis=0, initial=0)
        for number, score in enumerate(highest.tolist()):
            (self.shown if number in shown else self.others).append(score)
        for segment, name in objects.tolist():
            self.ranks.append(int((scores[segment] > scores[segment, name]).sum()))
            self.best.append(float(scores[segment].max()))

    def figures(self) -> dict[str, float]:
        """All of them; NaN where nothing was seen."""
        ranks, labelled = np.array(self.ranks), np.array(self.best) >= LEAST_LABEL
        threshold = float(np.quantile(self.others, SILENT)) if self.others else float('nan')
        likely = np.clip(threshold, NEVER, 1 - NEVER)
        return {
            'right first': _share(ranks < 1), 'among five': _share(ranks < 5),
            'shown, answered': _share(np.array(self.shown) > threshold),
            'threshold': threshold, 'lift': float(np.log((1 - likely) / likely)),
            'labels right': _share(ranks[labelled] < 1), 'labelled': _share(labelled),
            'of a name, ranked': _share(np.array(self.alike)),
            'objects': float(len(ranks)), 'ranked': float(len(self.alike))}


def evaluate(
    model: FastSam, data: Path, annotations: Path | None = None, limit: int | None = None
) -> Evaluation:
    """
    Score names, and say how they should be lifted.

    :param model: that knows names
    :param data: as for `LabelledFolder.open`; each annotation has a `name`, or its category's
    :param annotations: likewise
    :param limit: likewise
    :raises ParameterError: when the model knows no name, or none that the pictures show
    """
    folder, tally = LabelledFolder.open(data, annotations, limit), Tally()
    for info, image in folder:
        scene = model(image)
        if not scene.names:
            raise ParameterError(
                f'{model.path.name} knows no names: its .meta.json lists none, or the network '
                'has no output of them; train it with --names')
        named = [
            (annotation, scene.names.index(name)) for annotation in folder.objects(info['id'])
            if (name := _name(folder, annotation)) in scene.names]
        found = _found(folder, scene, named)
        tally.add(scene.name_scores, {number for _, number in named}, found)
        once = found[np.unique(found[:, 0], return_index=True)[1]]  # two may have one segment
        tally.alike += precisions(scene.looks[once[:, 0]], once[:, 1])
    if not tally.shown:
        raise ParameterError(
            f'none of the names in {data} is one that the model knows (fastsam models names)')
    return Evaluation('names', data.name, len(folder.ids), tally.figures(), PROTOCOL)


def _name(folder: LabelledFolder, annotation: dict) -> str:
    category = folder.truth.cats.get(annotation['category_id'], {})
    return annotation.get('name') or category.get('name', '')


def _found(
    folder: LabelledFolder, scene: Scene, named: Sequence[tuple[dict, int]]
) -> np.ndarray:
    """The segment and the name of each large object that a segment fits: (P, 2) int64."""
    found = []
    for annotation, number in named:
        wanted = folder.truth.annToMask(annotation)
        if np.count_nonzero(wanted) <= LARGE:
            continue
        overlap = scene_ious(scene, wanted)
        if overlap.max(initial=0) >= FOUND:
            found.append((int(overlap.argmax()), number))
    return np.array(found, np.int64).reshape(-1, 2)


def _share(there: np.ndarray) -> float:
    return float(there.mean()) if there.size else float('nan')
