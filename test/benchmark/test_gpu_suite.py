# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is measured on a GPU, on a machine that has none."""

import importlib
import sys

import fake_tensorrt
import numpy as np
import pytest
import torch

from benchmark.gpu import runtimes, suite
from benchmark.rig import networks
from fastsam_ros.backends.tensorrt import gpu
from fastsam_ros.fastsam import FastSam

CPU = torch.device('cpu')


@pytest.fixture
def shipped(monkeypatch):
    """The network that ships, whichever is asked for; few segments."""
    network = networks.get('fastsam-n')
    monkeypatch.setattr(networks, 'get', lambda name: network)
    monkeypatch.setattr(suite, 'SEGMENTS', 5)
    return network


def measure(runtime, device, cameras=2):
    return suite.measure(
        suite.Plan('any', 160, cameras, runtime), device, (120, 160), rounds=1, seconds=0.01)


def test_torch_runs_on_the_cpu_too(shipped):
    """All of it but what only a GPU has: memory and graphs."""
    row = measure(runtimes.TORCH, 'cpu')
    assert (row['cameras'], row['MB'], row['ms ultralytics']) == (2, '', '')
    assert min(row[name] for name in ('ms', 'ms without a graph', 'ms bare network', 'age ms')) > 0
    page = suite.report([row])
    assert all(f'| {name}' in page for name in row)


def test_tensorrt_without_torch(shipped, cuda_engine, cuda_runtime, monkeypatch):
    """On a CUDA that is not there."""
    monkeypatch.setattr(runtimes, 'engine', lambda network, image_size, cameras: cuda_engine)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)  # torch would see it
    row = measure(runtimes.ALONE, 'cuda')
    assert (row['runtime'], row['precision'], row['ms bare network']) == (
        'TensorRT without torch', 'fp16', '')
    assert min(row[name] for name in ('ms', 'ms without a graph', 'age ms')) > 0
    assert row['segments'] > 0
    assert cuda_runtime.launches > 0


def test_tensorrt_with_torch(shipped, engine, tensorrt_on_cpu, monkeypatch):
    monkeypatch.setattr(runtimes, 'engine', lambda network, image_size, cameras: engine)
    row = measure(runtimes.TENSORRT, 'cuda')
    assert row['runtime'] == 'TensorRT and torch'
    assert min(row[name] for name in ('ms', 'ms without a graph', 'ms bare network', 'age ms')) > 0


@pytest.fixture
def tensorrt_on_cpu(network, monkeypatch):
    """A GPU that torch sees, whose work it does on the CPU."""
    monkeypatch.setitem(sys.modules, 'tensorrt', fake_tensorrt.make(network.infer, network.names))
    parts = [f'fastsam_ros.backends.tensorrt.{part}' for part in ('through_torch', 'engine')]
    for part in parts:
        sys.modules.pop(part, None)
    made = importlib.import_module(parts[0])
    on_gpu = made.TorchEngine
    monkeypatch.setattr(
        made, 'TorchEngine', lambda path, index, precision: on_gpu(path, CPU, precision))
    monkeypatch.setattr(
        gpu, '_by_torch', lambda index: gpu.Gpu('NVIDIA Orin', '8.7', True))
    yield
    for part in parts:
        sys.modules.pop(part, None)


def test_nothing_is_recorded_where_it_is_to_be_measured(cuda_engine, cuda_runtime, astronaut):
    model = FastSam(str(cuda_engine), image_size=96, words=False)
    with runtimes.unrecorded():
        expected = [model(astronaut).areas for _ in range(4)][-1]
    assert cuda_runtime.launches == 0
    for _ in range(3):
        np.testing.assert_array_equal(model(astronaut).areas, expected)
    assert cuda_runtime.launches == 1


def test_an_engine_for_each_size_and_number_of_cameras(shipped, monkeypatch, tmp_path):
    wanted = []
    monkeypatch.setattr(
        runtimes, 'export', lambda request: wanted.append(request) or request.path)
    paths = [runtimes.engine(shipped, *plan) for plan in ((640, 1), (640, 8), (1024, 1))]
    assert len(set(paths)) == 3
    assert [(one.to, one.weights, one.image_size, one.cameras) for one in wanted] == [
        ('tensorrt', 'fp16', 640, 1), ('tensorrt', 'fp16', 640, 8), ('tensorrt', 'fp16', 1024, 1)]


def test_what_matters_most_comes_first():
    plans = list(suite.plans())
    assert plans[0] == suite.Plan('FastSAM-x', 1024, 1)
    assert {plan.runtime for plan in plans[:3]} == {
        runtimes.TORCH, runtimes.TENSORRT, runtimes.ALONE}
    assert len(set(plans)) == len(plans) == 3 * 2 * 4 * 3
    late = [plan.runtime for plan in plans[6:]]
    assert late == sorted(late, key=runtimes.TORCH.__ne__)


@pytest.mark.parametrize(('each', 'expected'), [(100, 4), (160, 3), (481, 1), (1, 72)])
def test_it_ends_in_time(monkeypatch, each, expected):
    """Only the first row may take longer than there is."""
    now = [1000.0]
    monkeypatch.setattr(suite.time, 'monotonic', lambda: now[0])
    done = []
    for plan in suite.in_time(suite.plans(), suite.SECONDS):
        done.append(plan)
        now[0] += each
    assert len(done) == expected
    assert expected == 1 or now[0] <= 1000 + suite.SECONDS


def test_engines_that_take_minutes_leave_time_for_torch(monkeypatch):
    now, done = [0.0], []
    takes = {runtimes.TORCH: 10, runtimes.TENSORRT: 100, runtimes.ALONE: 15}
    monkeypatch.setattr(suite.time, 'monotonic', lambda: now[0])
    for plan in suite.in_time(suite.plans(), suite.SECONDS):
        done.append(plan.runtime)
        now[0] += takes[plan.runtime]
    assert now[0] <= suite.SECONDS
    assert [done.count(runtime) for runtime in takes] == [24, 2, 2]


def test_what_is_not_installed_is_left_out(monkeypatch, tmp_path):
    measured = []
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda: 'NVIDIA Orin')
    monkeypatch.setattr(runtimes, 'find_spec', lambda name: None)
    monkeypatch.setattr(
        suite, 'measure', lambda plan, *others: measured.append(plan.runtime) or {'ms': 1})
    assert suite.main(['--output', str(tmp_path)]) == 0
    assert set(measured) == {runtimes.TORCH}
    assert 'ms' in (tmp_path / 'gpu.md').read_text()


def test_without_a_gpu_it_says_so_in_a_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert suite.main(['--output', str(tmp_path / 'results')]) == 1
    said = capsys.readouterr().err
    assert 'nvidia-smi' in said and said.count('\n') == 1
    assert not (tmp_path / 'results').exists()
