# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The rule that says which segment a click means, learned from clicks."""

import json

import numpy as np
import pytest
import torch

from fastsam_ros.core.clicks import EVIDENCE, NAME, RULE, ClickRule
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.scene import Scene
from fastsam_ros.evaluate.coco import LabelledFolder
from training.click_rule import DRAWS, MOST_HIT, Clicks, Rule, fit, gather, main


def made_clicks(count=8000, seed=0):
    """Clicks that hit two to five segments; the more the name is certain, the better it fits."""
    random = np.random.default_rng(seed)
    found = []
    for hits in random.integers(2, 6, count):
        evidence = random.normal(size=(hits, len(EVIDENCE))).astype(np.float32)
        found.append((evidence, 1 / (1 + np.exp(-2 * evidence[:, NAME])), 1.0))
    return found


def as_shipped(rule):
    return ClickRule.from_json(json.loads(json.dumps(rule.to_json())))


def test_what_decides_is_learned_and_the_iou_is_told():
    shipped = as_shipped(fit(Clicks.of(made_clicks())))
    errors, right = [], 0
    for evidence, ious, _ in made_clicks(200, seed=1):
        logits = shipped(evidence)
        right += ious[logits.argmax()] > ious.max() - 0.05
        errors += (1 / (1 + np.exp(-logits)) - ious).tolist()
    assert right > 180
    assert abs(np.mean(errors)) < 0.03
    assert np.abs(errors).mean() < 0.1


def test_what_counts_less_gives_way():
    often = made_clicks(4000)
    against = [(evidence, 1 - ious, 0.5) for evidence, ious, _ in often]
    shipped = as_shipped(fit(Clicks.of(often + against)))
    agreed = [logits.argmax() == ious.argmax() for logits, ious in (
        (shipped(evidence), ious) for evidence, ious, _ in often)]
    assert np.mean(agreed) > 0.9


def test_what_ships_is_the_network_that_learned():
    found = Clicks.of(made_clicks(50))
    torch.manual_seed(3)
    rule = Rule(found).eval()
    evidence = found.evidence[found.hit]
    np.testing.assert_allclose(
        as_shipped(rule)(evidence.numpy()), rule(evidence).detach().numpy(), atol=2e-3)


def test_the_same_seed_gives_the_same_rule():
    found = Clicks.of(made_clicks(100))
    assert fit(found, 1).to_json() == fit(found, 1).to_json() != fit(found, 2).to_json()


def test_what_a_network_without_names_does_not_know_is_not_learned():
    found = Clicks.of(made_clicks(100))
    nameless = found.nameless()
    values = fit(nameless).to_json()
    assert list(values['evidence']) == [name for name in EVIDENCE if name != 'name']
    shipped = ClickRule.from_json(values)
    assert np.abs(shipped.weights[NAME]).max() == shipped.means[NAME] == 0
    assert np.isfinite(shipped.biases).all()
    assert found.evidence[..., NAME].std() > 0
    others = [column for column, name in enumerate(EVIDENCE) if column != NAME]
    assert torch.equal(nameless.evidence[..., others], found.evidence[..., others])


def test_clicks_are_filled_up():
    many = np.ones((MOST_HIT + 5, 7), np.float32), np.ones(MOST_HIT + 5, np.float32), 1.0
    few = np.ones((2, 7), np.float32), np.ones(2, np.float32), 0.5
    made = Clicks.of([many, few])
    assert made.hit.sum(1).tolist() == [MOST_HIT, 2]
    assert made.some(torch.tensor([1])).ious.sum() == 2
    assert made.weights.tolist() == [1, 0.5]


def blocks(image):
    """The bright block of a made picture, and all of the picture."""
    height, width = image.shape[:2]
    letterbox = Letterbox.fit(height, width, 64)
    rows, columns = np.nonzero(image.mean(axis=2) > 120)
    boxes = [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), (0, 0, width, height)]
    size = letterbox.input_height // 4, letterbox.input_width // 4
    return Scene(
        np.array(boxes, np.float32), np.array([0.9, 0.8], np.float32),
        np.eye(2, 32, dtype=np.float32), np.ones((32, *size), np.float32), letterbox, image=image,
        name_scores=np.array([[0.9], [0.2]], np.float32), names=('block',))


@pytest.mark.parametrize('mirrored', [False, True])
def test_labelled_things_are_clicked_on(coco, mirrored):
    folder = LabelledFolder.open(coco)
    found = list(gather(blocks, folder, mirrored, np.random.default_rng(0)))
    assert len(found) == 3 * (1 + DRAWS)
    wholes = [(32 - 4 * index) * 24 / (48 * 64) for index in range(3) for _ in range(1 + DRAWS)]
    for (evidence, ious, _), share in zip(found, wholes):
        np.testing.assert_allclose(ious, [1, share], rtol=1e-6)  # mirrored with the labels
        np.testing.assert_allclose(np.exp(evidence[:, 1]), [share, 1], rtol=1e-5)
    deepest, *drawn = (evidence[0, 3] for evidence, *_ in found[:5])
    assert deepest < 0.4 and max(drawn) > deepest


def test_small_things_count_half(coco, monkeypatch):
    monkeypatch.setattr('training.click_rule.SMALL', 28 * 24)  # the second of three
    found = gather(blocks, LabelledFolder.open(coco), False, np.random.default_rng(0))
    weights = [weight for *_, weight in found]
    assert weights == [1] * 2 * (1 + DRAWS) + [0.5] * (1 + DRAWS)


def test_the_command_writes_what_core_reads(coco, tmp_path, monkeypatch):
    out = tmp_path / 'clicks.json'
    monkeypatch.setattr('training.click_rule.FastSam', lambda *_, **options: blocks)
    monkeypatch.setattr('sys.argv', ['click_rule', '--data', str(coco), '--out', str(out)])
    main()
    written, shipped = (json.loads(path.read_text(encoding='utf-8')) for path in (out, RULE))
    assert list(written) == list(shipped) == ['named', 'nameless']
    for kind in written:
        of_both = (vars(ClickRule.from_json(rules[kind])) for rules in (written, shipped))
        assert len({tuple(np.shape(v) for v in values.values()) for values in of_both}) == 1
    assert {kind: 'name' in rule['evidence'] for kind, rule in written.items()} == {
        'named': True, 'nameless': False}
