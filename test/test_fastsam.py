# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""FastSam: one image, many images, settings, and what it refuses."""

import numpy as np
import pytest

from fastsam_ros.core import (
    BackendError,
    ImageError,
    ModelError,
    ParameterError,
    UntrustedModelError,
)
from fastsam_ros.fastsam import FastSam


def same(scene, other):
    np.testing.assert_allclose(scene.scores, other.scores, atol=1e-4)
    np.testing.assert_allclose(scene.boxes, other.boxes, atol=0.1)


def test_batch_equals_one_by_one(model, photographs):
    images = [photographs[name] for name in ('astronaut', 'coffee', 'camera', 'rocket')]
    for scene, image in zip(model.batch(images), images):
        same(scene, model(image))
        assert (scene.height, scene.width) == image.shape[:2]


def test_stream_keeps_the_order(model, photographs):
    images = [photographs[name] for name in ('coffee', 'rocket', 'chelsea')]
    scenes = list(model.stream(iter(images)))
    assert len(scenes) == 3
    for scene, image in zip(scenes, images):
        same(scene, model(image))


def test_stream_passes_on_what_goes_wrong(model, astronaut):
    stream = model.stream([astronaut, astronaut[..., :2]])
    assert len(next(stream)) > 0
    with pytest.raises(ImageError):
        next(stream)


def test_empty_batch(model):
    assert model.batch([]) == []


def test_a_view_gives_what_its_copy_gives(model, astronaut):
    same(model(astronaut[::2, ::-1]), model(np.ascontiguousarray(astronaut[::2, ::-1])))


@pytest.mark.parametrize(('name', 'value'), [
    ('confidence', 1.5), ('confidence', float('nan')), ('confidence', 'high'), ('iou', -0.1),
    ('image_size', 100), ('image_size', 640.0), ('image_size', 32), ('max_segments', 0),
    ('max_segments', True),
])
def test_a_bad_setting_is_refused_and_the_old_one_stays(model, name, value):
    old = getattr(model, name)
    with pytest.raises(ParameterError, match=f'{name} must be a'):
        setattr(model, name, value)
    assert getattr(model, name) == old


def test_settings_change_at_run_time(astronaut):
    model = FastSam(precision='fp32', confidence=0.1)
    many = len(model(astronaut))
    model.confidence, model.max_segments = 0.5, 3
    assert len(model(astronaut)) <= 3 < many
    model.image_size = 320
    assert model(astronaut).prototypes.shape == (32, 80, 80)


@pytest.mark.parametrize('image', [
    np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8),
    np.zeros((4, 4, 4), np.uint8), [[1]],
])
def test_anything_but_an_image_is_refused(model, image):
    with pytest.raises(ImageError, match='an image must be'):
        model(image)


def test_one_pixel_is_an_image(model):
    assert model(np.zeros((1, 1, 3), np.uint8)).height == 1


def test_a_missing_model():
    with pytest.raises(ModelError, match='no model file'):
        FastSam('nowhere.onnx')


@pytest.mark.parametrize('name', ['broken.onnx', 'broken.pt', 'broken.safetensors', 'model.zip'])
def test_a_broken_model(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b'not a network')
    with pytest.raises(ModelError, match=name):
        FastSam(str(path), trust=True)


def test_a_truncated_model(tmp_path):
    path = tmp_path / 'half.onnx'
    whole = FastSam().path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r'half\.onnx'):
        FastSam(str(path))


def test_another_network_is_no_fastsam(tmp_path):
    onnx = pytest.importorskip('onnx')
    port = onnx.helper.make_tensor_value_info
    ports = [port(name, onnx.TensorProto.FLOAT, [1, 3, 64, 64]) for name in 'xy']
    node = onnx.helper.make_node('Relu', ['x'], ['y'])
    graph = onnx.helper.make_graph([node], 'relu', ports[:1], ports[1:])
    opset = [onnx.helper.make_opsetid('', 17)]
    path = tmp_path / 'relu.onnx'
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), str(path))
    with pytest.raises(ModelError, match='not a FastSAM network'):
        FastSam(str(path))


def test_an_untrusted_pickle_is_refused_by_its_hash(weights, tmp_path):
    from reference import write_checkpoint

    path = write_checkpoint(weights, tmp_path / 'mine.pt')
    with pytest.raises(UntrustedModelError, match=r'[0-9a-f]{64}'):
        FastSam(str(path))


def test_an_unknown_device_and_precision():
    with pytest.raises(BackendError, match='toaster'):
        FastSam(device='toaster')
    with pytest.raises(ParameterError, match='fp7'):
        FastSam(precision='fp7')
