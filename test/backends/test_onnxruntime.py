# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ONNX Runtime on the device that was asked for, or not at all."""

from types import SimpleNamespace

import pytest

from fastsam_ros.core.errors import BackendError, ModelError
from fastsam_ros.models import shipped

onnxruntime = pytest.importorskip('onnxruntime')
backend = pytest.importorskip('fastsam_ros.backends.onnxruntime')


@pytest.fixture
def asked(monkeypatch):
    """An ONNX Runtime that was compiled with CUDA; what its sessions are asked for and give."""
    asked = SimpleNamespace(providers=None, given=['CPUExecutionProvider'])

    def session(path, providers):
        asked.providers = providers
        return SimpleNamespace(get_providers=lambda: asked.given)

    monkeypatch.setattr(
        onnxruntime, 'get_available_providers', lambda: [backend.CUDA, 'CPUExecutionProvider'])
    monkeypatch.setattr(onnxruntime, 'InferenceSession', session)
    return asked


def test_a_gpu_that_cannot_be_used_is_said(asked):
    """Without its libraries ONNX Runtime goes on with the CPU, many times slower."""
    with pytest.raises(BackendError, match='cannot use CUDA here'):
        backend.open_session(shipped(), 'cuda')


@pytest.mark.parametrize(('device', 'number'), [('cuda', 0), ('cuda:0', 0), ('cuda:2', 2)])
def test_the_gpu_that_was_asked_for(asked, device, number):
    asked.given = [backend.CUDA, 'CPUExecutionProvider']
    backend.open_session(shipped(), device)
    assert asked.providers[0] == (backend.CUDA, {'device_id': number})


@pytest.mark.parametrize('device', ['auto', 'cpu'])
def test_the_cpu_is_asked_for_nothing_else(asked, device):
    backend.open_session(shipped(), device)
    assert asked.providers == ['CPUExecutionProvider']


@pytest.mark.parametrize('device', ['toaster', 'cpu:1', 'cuda:', 'cuda:one', 'cudart'])
def test_unknown_devices_are_refused(asked, device):
    with pytest.raises(BackendError, match=f'no device {device!r}'):
        backend.load(shipped(), device, 'auto')
    assert asked.providers is None


def test_without_cuda(monkeypatch):
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: ['CPUExecutionProvider'])
    with pytest.raises(BackendError, match='onnxruntime-gpu'):
        backend.open_session(shipped(), 'cuda')


def test_a_broken_file(tmp_path):
    path = tmp_path / 'half.onnx'
    path.write_bytes(shipped().read_bytes()[:5000])
    with pytest.raises(ModelError, match='half.onnx'):
        backend.load(path, 'cpu', 'auto')
