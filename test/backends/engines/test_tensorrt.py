# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Engines: the notes beside them, the check against their weights, and how they are run."""

from contextlib import contextmanager
import gc
import importlib
import sys
import weakref

import fake_tensorrt
import numpy as np
import pytest
import torch

from fastsam_ros.backends import load
from fastsam_ros.backends.cuda import graph
from fastsam_ros.core import BackendError, ModelError, ParameterError
from fastsam_ros.fastsam import FastSam

CPU = torch.device('cpu')


@pytest.fixture
def tensorrt(network, monkeypatch):
    """The backend's module, on a TensorRT that computes the network that ships."""
    monkeypatch.setitem(
        sys.modules, 'tensorrt', fake_tensorrt.make(network.infer, network.names))
    parts = [f'fastsam_ros.backends.tensorrt.{part}' for part in ('through_torch', 'engine')]
    for part in parts:
        sys.modules.pop(part, None)
    yield importlib.import_module(parts[0])
    for part in parts:
        sys.modules.pop(part, None)


@pytest.fixture
def orin(monkeypatch):
    """A machine with the GPU that the note names."""
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda device: 'NVIDIA Orin')
    monkeypatch.setattr(torch.cuda, 'get_device_capability', lambda device: (8, 7))


def test_same_as_torch(tensorrt, network, engine, astronaut):
    backend = tensorrt.TorchEngine(engine, CPU, 'fp16')
    assert (backend.name, backend.precision, backend.input_shape) == ('tensorrt', 'fp16', None)
    batch = np.stack([astronaut[:256, :320], astronaut[100:356, 64:384]])
    for got, expected in zip(backend.infer(batch), network.infer(batch)):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected, atol=1e-2)


def test_scenes_come_from_the_device(tensorrt, weights, engine, astronaut):
    expected = FastSam(str(weights), device='cpu', precision='fp32', image_size=320)
    model = FastSam(str(weights), device='cpu', precision='fp32', image_size=320)
    model._processing = tensorrt.TorchEngine(engine, CPU, 'fp16').processing
    scene, other = model(astronaut), expected(astronaut)
    assert abs(len(scene) - len(other)) <= 1
    np.testing.assert_allclose(scene.scores[0], other.scores[0], atol=0.05)


class Recorded:
    """Stands for `torch_graph.Recording`."""

    def __init__(self, outputs, context):
        self.outputs, self.context = outputs, context

    def __call__(self, *inputs):
        return self.outputs


@pytest.fixture
def quick(tensorrt, engine):
    """A backend whose network finds nothing."""
    def nothing(pictures):
        batch, height, width, _ = pictures.shape
        anchors = sum(height // side * (width // side) for side in (8, 16, 32))
        return np.zeros((batch, 117, anchors)), np.zeros((batch, 32, height // 4, width // 4))

    backend = tensorrt.TorchEngine(engine, CPU, 'fp16')
    made_of(backend).network = nothing
    return backend


def made_of(backend):
    """The engine that stands for TensorRT's."""
    return backend._engine._engine


@pytest.fixture
def recordings(monkeypatch):
    """The contexts of recordings that live, as a GPU would make them; two are kept."""
    living = weakref.WeakSet()

    def record(run, inputs, held, pool):
        outputs, context = run(*inputs), held()
        context.recorded = True
        living.add(context)
        return Recorded(outputs, context)

    monkeypatch.setattr(graph, 'SHAPES', 2)
    monkeypatch.setattr(graph, 'recordable', lambda device: True)
    monkeypatch.setattr(graph, 'record', record)
    monkeypatch.setattr(torch.cuda, 'graph_pool_handle', lambda: 'pool')
    return living


def test_each_recording_has_its_context_and_takes_it_along(recordings, quick):
    for side in (64, 96, 128, 160, 192):
        for _ in range(3):
            quick.infer(np.zeros((1, 64, side, 3), np.uint8))
    assert made_of(quick).contexts == 5
    assert len({context.workspace for context in made_of(quick).alive}) == 1  # all in one memory
    gc.collect()
    assert len(recordings) == 2
    quick.close()
    gc.collect()
    assert not recordings


def test_an_engine_is_made_on_its_gpu(tensorrt, engine, monkeypatch):
    made, devices = tensorrt.Engine, []

    @contextmanager
    def current(device):
        devices.append(device)
        with monkeypatch.context() as patch:
            patch.setattr(tensorrt, 'Engine', made)
            yield

    monkeypatch.setattr(tensorrt, 'Engine', lambda path: pytest.fail('on the first GPU'))
    monkeypatch.setattr(tensorrt, 'current', current)
    tensorrt.TorchEngine(engine, torch.device('cpu', 0), 'fp16').close()
    assert devices == [torch.device('cpu', 0)] * 2


def test_sizes_that_come_once_share_a_context(recordings, quick):
    for side in (64, 96, 128, 160, 192):
        quick.infer(np.zeros((1, 64, side, 3), np.uint8))
    assert made_of(quick).contexts == 1


def test_a_size_that_it_was_not_built_for(tensorrt, engine):
    backend = tensorrt.TorchEngine(engine, CPU, 'fp16')
    with pytest.raises(BackendError, match='image_size'):
        backend.infer(np.zeros((1, 672, 640, 3), np.uint8))


def test_a_run_that_fails(tensorrt, engine):
    backend = tensorrt.TorchEngine(engine, CPU, 'fp16')
    made_of(backend).fails = True
    with pytest.raises(BackendError, match='could not run network.engine'):
        backend.infer(np.zeros((1, 64, 64, 3), np.uint8))


def test_memory_that_is_not_there_or_is_refused(tensorrt, engine):
    backend, batch = tensorrt.TorchEngine(engine, CPU, 'fp16'), np.zeros((1, 64, 64, 3), np.uint8)
    made_of(backend).takes_memory = False
    with pytest.raises(BackendError, match='not enough memory'):
        backend.infer(batch)
    made_of(backend).takes_memory = True
    backend.infer(batch)
    made_of(backend).takes_memory = False
    with pytest.raises(BackendError, match='takes no memory at'):
        backend.infer(batch)


def test_a_truncated_engine(tensorrt, engine):
    engine.write_bytes(b'half an')
    with pytest.raises(ModelError, match='truncated'):
        tensorrt.TorchEngine(engine, CPU, 'fp16')


def test_an_engine_of_an_earlier_version(tensorrt, engine, monkeypatch):
    monkeypatch.setattr(fake_tensorrt.Engine, 'get_tensor_dtype', lambda engine, name: 'float')
    with pytest.raises(ModelError, match='build it again'):
        tensorrt.TorchEngine(engine, CPU, 'fp16')


@pytest.mark.parametrize('device', ['cpu', 'GPU', 'cuda:x'])
def test_on_no_gpu(engine, device):
    with pytest.raises(BackendError, match='GPU alone'):
        load(engine, device=device)


def test_on_another_gpu(tensorrt, engine, orin, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda device: 'NVIDIA T4')
    with pytest.raises(BackendError, match='gpu NVIDIA Orin, here it is NVIDIA T4'):
        load(engine, device='cuda')


def test_in_another_precision(tensorrt, engine, orin):
    with pytest.raises(ParameterError, match='fp16, not in fp32'):
        load(engine, device='cuda', precision='fp32')


def test_a_tensorrt_that_engines_cannot_use(tensorrt, engine, orin, monkeypatch):
    monkeypatch.setattr(sys.modules['tensorrt'], '__version__', '10.0.1')
    with pytest.raises(BackendError, match=r'10\.0\.1 is too old: 10\.1 or newer.*JetPack'):
        load(engine, device='cuda')


def test_without_tensorrt(engine, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tensorrt', None)
    with pytest.raises(BackendError, match=r'needs TensorRT.*python3-libnvinfer'):
        load(engine)
