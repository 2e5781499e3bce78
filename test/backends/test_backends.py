# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""All runtimes compute the same network."""

from importlib.util import find_spec
from pathlib import Path
import shutil

import numpy as np
import pytest

from fastsam_ros import backends
from fastsam_ros.backends import load
from fastsam_ros.core import BackendError, ParameterError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.models import shipped

PICTURES = ('astronaut', 'coffee', 'rocket', 'camera', 'motorcycle_left')


@pytest.fixture
def alone(tmp_path):
    """The model that ships without the files beside it."""
    return Path(shutil.copy(shipped(), tmp_path))


@pytest.fixture(scope='module')
def torch_scenes(weights, photographs):
    """What the network in torch finds in each picture."""
    model = FastSam(str(weights), device='cpu', precision='fp32', confidence=0.2)
    return {name: model(photographs[name]) for name in PICTURES}


def mean_iou(scene, other):
    """Mean over the other's segments of the best mask IoU in this scene."""
    ours = scene.masks().reshape(len(scene), -1).astype(np.float32)
    theirs = other.masks().reshape(len(other), -1).astype(np.float32)
    shared = ours @ theirs.T
    iou = shared / (ours.sum(axis=1)[:, None] + theirs.sum(axis=1) - shared)
    return iou.max(axis=0).mean()


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_same_segments_as_torch_in_float32(torch_scenes, photographs, runtime, monkeypatch):
    monkeypatch.setattr('fastsam_ros.backends._RUNTIMES', {'.onnx': (runtime,)})
    model = FastSam(device='cpu', precision='fp32', confidence=0.2)
    assert model.runtime == runtime
    for name in PICTURES:
        scene, expected = model(photographs[name]), torch_scenes[name]
        assert abs(len(scene) - len(expected)) <= 1, name
        assert mean_iou(scene, expected) >= 0.99, name


@pytest.mark.parametrize('precision', ['auto', 'bf16'])
def test_openvino_in_less_precision_stays_close(torch_scenes, photographs, precision):
    model = FastSam(device='cpu', precision=precision, confidence=0.15)
    scores = [mean_iou(model(photographs[name]), torch_scenes[name]) for name in PICTURES]
    assert np.mean(scores) > 0.93


def test_a_fixed_input_is_letterboxed_into(astronaut, tmp_path):
    ov = pytest.importorskip('openvino')
    network = ov.Core().read_model(shipped())
    network.reshape([1, 3, 384, 640])
    ov.save_model(network, tmp_path / 'fixed.xml')
    scene = FastSam(str(tmp_path / 'fixed.xml'), precision='fp32', confidence=0.2)(astronaut)
    assert scene.prototypes.shape == (32, 96, 160)
    assert (scene.height, scene.width) == (512, 512)
    assert len(scene) > 0


def test_onnxruntime_refuses_what_the_file_does_not_hold(monkeypatch, alone):
    monkeypatch.setattr('fastsam_ros.backends._RUNTIMES', {'.onnx': ('onnxruntime',)})
    with pytest.raises(ParameterError, match='int8'):
        load(alone, device='cpu', precision='int8')


def test_int8_without_an_int8_file_says_how_to_make_one(alone):
    with pytest.raises(ParameterError, match='fastsam export'):
        load(alone, device='cpu', precision='int8')


def test_a_missing_runtime_is_named(monkeypatch, alone):
    monkeypatch.setattr('fastsam_ros.backends._RUNTIMES', {'.onnx': ('no_such_runtime',)})
    with pytest.raises(BackendError, match='no_such_runtime'):
        load(alone, device='cpu')


@pytest.mark.parametrize('missing', ['ultralytics', 'safetensors'])
def test_a_gpu_without_what_weights_need_leaves_the_model_to_others(monkeypatch, caplog, missing):
    monkeypatch.setattr(backends, 'means_cuda', lambda device: True)
    weights, runtimes = backends.choose(shipped(), 'auto', 'fp32')
    assert (weights.suffix, runtimes) == ('.safetensors', ('torch',))
    monkeypatch.setattr(
        backends, 'find_spec', lambda name: None if name == missing else find_spec(name))
    assert backends.choose(shipped(), 'auto', 'fp32')[0] == shipped()
    assert f'pip install {missing}' in caplog.text
    assert load(shipped(), device='cpu', precision='fp32').name == 'openvino'


def test_cuda_where_there_is_none(weights):
    import torch

    if torch.cuda.is_available():
        pytest.skip('this machine has CUDA')
    with pytest.raises(BackendError, match='CUDA'):
        FastSam(str(weights), device='cuda')
