# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Networks taken apart, saved, collapsed, averaged and exported."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from fastsam_ros.core.errors import ModelError, UntrustedModelError
from fastsam_ros.fastsam import FastSam
from training import export, soup, weights
from training.collapse import collapse


@pytest.fixture
def network(many_classes):
    return weights.load(many_classes)


@pytest.fixture
def image():
    return torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_parts_give_what_ultralytics_gives(network, image):
    output = network(image)
    (rows, prototypes), _ = network.model(image)
    boxes = output.boxes()[0]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    torch.testing.assert_close(centres.T, rows[0, :2], atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(output.logits[0].sigmoid(), rows[0, 4:8], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(output.prototypes, prototypes)


@torch.no_grad()
def test_a_saved_network_comes_back(network, image, tmp_path):
    path = tmp_path / 'again.safetensors'
    weights.save(network, path, {'epoch': '3'})
    torch.testing.assert_close(weights.load(path)(image).logits, network(image).logits)


def test_a_save_that_ends_early_leaves_the_file_that_was_there(network, tmp_path, monkeypatch):
    """As with releases of safetensors that write in place."""
    def end(state, path, header):
        Path(path).write_bytes(b'half of it')
        raise OSError('No space left on device')

    path = tmp_path / 'epoch001.safetensors'
    weights.save(network, path, {})
    before = path.read_bytes()
    monkeypatch.setattr(weights, 'save_file', end)
    with pytest.raises(OSError, match='No space'):
        weights.save(network, path, {})
    assert path.read_bytes() == before


def test_a_network_that_no_header_describes_is_not_saved(network, tmp_path):
    network.model.yaml['yaml_file'] = 'yolov9c-seg.yaml'
    with pytest.raises(ValueError, match='yolov9c-seg.yaml'):
        weights.save(network, tmp_path / 'never.safetensors', {})


@torch.no_grad()
def test_collapsing_fits_a_linear_maximum_exactly(network, image):
    for branch in network.head.cv3:  # one class above all others: the maximum is linear
        branch[-1].bias[0] += 50
    wanted = network(image).logits[:, :1]
    collapse(network, [image])
    assert network.classes == 1
    torch.testing.assert_close(network(image).logits, wanted, atol=0.05, rtol=0.01)


@torch.no_grad()
def test_averages_lie_between_their_parts(many_classes, image):
    start, end = weights.load(many_classes), weights.load(many_classes)
    soup.lift(end, 2.0)
    mixed = soup.average([weights.load(many_classes), end], [3, 1])
    torch.testing.assert_close(mixed(image).logits, start(image).logits + 0.5)


def test_soup_writes_a_file(many_classes, tmp_path):
    out = tmp_path / 'soup.safetensors'
    soup.main([f'{many_classes}=0.5', f'{many_classes}=0.5', '--lift', '1', '--out', str(out)])
    before, after = (weights.load(path).head.cv3[0][-1].bias for path in (many_classes, out))
    torch.testing.assert_close(after, before + 1, atol=1e-2, rtol=0)


def test_an_export_has_half_weights_and_runs_like_the_network(network, image, tmp_path):
    path = tmp_path / 'model.onnx'
    export.export(network, path, {'license': 'AGPL-3.0-only'})
    graph = onnx.load(str(path)).graph
    kernels = [weight for weight in graph.initializer if len(weight.dims) == 4]
    assert {weight.data_type for weight in kernels} == {onnx.TensorProto.FLOAT16}
    sides = [
        [dim.dim_param for dim in value.type.tensor_type.shape.dim[2:]]
        for value in (graph.input[0], graph.output[1])]
    assert not set(sides[0]) & set(sides[1])  # prototypes are smaller than the picture
    picture = (image[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
    model = FastSam(str(path), device='cpu', precision='fp32')
    rows, prototypes = model._backend.infer(picture[None])
    with torch.no_grad():
        tensor = torch.from_numpy(picture)[None].permute(0, 3, 1, 2) / 255
        wanted = export.Inference(network)(tensor)
    np.testing.assert_allclose(rows, wanted[0], atol=0.05, rtol=0.02)
    np.testing.assert_allclose(prototypes, wanted[1], atol=0.02, rtol=0.02)


def test_pickles_need_trust_and_other_files_are_refused(tmp_path):
    pickle = tmp_path / 'some.pt'
    torch.save({'model': None}, pickle)
    with pytest.raises(UntrustedModelError, match='--trust'):
        weights.load(pickle)
    with pytest.raises(ModelError):
        weights.load(tmp_path / 'missing.safetensors')
