# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The processing that a GPU does, on the CPU and on a GPU if there is one, against the host's."""

from devices import DEVICES
from made_predictions import random_predictions
import numpy as np
import pytest
import torch

from fastsam_ros.backends.cuda import nms
from fastsam_ros.backends.cuda.backend import DeviceOutput
from fastsam_ros.backends.cuda.nms import detect_all, suppress
from fastsam_ros.backends.cuda.preprocess import fit
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.cuda.transfer import Upload
from fastsam_ros.backends.processing import HostProcessing, Inference, Thresholds
from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.torch import Distances
from fastsam_ros.core.letterbox import GREY, Letterbox
from fastsam_ros.core.masks.decoding import detect
from fastsam_ros.fastsam import FastSam


@pytest.fixture(scope='module', params=DEVICES)
def device(request):
    return torch.device(request.param)


@pytest.fixture(autouse=True)
def few_candidates(monkeypatch):
    """All pairs of many boxes are nothing for a GPU, and half a second here."""
    monkeypatch.setattr(nms, 'CANDIDATES', 512)


@pytest.fixture(scope='module')
def host_model(weights):
    return FastSam(str(weights), device='cpu', precision='fp32', confidence=0.1)


@pytest.fixture(scope='module')
def device_model(weights, device):
    """The same network, everything around it as on a GPU."""
    model = FastSam(str(weights), device=str(device), precision='fp32', confidence=0.1)
    model._processing = TorchProcessing(model._backend.detect, device)
    return model


def on_host(output, letterbox, thresholds):
    """The scene of an image that nobody looks at."""
    return HostProcessing(None).scene(Inference(None, letterbox, thresholds, output))


def on_device(output, letterbox, thresholds, device):
    """The same on the device."""
    predictions, prototypes = (torch.from_numpy(array).to(device) for array in output)
    limits = torch.tensor([thresholds.floor, thresholds.iou], device=device)
    found = (field[0] for field in detect_all(predictions[None], limits))
    return TorchProcessing(None, device).scene(
        Inference(None, letterbox, thresholds, DeviceOutput(predictions, prototypes, *found)))


@pytest.mark.parametrize('size', [(480, 640), (1080, 1920), (333, 500), (90, 40), (1280, 1280)])
def test_letterbox_is_the_hosts_within_a_grey_level(device, size, astronaut):
    image = np.resize(astronaut, (*size, 3))[:, ::-1]  # with strides that torch does not take
    letterbox = Letterbox.fit(*size, 640)
    shape = letterbox.input_height, letterbox.input_width, 3
    expected = np.empty(shape, np.uint8)
    got = torch.full(shape, GREY, dtype=torch.uint8, device=device)
    letterbox.apply(image, expected)
    fit(Upload(device)(image), letterbox, got)
    assert np.abs(got.cpu().numpy().astype(int) - expected).max() <= 1


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('iou', [0.0, 0.3, 0.7, 0.9, 1.0])
def test_suppression_is_the_hosts(device, seed, iou):
    predictions = random_predictions(seed, 200)
    predictions[4] = np.linspace(1, 0.5, 200)
    expected = detect(predictions, 0.0, iou, 200)
    rows = predictions[:4].T
    half = rows[:, 2:] / 2
    corners = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)
    valid = torch.ones(200, dtype=torch.bool, device=device)
    keep, settled = suppress(torch.from_numpy(corners).to(device), valid, iou)
    assert settled
    np.testing.assert_array_equal(predictions[4, keep.cpu().numpy()], expected.scores)


def test_suppression_says_when_a_chain_is_too_long():
    steps = torch.arange(40.0)[:, None]  # each overlaps its neighbours alone
    boxes = torch.cat([steps * 6, steps * 0, steps * 6 + 10, steps * 0 + 10], dim=1)
    keep, settled = suppress(boxes, torch.ones(40, dtype=torch.bool), 0.2)
    assert not settled
    keep, settled = suppress(boxes[:6], torch.ones(6, dtype=torch.bool), 0.2)
    assert settled
    assert keep.tolist() == [True, False] * 3


@pytest.mark.parametrize('candidates', [1024, 64])
@pytest.mark.parametrize('max_segments', [300, 7])
def test_segments_are_the_hosts(device, candidates, max_segments, monkeypatch):
    """With 64 candidates compared on the device at most, the host has to help."""
    monkeypatch.setattr(nms, 'CANDIDATES', candidates)
    letterbox = Letterbox.fit(300, 420, 320)
    prototypes = np.random.default_rng(9).normal(size=(32, 60, 80)).astype(np.float32)
    thresholds = Thresholds(0.4, 0.5, max_segments)
    for seed in range(3):
        output = NetworkOutput(random_predictions(seed), prototypes)
        expected = on_host(output, letterbox, thresholds)
        got = on_device(output, letterbox, thresholds, device)
        assert 0 < len(expected) <= max_segments
        np.testing.assert_array_equal(got.scores, expected.scores)
        np.testing.assert_allclose(got.extents, expected.extents, atol=1e-4)
        np.testing.assert_array_equal(got.coefficients, expected.coefficients)
        assert got.confident == expected.confident


def test_masks_are_compared_as_on_the_host(device):
    letterbox = Letterbox.fit(300, 420, 320)
    prototypes = np.random.default_rng(9).normal(size=(32, 60, 80)).astype(np.float32)
    output = NetworkOutput(random_predictions(0), prototypes)
    plain, apart = (
        on_device(output, letterbox, Thresholds(0.2, 0.5, 300, apart=apart), device)
        for apart in (False, True))
    expected = on_host(output, letterbox, Thresholds(0.2, 0.5, 300, apart=True))
    assert len(apart) > len(plain)
    np.testing.assert_array_equal(apart.scores, expected.scores)
    np.testing.assert_array_equal(apart.coefficients, expected.coefficients)


@pytest.mark.parametrize('where', ['host', 'device'])
def test_candidates_come_behind_the_confident_ones(device, where):
    letterbox = Letterbox.fit(300, 420, 320)
    prototypes = np.random.default_rng(9).normal(size=(32, 60, 80)).astype(np.float32)
    output = NetworkOutput(random_predictions(1), prototypes)
    alone, scene = (
        on_device(output, letterbox, thresholds, device) if where == 'device'
        else on_host(output, letterbox, thresholds)
        for thresholds in (Thresholds(0.4, 0.5, 300), Thresholds(0.4, 0.5, 300, candidates=0.1)))
    assert alone.confident == len(alone) == scene.confident < len(scene)
    np.testing.assert_array_equal(scene.without_candidates.scores, alone.scores)
    np.testing.assert_array_equal(scene.without_candidates.extents, alone.extents)
    assert (scene.scores[scene.confident :] <= 0.4).all()
    assert (scene.scores[scene.confident :] > 0.1).all()


def test_nothing_above_the_threshold(device):
    output = NetworkOutput(np.zeros((37, 100), np.float32), np.zeros((32, 60, 80), np.float32))
    letterbox = Letterbox.fit(300, 420, 320)
    scene = on_device(output, letterbox, Thresholds(0.4, 0.9, 300), device)
    assert scene.extents.shape == (0, 4)
    assert scene.coefficients.shape == (0, 32)


@pytest.mark.parametrize('bad', [float('nan'), float('inf')])
def test_boxes_of_nan_are_dropped(device, bad):
    """As a network gives them whose float16 overflows."""
    predictions, prototypes = random_predictions(0), np.ones((32, 60, 80), np.float32)
    letterbox, thresholds = Letterbox.fit(300, 420, 320), Thresholds(0.4, 0.5, 300)
    sure = predictions[4] > 0.7
    predictions[np.arange(600) % 4, np.arange(600)] = np.where(
        sure, np.float32(bad), predictions[np.arange(600) % 4, np.arange(600)])
    found, expected = (
        on_device(NetworkOutput(rows, prototypes), letterbox, thresholds, device)
        for rows in (predictions, np.ascontiguousarray(predictions[:, ~sure])))
    assert len(expected) > 10
    np.testing.assert_array_equal(found.extents, expected.extents)


@pytest.mark.parametrize('name', ['coffee', 'motorcycle_left'])
def test_scenes_are_the_hosts(host_model, device_model, photographs, name):
    image = photographs[name]
    scene, expected = device_model(image), host_model(image)
    # A grey level more or less may lift a segment over the threshold.
    assert abs(len(scene) - len(expected)) <= 0.03 * len(expected)
    ours, theirs = (s.masks().reshape(len(s), -1).astype(np.float32) for s in (scene, expected))
    shared = ours @ theirs.T
    iou = shared / (ours.sum(axis=1)[:, None] + theirs.sum(axis=1) - shared)
    assert iou.max(axis=0).mean() > 0.98  # resized pixels may differ by a grey level


def test_a_scene_of_the_device_is_whole_on_the_host(device_model, astronaut):
    """Masks, boxes and coefficients: no prompt reaches the device again."""
    scene = device_model(astronaut)
    assert len(scene) > 10
    assert (scene.areas > 0).all()
    for array in (scene.extents, scene.scores, scene.coefficients):
        assert isinstance(array, np.ndarray)
    assert scene.prompt(points=[(250, 250)]).mask.any()


@pytest.mark.parametrize('batch', [(1, 1), (2, 2), (4, 4), (1, 2)])
def test_networks_of_a_fixed_batch(device, batch, photographs):
    """As many runs as they need, filled up with what is thrown away."""
    sizes = []

    def network(images, limits):
        sizes.append(len(images))
        means = images.float().mean(dim=(1, 2))
        return DeviceOutput(means, means[:, :1].clone(), *[means] * 3)

    images = [photographs[name][:300, :400] for name in ('coffee', 'astronaut', 'rocket')]
    letterboxes, thresholds = [Letterbox.fit(300, 400, 320)] * 3, Thresholds(0.4, 0.9, 300)
    alone = [
        TorchProcessing(network, device).infer([image], letterboxes[:1], thresholds)[0]
        for image in images]
    sizes.clear()
    together = TorchProcessing(network, device, batch).infer(images, letterboxes, thresholds)
    assert all(batch[0] <= size <= batch[1] for size in sizes)
    for got, expected, image in zip(together, alone, images, strict=True):
        assert got.image is image
        torch.testing.assert_close(got.output.predictions, expected.output.predictions)
        kept = got.output.prototypes
        assert kept.untyped_storage().nbytes() == kept.nbytes  # not those of the whole batch


@pytest.mark.parametrize('precision', ['fp16', 'bf16'])
def test_boxes_stay_exact_in_half_precision(weights, precision):
    backend = FastSam(str(weights), device='cpu', precision=precision)._backend
    batch = torch.zeros(1, 64, 96, 3, dtype=torch.uint8)
    predictions, prototypes = backend.run(batch)
    assert predictions.dtype == torch.float32
    assert prototypes.dtype != torch.float32
    exact = FastSam(str(weights), device='cpu', precision='fp32')._backend.run(batch)[0]
    assert (predictions[:, :4] - exact[:, :4]).abs().max() < 2


@pytest.mark.parametrize('dtype', [torch.float32, torch.float16])
def test_distances_are_those_of_ultralytics(dtype):
    from ultralytics.nn.modules.block import DFL

    logits = torch.randn(2, 64, 50, generator=torch.manual_seed(0)).to(dtype)
    got = Distances(16)(logits)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, DFL(16)(logits.float()), atol=1e-5, rtol=1e-5)


def test_half_precision_leaves_the_process_settings_alone(weights, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, 'flags', lambda **_: pytest.fail('changed'))
    FastSam(str(weights), device='cpu', precision='fp16')
