# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Learn which of the segments under a click is meant: the network of `core.clicks`.

    python -m training.click_rule --data COCO MORE --out fastsam_ros/core/clicks.json

Labelled things are clicked on, in pictures of several sizes and mirrored. What is maximised is the
IoU to expect of an answer that is drawn by the softmax over the segments that were hit; then the
output is brought to where its logistic function is the IoU itself.
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

from fastsam_ros.core.clicks import EVIDENCE, NAME, SURE, evidence_of
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.coco import LabelledFolder
from fastsam_ros.evaluate.points import SMALLEST, clicks, scene_ious
from fastsam_ros.fastsam import FastSam

VARIANTS = (640, False), (640, True), (544, False), (736, True)  # longer side, whether mirrored
CONFIDENCE = 0.1  # where more nested segments are in question than at the node's
DRAWS = 4  # clicks at random on a thing, besides the deepest pixel
MOST = 32  # segments under a click that are looked at; there are some ten
UNITS, DROPPED = 8, 0.2  # of the hidden layer; part of it that is left out of a step
UNKNOWN = 0.15  # of the clicks, where names or masks are not known: not all networks have names
BATCH, EPOCHS, RATE, DECAY = 512, 12, 0.005, 0.05


class Clicks(NamedTuple):
    """
    Clicks and the segments that each hits, filled up with zeros.

    :param evidence: (C, MOST, 7) float32, by `core.clicks`
    :param hit: (C, MOST) bool, what is no filling
    :param ious: (C, MOST) float32, with the thing that was clicked on
    """

    evidence: torch.Tensor
    hit: torch.Tensor
    ious: torch.Tensor

    @classmethod
    def of(cls, found: Sequence[tuple[np.ndarray, np.ndarray]]) -> Clicks:
        """
        Put clicks side by side.

        :param found: evidence (K, 7) and IoUs (K,) of each
        """
        shape = len(found), MOST
        made = cls(torch.zeros(*shape, len(EVIDENCE)), torch.zeros(shape, dtype=torch.bool),
                   torch.zeros(shape))
        for row, (evidence, ious) in enumerate(found):
            count = min(len(ious), MOST)
            made.evidence[row, :count] = torch.from_numpy(evidence[:count])
            made.hit[row, :count] = True
            made.ious[row, :count] = torch.from_numpy(ious[:count])
        return made

    def some(self, rows: torch.Tensor) -> Clicks:
        """Those of the given numbers."""
        return Clicks(*(field[rows] for field in self))


def gather(
    model: FastSam, folder: LabelledFolder, mirrored: bool, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """
    Click on all labelled things.

    :return: of each click that hits something evidence (K, 7) and IoUs (K,), float32
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
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    points = np.array(list(clicks(wanted, random, DRAWS).values()))
    hits = scene.hits(points)
    rows, columns = np.nonzero(hits)  # in the order of the evidence
    evidence, ious = evidence_of(scene, points, hits), scene_ious(scene, wanted)
    for column in range(len(points)):
        of = columns == column
        if of.any():
            yield evidence[of], ious[rows[of]].astype(np.float32)


class Rule(nn.Module):
    """
    The network while it learns.

    :param found: what to bring its inputs to a mean of 0 and a deviation of 1 by
    """

    def __init__(self, found: Clicks) -> None:
        super().__init__()
        seen = found.evidence[found.hit]
        self.usual, self.scale = seen.mean(0), seen.std(0)
        self.hidden = nn.Linear(len(EVIDENCE), UNITS)
        self.outputs = nn.Linear(UNITS, 1)

    def forward(self, evidence: torch.Tensor) -> torch.Tensor:
        """
        Logits; a unit in five is left out while it learns.

        :param evidence: (..., 7)
        """
        units = self.hidden((evidence - self.usual) / self.scale).relu()
        return self.outputs(functional.dropout(units, DROPPED, self.training))[..., 0]

    def forget(self, evidence: torch.Tensor) -> torch.Tensor:
        """Names of some clicks and masks' certainty of others become as usual, (C, K, 7)."""
        forgotten = evidence.clone()
        for column in (NAME, SURE):
            forgotten[torch.rand(len(evidence)) < UNKNOWN, :, column] = self.usual[column]
        return forgotten

    def values(self) -> dict[str, list]:
        """What `core.clicks.ClickRule` reads, the scaling of the inputs in the weights."""
        weights = self.hidden.weight / self.scale
        values = {
            'usual': self.usual, 'weights': weights.T,
            'biases': self.hidden.bias - weights @ self.usual,
            'outputs': self.outputs.weight[0], 'offset': self.outputs.bias[0]}
        return {name: np.round(value.detach().double().numpy(), 4).tolist()
                for name, value in values.items()}


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
        logits = rule(rule.forget(some.evidence)).masked_fill(~some.hit, -torch.inf)
        loss = -(logits.softmax(1) * some.ious).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    _calibrate(rule.eval(), found)
    return rule


def _calibrate(rule: Rule, found: Clicks) -> None:
    """Stretch and move the output, so that its logistic function is nearest to the IoU."""
    logits, ious = rule(found.evidence[found.hit]).detach(), found.ious[found.hit]
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=100)

    def error() -> torch.Tensor:
        optimizer.zero_grad()
        loss = functional.mse_loss((logits * line[0] + line[1]).sigmoid(), ious)
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
    arguments.out.write_text(json.dumps(fit(Clicks.of(found)).values(), indent=1) + '\n')


if __name__ == '__main__':
    main()
