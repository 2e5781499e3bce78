# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A run in two processes has the loss curve of one, and signals leave a checkpoint."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys

import pytest
import torch

from training import train, weights
from training.settings import parser
from training.trainer import Trainer

ROOT = Path(__file__).parents[2]
PATIENCE = 600  # seconds until a run is given up


@pytest.fixture
def arguments(coco, partitions, many_classes):
    """Two epochs, of batches that two processes cannot share evenly."""
    return [
        '--data', str(coco), str(partitions), '--start', str(many_classes), '--size', '64',
        '--teacher', str(many_classes), '--batch', '3', '--epochs', '2', '--workers', '0',
        '--warm-up', '2', '--rate', '0.001', '--out']


@pytest.fixture
def one_thread():
    """Sums are the same in each run only when they are added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def start(arguments, processes):
    """Start a run as training/README.md says; `--` since torchrun has options of such names."""
    line = [sys.executable, '-m', 'torch.distributed.run', '--standalone',
            f'--nproc-per-node={processes}', '-m', '--', 'training.train']
    return subprocess.Popen(
        [*line, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(ROOT)})


def curve(folder):
    records = [json.loads(line) for line in (folder / 'log.jsonl').read_text().splitlines()]
    return [{name: value for name, value in record.items() if name != 'seconds'}
            for record in records]


@pytest.mark.usefixtures('one_thread')
def test_two_processes_have_the_loss_curve_of_one(arguments, tmp_path):
    train.main([*arguments, str(tmp_path / 'one')])
    process = start([*arguments, str(tmp_path / 'two')], processes=2)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, stderr
    one, two = curve(tmp_path / 'one'), curve(tmp_path / 'two')
    assert len(one) == len(two) == 2
    for ours, theirs in zip(one, two):
        assert theirs == pytest.approx(ours, rel=1e-3)
    ends = [weights.load(tmp_path / name / 'epoch002.safetensors').state_dict()
            for name in ('one', 'two')]
    for name, value in ends[0].items():
        torch.testing.assert_close(ends[1][name], value, rtol=2e-2, atol=2e-4)


@pytest.fixture
def signalled(monkeypatch):
    """
    Handle a signal after the second step of the next run.

    The run's own handler is called, and no signal is sent: ROS, in this process too by now, has
    handlers of its own below Python's, which end the process.
    """
    step = Trainer._step

    def arm(number):
        def stop(trainer, *given):
            parts = step(trainer, *given)
            if trainer.step == 2:
                signal.getsignal(number)(number, None)
            return parts

        monkeypatch.setattr(Trainer, '_step', stop)

    yield arm


@pytest.mark.usefixtures('one_thread')
def test_sigterm_leaves_a_checkpoint_and_a_resumed_run_ends_the_same(
    arguments, tmp_path, signalled, monkeypatch
):
    train.main([*arguments, str(tmp_path / 'whole')])
    signalled(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        train.main([*arguments, str(tmp_path / 'halves')])
    assert ended.value.code == 128 + signal.SIGTERM
    monkeypatch.undo()
    state = torch.load(tmp_path / 'halves' / 'last.ckpt', weights_only=True)
    assert (state['step'], state['epoch'], state['position']) == (2, 0, 2)
    train.main([*arguments, str(tmp_path / 'halves'), '--resume'])
    assert curve(tmp_path / 'whole') == curve(tmp_path / 'halves')
    ends = [weights.load(tmp_path / folder / 'epoch002.safetensors').state_dict()
            for folder in ('whole', 'halves')]
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_sigusr1_leaves_a_checkpoint_and_the_run_goes_on(arguments, tmp_path, signalled):
    written = []
    signalled(signal.SIGUSR1)
    trainer = Trainer(parser().parse_args([*arguments, str(tmp_path)]))
    write = trainer._write
    trainer._write = lambda: (written.append(trainer.step), write())
    trainer.run()
    assert written[0] == 2 and len(written) == 3 and len(curve(tmp_path)) == 2
