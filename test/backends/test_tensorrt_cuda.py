# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Engines without torch, on a CUDA that is not there; what it says where there is no driver."""

from concurrent.futures import ThreadPoolExecutor
import importlib
import json
import sys

from fake_cuda_runtime import FakeRuntime
import fake_tensorrt
import numpy as np
import pytest
import torch

from fastsam_ros.backends import load
from fastsam_ros.backends.processing import HostProcessing
from fastsam_ros.backends.tensorrt import cuda, gpu
from fastsam_ros.backends.tensorrt.note import note_of
from fastsam_ros.backends.torch import TorchBackend
from fastsam_ros.core import BackendError
from fastsam_ros.fastsam import FastSam

NOTE = {
    'tensorrt': '10.3.0', 'gpu': 'NVIDIA Orin', 'compute_capability': '8.7', 'precision': 'fp16',
    'source': 'weights.safetensors', 'source_sha256': 'ab' * 32,
}


@pytest.fixture
def runtime(monkeypatch):
    """CUDA's runtime on an Orin, of which torch sees nothing."""
    runtime = FakeRuntime()
    monkeypatch.setattr(cuda, 'runtime', runtime)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 0)
    return runtime


@pytest.fixture(scope='module')
def network(weights):
    return TorchBackend(weights, torch.device('cpu'), 'fp32')


@pytest.fixture
def engine(tmp_path, monkeypatch, runtime, network):
    """An engine's file, on a TensorRT that computes the network that ships, in its streams."""
    path = tmp_path / 'network.engine'
    path.write_bytes(b'engine')
    note_of(path).write_text(json.dumps(NOTE))
    monkeypatch.setitem(sys.modules, 'tensorrt', fake_tensorrt.make(
        network.infer, network.names, half=True, launch=runtime.launch))
    parts = [f'fastsam_ros.backends.tensorrt.{part}' for part in ('engine', 'through_cuda')]
    for part in parts:
        sys.modules.pop(part, None)
    importlib.import_module(parts[0])
    yield path
    for part in parts:
        sys.modules.pop(part, None)


def pictures(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, (*shape, 3), np.uint8)


def test_same_as_torch_for_sizes_in_turn(engine, network, runtime):
    backend = load(engine, device='cuda:0')
    assert (backend.name, backend.device, backend.precision, backend.batch) == (
        'tensorrt', 'cuda:0', 'fp16', (1, 8))
    batches = [pictures(*shape) for shape in (
        (1, 64, 96), (2, 96, 64), (1, 64, 96), (1, 128, 96), (2, 96, 64))]
    results = [backend.infer(batch) for batch in batches]  # all are kept
    for batch, got in zip(batches, results):
        for one, expected in zip(got, network.infer(batch)):
            assert one.dtype == np.float32
            np.testing.assert_allclose(one, expected, atol=1e-2)
    assert not any(runtime.queues.values())


def test_a_second_gpu_in_the_nodes_threads(engine, network, runtime):
    backend, batch = load(engine, device='cuda:1'), pictures(1, 64, 96)
    with ThreadPoolExecutor(1) as thread:
        got = thread.submit(backend.infer, batch).result()
        np.testing.assert_allclose(
            got.predictions, network.infer(batch).predictions, atol=1e-2)
        thread.submit(backend.close).result()
    assert backend.device == 'cuda:1'


def test_memory_is_kept_for_the_largest_and_freed(engine, runtime):
    backend = load(engine)
    backend.infer(pictures(2, 96, 96))
    before = set(runtime.allocated), set(runtime.pinned)
    backend.infer(pictures(1, 64, 64))
    assert (set(runtime.allocated), set(runtime.pinned)) == before
    backend.infer(pictures(4, 96, 96))
    assert len(runtime.allocated) == len(runtime.pinned) == 4
    backend.close()
    assert (runtime.allocated, runtime.pinned, runtime.queues, runtime.events) == ({}, {}, {}, {})


def test_a_gpu_whose_memory_is_full(engine, runtime):
    backend = load(engine)
    backend.infer(pictures(1, 64, 64))
    runtime.memory = sum(map(len, runtime.allocated.values()))
    with pytest.raises(BackendError, match=r'network\.engine: cudaMalloc: out of memory'):
        backend.infer(pictures(4, 128, 128))
    backend.infer(pictures(1, 64, 64))  # it goes on
    backend.close()
    assert (runtime.allocated, runtime.pinned) == ({}, {})


def test_an_engine_that_stops_and_goes_on(engine, network):
    backend = load(engine)
    made, batch = sys.modules['tensorrt'].engines[-1], pictures(1, 64, 96)
    made.fails = True
    with pytest.raises(BackendError, match='could not run network.engine'):
        backend.infer(batch)
    made.fails = False
    np.testing.assert_allclose(
        backend.infer(batch).predictions, network.infer(batch).predictions, atol=1e-2)


def test_a_size_that_it_was_not_built_for(engine):
    with pytest.raises(BackendError, match='image_size'):
        load(engine).infer(np.zeros((1, 672, 640, 3), np.uint8))


def test_scenes_from_an_image_to_run_lengths(engine, weights, astronaut):
    """Letterbox, suppression and masks are the host's."""
    model = FastSam(str(engine), image_size=320, words=False)
    assert isinstance(model._processing, HostProcessing)
    expected = FastSam(str(weights), device='cpu', precision='fp32', image_size=320)(astronaut)
    scene = model(astronaut)
    assert abs(len(scene) - len(expected)) <= 1
    np.testing.assert_allclose(scene.scores[0], expected.scores[0], atol=0.01)


def test_a_gpu_that_is_not_there(engine):
    with pytest.raises(BackendError, match='no GPU 2: .*cudaGetDeviceProperties: invalid device'):
        load(engine, device='cuda:2')


def test_without_a_driver_cuda_says_so():
    """The real binding, which finds none here or a GPU."""
    if torch.cuda.is_available():
        assert gpu.find_gpu(0).in_torch
        return
    with pytest.raises(BackendError, match=r'sees 0 GPUs; cudaGetDeviceProperties: .+driver'):
        gpu.find_gpu(0)


def test_without_cuda_python_either(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 0)
    monkeypatch.setitem(sys.modules, 'fastsam_ros.backends.tensorrt.cuda', None)
    with pytest.raises(BackendError, match='cannot be imported.*cuda-bindings'):
        gpu.find_gpu(0)
