# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Runs of a few steps on made-up pictures."""

import json

import pytest
from safetensors import safe_open
import torch

from fastsam_ros.backends.checkpoints import build
from training import train, weights
from training.data.batches import loader
from training.network import Network
from training.settings import parser
from training.trainer import Trainer


@pytest.fixture
def arguments(coco, partitions, many_classes):
    """What all runs here are told: two epochs of three steps."""
    return [
        '--data', str(coco), str(partitions), '--start', str(many_classes), '--size', '64',
        '--teacher', str(many_classes), '--batch', '2', '--epochs', '2', '--workers', '0',
        '--warm-up', '2', '--rate', '0.001', '--out']


@pytest.fixture(autouse=True)
def one_thread():
    """Sums are the same in each run only when they are added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_run_scores_itself_and_writes_what_can_be_shipped(arguments, coco, tmp_path):
    out = tmp_path / 'run'
    train.main([*arguments, str(out), '--validate', str(coco), '--score-every', '2', '--bf16'])
    records = [json.loads(line) for line in (out / 'log.jsonl').read_text().splitlines()]
    assert [record['epoch'] for record in records] == [1, 2]
    assert 'coco AR@1000' in records[1] and 'coco AR@1000' not in records[0]
    network = weights.load(out / 'epoch002.safetensors')
    assert network.classes == 1
    assert (out / 'last.onnx').stat().st_size < 8e6


def test_steps_lower_the_loss(arguments, partitions, tmp_path):
    still = ['--jitter-scale', '0', '--jitter-shift', '0', '--jitter-mirror', '0']
    told = [*arguments, str(tmp_path), *still, '--epochs', '20', '--data', str(partitions)]
    trainer = Trainer(parser().parse_args(told))
    [batch] = loader(trainer.data, 1, workers=0)
    costs = [sum(trainer._step(batch, len(batch.images)).values()) for _ in range(30)]
    assert costs[-1] < 0.98 * costs[0]


def test_a_resumed_run_ends_with_the_same_weights(arguments, tmp_path, monkeypatch):
    whole, halves = tmp_path / 'whole', tmp_path / 'halves'
    train.main([*arguments, str(whole)])
    save = Trainer._save

    def save_and_stop(trainer):
        save(trainer)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, '_save', save_and_stop)
        train.main([*arguments, str(halves)])
    assert not (halves / 'epoch002.safetensors').exists()
    train.main([*arguments, str(halves), '--resume'])
    ends = [weights.load(out / 'epoch002.safetensors').state_dict() for out in (whole, halves)]
    start = weights.load(whole / 'epoch001.safetensors').state_dict()
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
    assert any(not torch.equal(value, ends[1][name]) for name, value in start.items())


def test_a_run_that_ends_before_its_weights_are_written_writes_them_when_resumed(
    arguments, tmp_path, monkeypatch
):
    save = weights.save

    def end(network, path, metadata):
        if path.name == 'epoch002.safetensors':
            raise KeyboardInterrupt
        save(network, path, metadata)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(weights, 'save', end)
        train.main([*arguments, str(tmp_path)])
    train.main([*arguments, str(tmp_path), '--resume'])
    names = [path.name for path in sorted(tmp_path.glob('epoch*'))]
    assert names[-2:] == ['epoch001.safetensors', 'epoch002.safetensors']


def test_the_backbone_is_trained_only_when_asked(arguments, many_classes, tmp_path):
    train.main([*arguments, str(tmp_path / 'frozen'), '--epochs', '1'])
    train.main([*arguments, str(tmp_path / 'free'), '--epochs', '1', '--train', 'all'])
    first = [
        weights.load(path).model.model[0].conv.weight for path in (
            many_classes, tmp_path / 'frozen' / 'epoch001.safetensors',
            tmp_path / 'free' / 'epoch001.safetensors')]
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])


def test_a_run_can_be_given_a_time(arguments, tmp_path):
    train.main([*arguments, str(tmp_path), '--epochs', '1000', '--minutes', '0.0001'])
    assert len((tmp_path / 'log.jsonl').read_text().splitlines()) == 1


def test_a_start_with_more_distances_a_side(arguments, tmp_path):
    """FastSAM's published networks have 26, ultralytics' 16."""
    start = tmp_path / 'start.safetensors'
    torch.manual_seed(0)
    weights.save(Network(build('yolov8n-seg.yaml', 1, bins=26)), start, {})
    told = [*arguments, str(tmp_path), '--start', str(start), '--teacher', str(start)]
    train.main([*told, '--epochs', '1'])
    end = tmp_path / 'epoch001.safetensors'
    with safe_open(str(end), 'pt') as file:
        assert file.metadata()['reg_max'] == '26'
    assert weights.load(end).head.reg_max == 26


def test_names_can_be_learned_alone(arguments, many_classes, tmp_path):
    names = tmp_path / 'names.json'
    names.write_text('{"names": {"a": [], "cup": [], "c": [], "d": []}}')
    one_class = tmp_path / 'start.safetensors'
    torch.manual_seed(1)
    weights.save(Network(build('yolov8n-seg.yaml', 1, width=4)), one_class, {})
    told = [*arguments, str(tmp_path / 'run'), '--start', str(one_class), '--names', str(names)]
    train.main([*told, '--train', 'names', '--decay', '0', '--rate', '0.1'])
    start, end = (weights.load(tmp_path / name) for name in (
        'run/epoch000.safetensors', 'run/epoch002.safetensors'))
    assert (end.names, end.classes) == (4, 1)
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before, after, bare = start(image), end(image), weights.load(one_class)(image)
    torch.testing.assert_close(after.logits, bare.logits)
    torch.testing.assert_close(after.coefficients, bare.coefficients)
    assert not torch.equal(after.names, before.names)


def test_masks_can_be_learned_alone(arguments, tmp_path):
    train.main([*arguments, str(tmp_path), '--train', 'masks'])
    start, end = (weights.load(tmp_path / f'epoch00{n}.safetensors') for n in (0, 2))
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before, after = start(image), end(image)
    torch.testing.assert_close(after.sides, before.sides)
    torch.testing.assert_close(after.logits, before.logits)
    assert not torch.equal(after.coefficients, before.coefficients)
    assert not torch.equal(after.prototypes, before.prototypes)


def test_names_need_a_teacher_that_knows_them(arguments, many_classes, tmp_path):
    names = tmp_path / 'names.json'
    names.write_text('{"names": {"a": [], "b": []}}')
    with pytest.raises(ValueError, match='2 names and the teacher 4 classes'):
        train.main([*arguments, str(tmp_path / 'run'), '--names', str(names)])


def test_resuming_nothing_says_so(arguments, tmp_path):
    with pytest.raises(FileNotFoundError, match='last.ckpt'):
        train.main([*arguments, str(tmp_path), '--resume'])
