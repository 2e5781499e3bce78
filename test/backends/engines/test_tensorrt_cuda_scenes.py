# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From images to run lengths by kernels, beside the same engine with all else on the host."""

from concurrent.futures import ThreadPoolExecutor
import gc

import numpy as np
from oracles.masks import whole
import pytest

from fastsam_ros.backends.processing import HostProcessing
from fastsam_ros.backends.tensorrt import nvrtc
from fastsam_ros.backends.tensorrt.prototypes import DevicePrototypes
from fastsam_ros.core import BackendError
from fastsam_ros.fastsam import FastSam


@pytest.fixture
def models(cuda_engine):
    """By kernels, and on the host."""
    settings = {'image_size': 160, 'words': False, 'confidence': 0.1}
    model, other = (FastSam(str(cuda_engine), **settings) for _ in range(2))
    other._processing = HostProcessing(other._backend)
    return model, other


@pytest.fixture
def model(models):
    return models[0]


@pytest.fixture
def host(models):
    return models[1]


def assert_same(scene, expected):
    """All but what fades is equal; there one pixel of 100,000 may differ."""
    assert len(scene) == len(expected) > 3
    for name in ('scores', 'coefficients', 'name_scores'):
        np.testing.assert_array_equal(getattr(scene, name), getattr(expected, name))
    np.testing.assert_allclose(scene.extents, expected.extents, atol=1)
    different = sum((
        whole(one, scene.height, scene.width) != whole(other, scene.height, scene.width)).sum()
        for one, other in zip(scene.run_lengths(), expected.run_lengths()))
    assert different <= 1e-5 * expected.areas.sum()


def test_scenes_are_the_hosts(model, host, cuda_runtime, photographs):
    """Of images of several sizes, as they come for the first, the second and the third time."""
    images = [photographs['astronaut'], photographs['coffee'], photographs['rocket'][:300]]
    for image in (*images, *images, *images[::-1]):
        assert_same(model(image), host(image))
    assert cuda_runtime.launches == 3
    assert not any(cuda_runtime.queues.values())


@pytest.mark.parametrize('shaping', ['always', 'never'])
def test_shaped_or_not(cuda_engine, astronaut, shaping):
    settings = {'image_size': 160, 'words': False, 'grow': shaping, 'clean': shaping}
    model, other = (FastSam(str(cuda_engine), confidence=0.2, **settings) for _ in range(2))
    other._processing = HostProcessing(other._backend)
    assert_same(model(astronaut), other(astronaut))


def test_masks_compared_by_suppression(cuda_engine, astronaut):
    settings = {'image_size': 160, 'words': False, 'confidence': 0.05, 'iou': 0.3}
    plain = FastSam(str(cuda_engine), apart='never', **settings)
    model, other = (FastSam(str(cuda_engine), apart='always', **settings) for _ in range(2))
    other._processing = HostProcessing(other._backend)
    assert_same(model(astronaut), other(astronaut))
    assert len(model(astronaut)) > len(plain(astronaut))


def test_images_as_cameras_give_them(model, host, astronaut):
    grey = np.broadcast_to(astronaut[..., 1:2].copy()[..., :1], astronaut.shape)
    bgr = np.ascontiguousarray(astronaut[..., ::-1])[..., ::-1]
    for image in (grey, bgr, astronaut, grey, bgr, grey):
        assert_same(model(image), host(image))


def test_thresholds_that_change(model, host, cuda_runtime, astronaut):
    """Those that are numbers change in a recording, the number of segments takes another one."""
    for most, confidence in ((300, 0.1), (5, 0.1), (300, 0.3), (5, 0.3), (300, 0.2), (5, 0.2)):
        for made in (model, host):
            made.max_segments, made.confidence = most, confidence
        for _ in range(2):
            assert_same(model(astronaut), host(astronaut))
    assert len(cuda_runtime.ready) == 2


def test_a_batch_of_cameras(model, host, cuda_runtime, photographs):
    images = [photographs[name][:300, :400] for name in ('coffee', 'astronaut', 'rocket')]
    for _ in range(3):
        for scene, expected in zip(model.batch(images), host.batch(images), strict=True):
            assert_same(scene, expected)
    assert cuda_runtime.launches == 1


def test_a_warm_model_has_recorded_all_that_cameras_send(model, cuda_runtime, photographs):
    """Whether their images are RGB or BGR."""
    model.warm_up(300, 400, cameras=3)
    assert len(cuda_runtime.ready) == 3
    cuda_runtime.launches = 0
    images = [photographs[name][:300, :400] for name in ('coffee', 'astronaut', 'rocket')]
    others = [np.ascontiguousarray(image[..., ::-1])[..., ::-1] for image in images]
    for count in (1, 2, 3):
        model.batch(images[:count])
        model.batch(others[:count])
    assert cuda_runtime.launches == 6


def test_a_second_gpu_in_the_nodes_threads(cuda_engine, cuda_runtime, photographs):
    """Each thread has a current GPU, which is the first unless said otherwise."""
    settings = {'image_size': 160, 'words': False, 'confidence': 0.1, 'grow': 'always'}
    model = FastSam(str(cuda_engine), device='cuda:1', **settings)
    expected = FastSam(str(cuda_engine), device='cuda:0', **settings)(photographs['coffee'])
    with ThreadPoolExecutor(1) as network, ThreadPoolExecutor(1) as publisher:
        for _ in range(3):
            inferences = network.submit(model.infer, [photographs['coffee']]).result()
            scene, = publisher.submit(model.scenes, inferences).result()
            assert_same(scene, expected)
    assert cuda_runtime.launches == 1
    np.testing.assert_array_equal(scene.logits(), expected.logits())
    ThreadPoolExecutor(1).submit(model.close).result()


def test_a_network_of_a_fixed_batch(model, host, photographs):
    model._backend.batch = (2, 2)
    images = [photographs[name][:300, :400] for name in ('coffee', 'astronaut', 'rocket')]
    for scene, expected in zip(model.batch(images), host.batch(images), strict=True):
        assert_same(scene, expected)


def test_an_image_keeps_its_masks_while_others_go_through(model, host, photographs):
    images = [photographs[name][:400, :400] for name in ('coffee', 'astronaut', 'rocket')] * 2
    inferences = [model.infer([image])[0] for image in images]
    for inference, image in zip(inferences, images):
        assert_same(model.scenes([inference])[0], host(image))


def test_masks_of_candidates_are_made_later_by_another_thread(model, host, photographs):
    images = [photographs[name][:400, :400] for name in ('coffee', 'astronaut')] * 2
    for made in (model, host):
        made.confidence, made.candidates = 0.5, 0.1
    scenes = [model(image) for image in images]
    assert all(scene.confident < len(scene) for scene in scenes)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda scene: scene.run_lengths(), scenes))
    for scene, image in zip(scenes, images):
        expected = host(image)
        expected.run_lengths()
        assert_same(scene, expected)


def test_of_prototypes_nothing_comes_to_the_host(model, astronaut, monkeypatch):
    """Boxes of large regions grow and masks are decoded where they are."""
    monkeypatch.setattr(DevicePrototypes, '__array__', lambda *of: pytest.fail('copied'))
    model.grow = 'always'
    scene = model(astronaut)
    areas = np.prod(scene.extents[:, 2:] - scene.extents[:, :2], axis=1)
    assert areas.max() > 0.1 * scene.height * scene.width


def test_prompts_find_the_prototypes(model, host, astronaut):
    scene, expected = model(astronaut), host(astronaut)
    np.testing.assert_array_equal(scene.logits(), expected.logits())
    assert scene.prototypes.nbytes == expected.prototypes.nbytes / 2  # of 16 bits
    clicks = [(x, y) for x in range(20, scene.width, 60) for y in range(20, scene.height, 60)]
    for click in clicks:
        found, wanted = (one.prompt(points=[click]) for one in (scene, expected))
        np.testing.assert_array_equal(found.indices, wanted.indices)
        np.testing.assert_allclose(found.scores, wanted.scores, rtol=1e-5)


def test_more_boxes_than_the_gpu_compares(model, host, photographs):
    image = photographs['coffee']
    for made in (model, host):
        made.confidence, made.max_segments, made.image_size = 1e-6, 9, 640
    assert_same(model(image), host(image))


def test_memory_that_moves_takes_recordings_along(model, host, cuda_runtime, photographs):
    small, large = (photographs['coffee'][:side, :side] for side in (200, 400))
    for image in (small, small, small, large, small, large, small, large, small):
        assert_same(model(image), host(image))
    assert len(cuda_runtime.ready) == 2  # those of the smaller memory are gone


def test_a_run_of_the_network_alone_may_move_memory(model, host, photographs):
    image = photographs['coffee'][:200, :200]
    for side in (96, 320, 640):
        for _ in range(3):
            assert_same(model(image), host(image))
        model._backend.infer(np.zeros((2, side, side, 3), np.uint8))
    assert_same(model(image), host(image))


def test_a_gpu_whose_memory_was_full_goes_on(model, host, cuda_runtime, photographs):
    small, large = (photographs['coffee'][:side, :side] for side in (200, 400))
    for _ in range(3):
        assert_same(model(small), host(small))
    full = sum(map(len, cuda_runtime.allocated.values()))
    for room in (0, 1000, 50_000, 100_000):  # it ends at one piece of memory or another
        cuda_runtime.memory = full + room
        with pytest.raises(BackendError, match='out of memory'):
            model.batch([large] * 6)
        cuda_runtime.memory = 1 << 30
        for _ in range(3):
            assert_same(model(small), host(small))


def test_what_cannot_be_recorded_is_queued(model, host, cuda_runtime, astronaut, caplog):
    cuda_runtime.refuses_capture = True
    for _ in range(4):
        assert_same(model(astronaut), host(astronaut))
    assert cuda_runtime.launches == 0
    assert caplog.text.count('piece by piece') == 1


def test_contexts_share_their_memory(model, cuda_runtime, photographs):
    for side in (96, 160, 96, 160, 96, 160):
        model.image_size = side
        model(photographs['coffee'])
    assert len(cuda_runtime.ready) == 2
    made = model._backend._engine._engine
    assert made.contexts == 2  # one for each recording
    assert len({context.workspace for context in made.alive}) == 1


def test_everything_is_freed(model, host, cuda_runtime, astronaut):
    scenes = [model(astronaut) for _ in range(3)]
    model.close()
    host.close()
    assert len(cuda_runtime.allocated) == len(scenes)  # their prototypes
    np.testing.assert_array_equal(scenes[0].logits(), scenes[1].logits())
    del scenes
    gc.collect()
    assert cuda_runtime.allocated == cuda_runtime.pinned == cuda_runtime.queues == {}
    assert cuda_runtime.events == cuda_runtime.ready == cuda_runtime.graphs == {}
    assert cuda_runtime.driver.modules == {}


def test_scenes_outlive_their_model(model, host, cuda_runtime, photographs):
    """Masks of candidates that nobody had looked at, which grow as well."""
    for made in (model, host):
        made.confidence, made.candidates, made.grow = 0.5, 0.1, 'always'
    image = photographs['coffee'][:400, :400]
    scene, expected = model(image), host(image)
    assert scene.confident < len(scene)
    model.close()
    before = dict(cuda_runtime.allocated), dict(cuda_runtime.pinned)
    expected.run_lengths(), scene.run_lengths()
    assert_same(scene, expected)
    assert (cuda_runtime.allocated, cuda_runtime.pinned) == before


def test_a_model_is_closed_once_a_run_has_ended(model, photographs, monkeypatch):
    backend, held = model._backend, []
    free = backend.processing.close
    monkeypatch.setattr(
        backend.processing, 'close', lambda: held.append(backend._lock.locked()) or free())
    model.close()
    model.close()
    assert held == [True]
    with pytest.raises(BackendError, match='was closed: load it again'):
        model(photographs['coffee'])


def test_kernels_that_were_kept_broken_are_compiled_anew(
        cuda_engine, monkeypatch, astronaut, caplog, orin_cubin):
    monkeypatch.setattr(
        nvrtc, 'cubin', lambda capability, anew=False: orin_cubin if anew else b'')
    model = FastSam(str(cuda_engine), image_size=160, words=False, confidence=0.1)
    assert not isinstance(model._processing, HostProcessing)
    assert 'run on the processor' not in caplog.text
    assert len(model(astronaut)) > 3


def test_without_a_compiler_the_host_does_it(cuda_engine, monkeypatch, astronaut, caplog):
    def fail(capability):
        raise RuntimeError('libnvrtc.so is not there')

    monkeypatch.setattr(nvrtc, 'cubin', fail)
    model = FastSam(str(cuda_engine), image_size=160, words=False, confidence=0.1)
    assert isinstance(model._processing, HostProcessing)
    assert 'run on the processor' in caplog.text and 'libnvrtc.so' in caplog.text
    assert len(model(astronaut)) > 3
