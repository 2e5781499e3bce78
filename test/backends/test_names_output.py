# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A network that knows names says them after its coefficients, whatever runs it."""

from pathlib import Path

import numpy as np
import pytest
from reference import drop_names
from safetensors.torch import save_file
import torch

from fastsam_ros import backends
from fastsam_ros.backends.checkpoints import add_names, load_module
from fastsam_ros.backends.protocol import check_outputs
from fastsam_ros.core.errors import ModelError
from fastsam_ros.export.torch_graph import FreeSize, write_onnx, write_torchscript

KNOWN = 3
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3)).astype(np.uint8)


@pytest.fixture(scope='module')
def files(tmp_path_factory) -> dict[str, Path]:
    """The model that ships, with layers for three names that are random, in each format."""
    from fastsam_ros.models import shipped

    torch.manual_seed(0)
    module = load_module(shipped('fastsam-n.safetensors'))
    drop_names(module)
    add_names(module, [
        torch.nn.Conv2d(branch[-1].in_channels, KNOWN, 1) for branch in module.model[-1].cv3])
    folder = tmp_path_factory.mktemp('named')
    paths = {end: folder / f'named.{end}' for end in ('safetensors', 'onnx', 'torchscript')}
    header = {'yaml': 'yolov8n-seg.yaml', 'known_names': str(KNOWN)}
    save_file(module.state_dict(), str(paths['safetensors']), header)
    network = FreeSize(load_module(paths['safetensors']).fuse(verbose=False))
    write_onnx(network, paths['onnx'], {})
    write_torchscript(network, paths['torchscript'], {})
    return paths


def in_rows(output):
    """Names behind predictions, where a runtime leaves them apart."""
    predictions, prototypes, *apart = output
    anchors = np.arange(predictions.shape[2])
    rows = [np.stack([one(anchors).T for one in names]) for names in apart]
    return np.concatenate([predictions, *rows], 1), prototypes


@pytest.mark.parametrize('count', [1, 2])
@pytest.mark.parametrize(('end', 'runtime'), [
    ('onnx', 'openvino'), ('onnx', 'onnxruntime'), ('torchscript', 'torch')])
def test_all_runtimes_say_the_same_names(files, end, runtime, count, monkeypatch):
    wanted = backends.load(files['safetensors'], device='cpu', precision='fp32')
    monkeypatch.setitem(backends._RUNTIMES, '.onnx', (runtime,))
    network = backends.load(files[end], device='cpu', precision='fp32')
    assert network.name == runtime
    predictions, prototypes = in_rows(network.infer(IMAGES[:count]))
    expected, expected_prototypes = wanted.infer(IMAGES[:count])
    assert predictions.shape == expected.shape == (count, 37 + KNOWN, 8 * 12 + 4 * 6 + 2 * 3)
    np.testing.assert_allclose(predictions, expected, atol=0.02)
    np.testing.assert_allclose(prototypes, expected_prototypes, atol=0.01)


@torch.no_grad()
def test_names_follow_what_the_network_said_before(files):
    module = load_module(files['safetensors'])
    image = torch.from_numpy(IMAGES[:1]).permute(0, 3, 1, 2) / 255
    rows = module(image)[0][0][0]  # box, score, names, coefficients
    predictions, _ = backends.load(files['safetensors'], device='cpu').infer(IMAGES[:1])
    np.testing.assert_allclose(predictions[0, :5], rows[:5], atol=1e-3)
    np.testing.assert_allclose(predictions[0, 5:37], rows[5 + KNOWN:], atol=1e-3)
    np.testing.assert_allclose(predictions[0, 37:], rows[5:5 + KNOWN], atol=1e-5)


def test_a_third_output_of_another_shape_is_refused():
    with pytest.raises(ModelError, match=r'maybe \(batch, names, anchors\)'):
        check_outputs(Path('x.onnx'), (1, 37, 9), (1, 32, 8, 8), (1, 80))


def test_several_pictures_in_one_run_on_a_device_that_gains_by_it(files):
    network = backends.load(files['onnx'], device='cpu', precision='fp32')
    one_by_one = network.infer(IMAGES).predictions
    together = network.infer(IMAGES).predictions
    np.testing.assert_allclose(together, one_by_one, atol=1e-3)
