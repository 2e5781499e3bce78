# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""FastSam: one image, many images, settings, and what it refuses."""

from multiprocessing import get_context
from threading import Event

import numpy as np
import pytest

from fastsam_ros import models
from fastsam_ros.backends.own_images import with_own_images
from fastsam_ros.core import (
    BackendError,
    ImageError,
    ModelError,
    ParameterError,
    UntrustedModelError,
)
from fastsam_ros.core.images import rectangles
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


@pytest.mark.parametrize('batch', [1, 2, 4])
def test_networks_of_a_fixed_batch_take_any_number_of_images(batch, photographs, tmp_path):
    """As ultralytics exports them unless told otherwise; cameras send at the same time."""
    ov = pytest.importorskip('openvino')
    network = ov.Core().read_model(models.shipped('fastsam-n.onnx'))
    network.reshape([batch, 3, 192, 192])
    ov.save_model(network, tmp_path / 'fixed.xml')
    fixed = FastSam(str(tmp_path / 'fixed.xml'), precision='fp32', confidence=0.2)
    free = FastSam(precision='fp32', confidence=0.2, image_size=192)
    images = [photographs[name][:300, :300] for name in ('coffee', 'astronaut', 'rocket')]
    for got, expected in zip(fixed.batch(images), free.batch(images), strict=True):
        assert len(got) == len(expected)
        np.testing.assert_allclose(got.scores, expected.scores, atol=1e-3)


def test_a_stream_yields_each_scene_before_the_next_image_comes(model, astronaut):
    """Of a live camera the next image may be long in coming."""
    wanted = Event()

    def camera():
        yield astronaut
        assert wanted.wait(120)
        yield astronaut

    scenes = model.stream(camera())
    first = next(scenes)
    wanted.set()
    np.testing.assert_array_equal([first.scores], [scene.scores for scene in scenes])


def test_an_empty_stream(model):
    assert list(model.stream([])) == []


def test_a_scene_keeps_its_own_image(model, astronaut):
    image = astronaut.copy()
    scene = model(image)
    image[:] = 0
    np.testing.assert_array_equal(scene.image, astronaut)
    image.flags.writeable = False  # nobody can change it, so it need not be copied
    assert model(image).image is image


@pytest.mark.parametrize('many', [False, True], ids=['batch', 'stream'])
def test_scenes_keep_their_own_large_images(model, many):
    image = rectangles(1080, 1920)
    before = image.copy()
    scene = next(model.stream([image])) if many else model(image)
    image[:] = 0
    np.testing.assert_array_equal(scene.image, before)
    assert not np.shares_memory(scene.image, image)


@pytest.mark.filterwarnings('ignore:.*fork:DeprecationWarning')
def test_large_images_are_copied_in_a_forked_process_too(model):
    """Threads of its parent's, that wait for images, do not run there."""
    image = rectangles(1080, 1920)
    found = model(image)

    def copy():
        (scene,) = with_own_images(list, lambda _: [found], [image])
        assert np.array_equal(scene.image, image) and scene.image is not image

    child = get_context('fork').Process(target=copy)
    child.start()
    child.join(30)
    child.kill()
    assert child.exitcode == 0


def test_one_scene_of_a_batch_keeps_its_own_prototypes_alone(model, astronaut):
    one, other = model.batch([astronaut, astronaut])
    assert not np.shares_memory(one.prototypes, other.prototypes)
    assert one.prototypes.base is None or one.prototypes.base.size == one.prototypes.size


def test_candidates_come_behind_what_is_found_without_them(astronaut):
    alone = FastSam(precision='fp32', confidence=0.4)(astronaut)
    scene = FastSam(precision='fp32', confidence=0.4, candidates=0.1)(astronaut)
    assert scene.confident == len(alone) < len(scene)
    for field in ('scores', 'extents', 'coefficients'):
        np.testing.assert_array_equal(
            getattr(scene, field)[: len(alone)], getattr(alone, field))
    everything = scene.prompt(selection='all')
    assert sorted(everything.indices) == list(range(len(alone)))
    with pytest.raises(ParameterError, match='candidates'):
        FastSam(candidates=1.5)
