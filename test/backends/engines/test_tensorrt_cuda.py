# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Engines without torch, on a CUDA that is not there; what it says where there is no driver."""

from concurrent.futures import ThreadPoolExecutor
import sys

import numpy as np
import pytest
import torch

from fastsam_ros.backends import load
from fastsam_ros.backends.tensorrt import gpu
from fastsam_ros.core import BackendError


def pictures(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, (*shape, 3), np.uint8)


def test_same_as_torch_for_sizes_in_turn(cuda_engine, network, cuda_runtime):
    backend = load(cuda_engine, device='cuda:0')
    assert (backend.name, backend.device, backend.precision, backend.batch) == (
        'tensorrt', 'cuda:0', 'fp16', (1, 8))
    batches = [pictures(*shape) for shape in (
        (1, 64, 96), (2, 96, 64), (1, 64, 96), (1, 128, 96), (2, 96, 64))]
    results = [backend.infer(batch) for batch in batches]  # all are kept
    for batch, got in zip(batches, results):
        for one, expected in zip(got, network.infer(batch)):
            assert one.dtype == np.float32
            np.testing.assert_allclose(one, expected, atol=1e-2)
    assert not any(cuda_runtime.queues.values())


def test_a_second_gpu_in_the_nodes_threads(cuda_engine, network, cuda_runtime):
    backend, batch = load(cuda_engine, device='cuda:1'), pictures(1, 64, 96)
    with ThreadPoolExecutor(1) as thread:
        got = thread.submit(backend.infer, batch).result()
        np.testing.assert_allclose(
            got.predictions, network.infer(batch).predictions, atol=1e-2)
        thread.submit(backend.close).result()
    assert backend.device == 'cuda:1'


def test_memory_is_kept_for_the_largest_and_freed(cuda_engine, cuda_runtime):
    backend = load(cuda_engine)
    backend.infer(pictures(2, 96, 96))
    before = set(cuda_runtime.allocated), set(cuda_runtime.pinned)
    backend.infer(pictures(1, 64, 64))
    assert (set(cuda_runtime.allocated), set(cuda_runtime.pinned)) == before
    backend.infer(pictures(4, 96, 96))
    assert [len(now) for now in (cuda_runtime.allocated, cuda_runtime.pinned)] == [
        len(then) for then in before]
    backend.close()
    assert cuda_runtime.allocated == cuda_runtime.pinned == {}
    assert cuda_runtime.queues == cuda_runtime.events == {}


def test_a_gpu_whose_memory_is_full(cuda_engine, cuda_runtime):
    backend = load(cuda_engine)
    backend.infer(pictures(1, 64, 64))
    cuda_runtime.memory = sum(map(len, cuda_runtime.allocated.values()))
    with pytest.raises(BackendError, match=r'network\.engine: cudaMalloc: out of memory'):
        backend.infer(pictures(4, 128, 128))
    backend.infer(pictures(1, 64, 64))  # it goes on
    backend.close()
    assert (cuda_runtime.allocated, cuda_runtime.pinned) == ({}, {})


def test_an_engine_that_stops_and_goes_on(cuda_engine, network):
    backend = load(cuda_engine)
    made, batch = sys.modules['tensorrt'].engines[-1], pictures(1, 64, 96)
    made.fails = True
    with pytest.raises(BackendError, match='could not run network.engine'):
        backend.infer(batch)
    made.fails = False
    np.testing.assert_allclose(
        backend.infer(batch).predictions, network.infer(batch).predictions, atol=1e-2)


def test_a_size_that_it_was_not_built_for(cuda_engine):
    with pytest.raises(BackendError, match='image_size'):
        load(cuda_engine).infer(np.zeros((1, 672, 640, 3), np.uint8))


def test_a_gpu_that_is_not_there(cuda_engine):
    with pytest.raises(BackendError, match='no GPU 2: .*cudaGetDeviceProperties: invalid device'):
        load(cuda_engine, device='cuda:2')


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
