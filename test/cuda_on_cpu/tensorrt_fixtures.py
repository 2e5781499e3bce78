# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine, the network that it would be built from, and a CUDA that is not there."""

import importlib
import json
import sys

from engine_note import NOTE
import fake_tensorrt
import pytest
import torch

from fastsam_ros.backends.tensorrt.note import note_of
from fastsam_ros.backends.torch import TorchBackend


@pytest.fixture
def engine(tmp_path):
    """An engine's file with its note."""
    path = tmp_path / 'network.engine'
    path.write_bytes(b'engine')
    note_of(path).write_text(json.dumps(NOTE))
    return path


@pytest.fixture
def cuda_runtime(monkeypatch):
    """CUDA's runtime and driver on an Orin."""
    from fake_cuda_runtime import FakeRuntime

    from fastsam_ros.backends.tensorrt import cuda, driver

    runtime = FakeRuntime()
    monkeypatch.setattr(cuda, 'runtime', runtime)
    monkeypatch.setattr(driver, 'driver', runtime.driver)
    return runtime


@pytest.fixture(scope='session')
def orin_cubin():
    """All kernels as NVRTC compiles them for an Orin."""
    from fastsam_ros.backends.tensorrt.nvrtc import compile_kernels

    return compile_kernels('sm_87')[0]


@pytest.fixture
def cuda_engine(engine, monkeypatch, cuda_runtime, orin_cubin, network):
    """The engine's file where torch sees no GPU, on a TensorRT that works in CUDA's streams."""
    from fastsam_ros.backends.tensorrt import nvrtc

    monkeypatch.setattr(
        nvrtc, 'cubin', lambda capability, anew=False: {'8.7': orin_cubin}[capability])
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 0)
    monkeypatch.setitem(sys.modules, 'tensorrt', fake_tensorrt.make(
        network.infer, network.names, half=True, launch=cuda_runtime.launch,
        is_recording=lambda: bool(cuda_runtime.captured)))
    parts = [f'fastsam_ros.backends.tensorrt.{part}' for part in (
        'engine', 'through_cuda', 'processing')]
    for part in parts:
        sys.modules.pop(part, None)
    importlib.import_module(parts[0])
    yield engine
    for part in parts:
        sys.modules.pop(part, None)


@pytest.fixture(scope='module')
def network(weights):
    """The network that ships, in torch."""
    return TorchBackend(weights, torch.device('cpu'), 'fp32')
