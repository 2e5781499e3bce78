# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The model that ships, made and warmed up on a GPU that is not there: see `fake_cuda`."""

from contextlib import nullcontext
from copy import deepcopy
from unittest import mock

from fake_cuda import CUDA, fake_gpu
import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeCopyMode

from fastsam_ros.backends import torch as torch_backend
from fastsam_ros.backends.cuda import decode, graph, processing
from fastsam_ros.backends.cuda.streams import InOrder
from fastsam_ros.fastsam import FastSam


def to(module, device, dtype=None, memory_format=None):
    """`Module.to`, which cannot swap tensors that others look at, as FakeTensorMode does."""
    if hasattr(module, 'model'):  # this tensor comes along, and must not be asked for values
        module.model[-1].stride = mock.Mock(tolist=lambda: [8.0, 16.0, 32.0])
    for part in module.modules():
        for tensors in (part._parameters, part._buffers):
            for name, tensor in tensors.items():
                if tensor is not None:
                    kind = dtype if tensor.is_floating_point() else None
                    tensors[name] = tensor.detach().to(device, kind or tensor.dtype)
    return module


@pytest.fixture
def gpu(monkeypatch, weights):
    """No streams, graphs and page-locked memory: those have tests of their own."""
    module = torch_backend._load(weights)

    def load_fake(path):
        with FakeCopyMode(gpu.fake_mode):
            return deepcopy(module)

    monkeypatch.setattr(torch_backend, '_load', load_fake)
    monkeypatch.setattr(torch.nn.Module, 'to', to)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 1)
    monkeypatch.setattr(graph, 'recordable', lambda device: False)
    monkeypatch.setattr(graph, 'current', lambda device: nullcontext())
    monkeypatch.setattr(processing, 'streams_of', lambda device: InOrder())
    monkeypatch.setattr(processing.Upload, '__call__', lambda upload, image: torch.empty(
        image.shape, dtype=torch.uint8, device=CUDA))
    for cached in (processing.constant, decode.device_axes):
        cached.cache_clear()
    with fake_gpu() as gpu:
        yield gpu
    for cached in (processing.constant, decode.device_axes):
        cached.cache_clear()


def test_a_warm_model_waits_at_known_points_alone(gpu, weights):
    """For what is sent once; then for an image's boxes, the number of its runs, and these."""
    model = FastSam(str(weights), device=str(CUDA), precision='fp16', clean='never')
    assert (model.device, model.precision, model.batches) == (str(CUDA), 'fp16', True)
    model.warm_up(480, 640)
    assert set(gpu.waits) == {'upload', 'cpu', 'nonzero'}
    gpu.waits.clear()
    model.batch([np.zeros((480, 640, 3), np.uint8)] * 2)
    assert gpu.waits == ['cpu', 'nonzero', 'cpu'] * 2
