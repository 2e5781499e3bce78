# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Learn which of the segments under a click is meant: the network of `core.clicks`.

    python -m training.click_rule --data COCO MORE --out fastsam_ros/core/clicks.json

Labelled things are clicked on, in pictures of several sizes and mirrored; small ones count half,
as fewer clicks are meant for them. What is maximised is the IoU to expect of an answer that is
drawn by the softmax over the segments that were hit; then the output is brought to where its
logistic function is the IoU itself. A second network learns the same without names.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from fastsam_ros.core.clicks import EVIDENCE, NAME, evidence_of
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.coco import LabelledFolder
from fastsam_ros.evaluate.points import SMALL, SMALLEST, clicks, scene_ious
from fastsam_ros.fastsam import FastSam

VARIANTS = (640, False), (640, True), (544, False), (736, True)  # longer side, whether mirrored
CONFIDENCE = 0.1  # where more nested segments are in question than at the node's
DRAWS = 4  # clicks at random on a thing, besides the deepest pixel
MOST_HIT = 32  # segments under a click that are looked at; there are some ten
SMALL_WEIGHT = 0.5  # what clicks on small things count
UNITS, DROPPED = 16, 0.2  # of the hidden layer; part of it that is left out of a step
BATCH, EPOCHS, RATE, DECAY = 512, 12, 0.005, 0.05


class Clicks(NamedTuple):
    """
    Clicks and the segments that each hits, filled up with zeros.

    :param evidence: (C, MOST_HIT, 7) float32, by `core.clicks`
    :param hit: (C, MOST_HIT) bool, what is no filling
    :param ious: (C, MOST_HIT) float32, with the thing that was clicked on
    :param weights: (C,) float32, what each click counts
    """

    evidence: torch.Tensor
    hit: torch.Tensor
    ious: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def of(cls, found: Sequence[tuple[np.ndarray, np.ndarray, float]]) -> Clicks:
        """
        Put clicks side by side.

        :param found: of each evidence (K, 7), IoUs (K,), and what it counts
        """
        shape = len(found), MOST_HIT
        made = cls(torch.zeros(*shape, len(EVIDENCE)), torch.zeros(shape, dtype=torch.bool),
                   torch.zeros(shape), torch.tensor([weight for *_, weight in found]))
        for row, (evidence, ious, _) in enumerate(found):
            count = min(len(ious), MOST_HIT)
            made.evidence[row, :count] = torch.from_numpy(evidence[:count])
            made.hit[row, :count] = True
            made.ious[row, :count] = torch.from_numpy(ious[:count])
        return made

    def some(self, rows: torch.Tensor) -> Clicks:
        """Those of the given numbers."""
        return Clicks(*(field[rows] for field in self))

    def nameless(self) -> Clicks:
        """The same, as a network without names would have it."""
        evidence = self.evidence.clone()
        evidence[..., NAME] = 0
        return self._replace(evidence=evidence)


def gather(
    model: FastSam, folder: LabelledFolder, mirrored: bool, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """
    Click on all labelled things.

    :return: of each click that hits something evidence (K, 7) and IoUs (K,), float32, and what
        it counts
    """
    step = -1 if mirrored else 1
    for info, image in tqdm(folder, total=len(folder.ids)):
        scene = model(np.ascontiguousarray(image[:, ::step]))
        for annotation in folder.objects(info['id']):
            wanted = np.ascontiguousarray(folder.truth.annToMask(annotation)[:, ::step])
            if np.count_nonzero(wanted) >= SMALLEST:
                yield from _clicks_on(scene, wanted, random)


def _clicks_on(
    scene: Scene, wanted: np.ndarray, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    points = clicks(wanted, random, DRAWS)
    hits = scene.hits(points)
    rows, columns = np.nonzero(hits)  # in the order of the evidence
    evidence, ious = evidence_of(scene, points, hits), scene_ious(scene, wanted)
    weight = 1.0 if np.count_nonzero(wanted) >= SMALL else SMALL_WEIGHT
    for column in range(len(points)):
        of = columns == column
        if of.any():
            yield evidence[of], ious[rows[of]].astype(np.float32), weight


class Rule(nn.Module):
    """
    The network while it learns.

    :param found: what to bring its inputs to a mean of 0 and a deviation of 1 by
    """

    def __init__(self, found: Clicks) -> None:
        super().__init__()
        seen = found.evidence[found.hit]
        self.means, spread = seen.mean(0), seen.std(0)
        self.scale = spread.masked_fill(spread == 0, torch.inf)  # it says nothing
        self.hidden = nn.Linear(len(EVIDENCE), UNITS)
        self.outputs = nn.Linear(UNITS, 1)

    def forward(self, evidence: torch.Tensor) -> torch.Tensor:
        """
        Logits; a unit in five is left out while it learns.

        :param evidence: (..., 7)
        """
        units = self.hidden((evidence - self.means) / self.scale).relu()
        return self.outputs(functional.dropout(units, DROPPED, self.training))[..., 0]

    def to_json(self) -> dict:
        """What `core.clicks.ClickRule` reads, the scaling of the inputs in the weights."""
        weights = self.hidden.weight / self.scale
        told = torch.isfinite(self.scale)
        evidence = {
            name: {'mean': _rounded(mean), 'weights': _rounded(column)}
            for name, mean, column, tells in zip(EVIDENCE, self.means, weights.T, told) if tells}
        return {
            'evidence': evidence, 'biases': _rounded(self.hidden.bias - weights @ self.means),
            'outputs': _rounded(self.outputs.weight[0]), 'offset': _rounded(self.outputs.bias[0])}


def _rounded(values: torch.Tensor) -> float | list[float]:
    return np.round(values.detach().double().numpy(), 4).tolist()


def fit(found: Clicks, seed: int = 0) -> Rule:
    """
    Learn the rule.

    :param found: clicks to learn from
    :param seed: of everything random
    """
    torch.manual_seed(seed)
    rule, count = Rule(found), len(found.hit)
    optimizer = torch.optim.AdamW(rule.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
        optimizer, EPOCHS * -(-count // BATCH))
    for rows in (rows for _ in range(EPOCHS) for rows in torch.randperm(count).split(BATCH)):
        some = found.some(rows)
        logits = rule(some.evidence).masked_fill(~some.hit, -torch.inf)
        expected = (logits.softmax(1) * some.ious).sum(1)
        loss = -(some.weights * expected).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    _calibrate(rule.eval(), found)
    return rule


def _calibrate(rule: Rule, found: Clicks) -> None:
    """Stretch and move the output, so that its logistic function is nearest to the IoU."""
    logits, ious = rule(found.evidence[found.hit]).detach(), found.ious[found.hit]
    weights = found.weights[:, None].expand_as(found.hit)[found.hit]
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=100, line_search_fn='strong_wolfe')

    def error() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (weights * ((logits * line[0] + line[1]).sigmoid() - ious) ** 2).mean()
        loss.backward()
        return loss

    optimizer.step(error)
    with torch.no_grad():
        rule.outputs.weight *= line[0]
        rule.outputs.bias.mul_(line[0]).add_(line[1])


def main() -> None:
    """Gather clicks, learn, write the rule."""
    parser = argparse.ArgumentParser(
        prog='python -m training.click_rule', description=__doc__.split('\n\n')[0])
    parser.add_argument(
        '--data', type=Path, nargs='+', required=True, help='images/ and instances.json')
    parser.add_argument('--model', default='', help='the model that ships when not given')
    parser.add_argument('--out', type=Path, required=True, help='the .json file to write')
    arguments = parser.parse_args()
    random, found = np.random.default_rng(0), []
    for size, mirrored in VARIANTS:
        model = FastSam(
            arguments.model, confidence=CONFIDENCE, precision='fp32', image_size=size)
        for data in arguments.data:
            found += gather(model, LabelledFolder.open(data), mirrored, random)
    named = Clicks.of(found)
    rules = {'named': fit(named).to_json(), 'nameless': fit(named.nameless()).to_json()}
    arguments.out.write_text(json.dumps(rules, indent=1) + '\n')


if __name__ == '__main__':
    main()
