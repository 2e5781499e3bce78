# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The stages that a GPU runs, on the CPU and on a GPU if there is one, against the host's."""

from devices import DEVICES
import numpy as np
import pytest
import torch

from fastsam_ros.backends.cuda import stages
from fastsam_ros.backends.cuda.stages import TorchStages
from fastsam_ros.backends.cuda.suppression import suppress
from fastsam_ros.backends.host_stages import HostStages, Thresholds
from fastsam_ros.core import Prompt
from fastsam_ros.core.detections import detect
from fastsam_ros.core.letterbox import GREY, Letterbox
from fastsam_ros.fastsam import FastSam


@pytest.fixture(scope='module', params=DEVICES)
def device(request):
    return torch.device(request.param)


@pytest.fixture(autouse=True)
def few_candidates(monkeypatch):
    """All pairs of many boxes are nothing for a GPU, and half a second here."""
    monkeypatch.setattr(stages, 'CANDIDATES', (512,))


@pytest.fixture(scope='module')
def host_model(weights):
    return FastSam(str(weights), device='cpu', precision='fp32', confidence=0.1)


@pytest.fixture(scope='module')
def device_model(weights, device):
    """The same network, everything around it as on a GPU."""
    model = FastSam(str(weights), device=str(device), precision='fp32', confidence=0.1)
    model._stages = TorchStages(model._backend.run, device)
    return model


def random_predictions(seed, anchors=600):
    """(37, A) float32: boxes in clumps that overlap each other, scores with ties."""
    rng = np.random.default_rng(seed)
    clump = rng.integers(0, 40, anchors)
    centres = rng.uniform(40, 280, (40, 2))[clump] + rng.normal(0, 3, (anchors, 2))
    sides = rng.uniform(20, 90, (40, 2))[clump] * rng.uniform(0.9, 1.1, (anchors, 2))
    scores = np.round(rng.uniform(0, 1, (anchors, 1)), 2)
    rows = np.concatenate([centres, sides, scores, rng.normal(size=(anchors, 32))], axis=1)
    return np.ascontiguousarray(rows.T, np.float32)


@pytest.mark.parametrize('size', [(480, 640), (1080, 1920), (333, 500), (90, 40), (1280, 1280)])
def test_letterbox_is_the_hosts_within_a_grey_level(device, size, astronaut):
    image = np.resize(astronaut, (*size, 3))[:, ::-1]  # with strides that torch does not take
    letterbox = Letterbox.fit(*size, 640)
    shape = letterbox.input_height, letterbox.input_width, 3
    expected = np.empty(shape, np.uint8)
    got = torch.full(shape, GREY, dtype=torch.uint8, device=device)
    letterbox.apply(image, expected)
    stages.fit(stages.Upload(device)(image), letterbox, got)
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


@pytest.mark.parametrize('candidates', [(1024,), (64, 1024), (64,)])
@pytest.mark.parametrize('max_segments', [300, 7])
def test_segments_are_the_hosts(device, candidates, max_segments, monkeypatch):
    """With 64 candidates compared on the device at most, the host has to help."""
    monkeypatch.setattr(stages, 'CANDIDATES', candidates)
    letterbox = Letterbox.fit(300, 420, 320)
    prototypes = np.random.default_rng(9).normal(size=(32, 60, 80)).astype(np.float32)
    thresholds = Thresholds(0.4, 0.5, max_segments)
    for seed in range(3):
        output = random_predictions(seed), prototypes
        expected = HostStages(None).find(output, letterbox, thresholds)
        tensors = tuple(torch.from_numpy(array).to(device) for array in output)
        got = TorchStages(None, device).find(tensors, letterbox, thresholds)
        assert 0 < len(expected.scores) <= max_segments
        np.testing.assert_array_equal(got.scores, expected.scores)
        np.testing.assert_allclose(got.extents, expected.extents, atol=1e-4)
        np.testing.assert_array_equal(got.coefficients.cpu().numpy(), expected.coefficients)
        np.testing.assert_array_equal(got.seen, expected.seen)


def test_nothing_above_the_threshold(device):
    output = torch.zeros(37, 100, device=device), torch.zeros(32, 60, 80, device=device)
    letterbox = Letterbox.fit(300, 420, 320)
    found = TorchStages(None, device).find(output, letterbox, Thresholds(0.4, 0.9, 300))
    assert found.extents.shape == (0, 4)
    assert found.coefficients.shape == (0, 32)


@pytest.mark.parametrize('bad', [float('nan'), float('inf')])
def test_what_is_no_box_is_left_out(device, bad):
    """As a network gives it whose float16 overflows; a GPU takes no index that is out of range."""
    predictions, prototypes = random_predictions(0), np.ones((32, 60, 80), np.float32)
    letterbox, thresholds = Letterbox.fit(300, 420, 320), Thresholds(0.4, 0.5, 300)
    sure = predictions[4] > 0.7
    predictions[np.arange(600) % 4, np.arange(600)] = np.where(
        sure, np.float32(bad), predictions[np.arange(600) % 4, np.arange(600)])
    rest = predictions[:, ~sure]
    found, expected = (
        TorchStages(None, device).find(
            (torch.from_numpy(rows).to(device), torch.from_numpy(prototypes).to(device)),
            letterbox, thresholds)
        for rows in (predictions, rest))
    assert len(expected.scores) > 10
    np.testing.assert_array_equal(found.extents, expected.extents)
    np.testing.assert_array_equal(found.seen, expected.seen)


def test_no_number_is_sampled_inside_the_image(device):
    letterbox = Letterbox.fit(300, 420, 320)
    extents = torch.tensor([[float('nan')] * 4, [0, 0, 420, 300.0]], device=device)
    ones = torch.ones(2, 32, device=device), torch.ones(32, 60, 80, device=device)
    shown = stages.seen(*ones, extents, letterbox)
    assert shown.tolist() == [False, True]


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


def test_prompts_on_the_device_are_the_hosts(device_model, photographs):
    """One scene's arrays, asked once in torch and once in numpy."""
    scene = device_model(photographs['motorcycle_left'])
    twin = type(scene)(
        scene.extents, scene.scores, scene.coefficients.cpu().numpy(),
        scene.prototypes.cpu().numpy(), scene.letterbox)
    height, width = scene.height, scene.width
    rng = np.random.default_rng(0)
    prompts = []
    for selection in ('best', 'all', 'union'):
        for x, y in rng.uniform(0, (width, height), (5, 2)):
            low = min(x, width - 40), min(y, height - 40)
            box = (*low, low[0] + rng.uniform(20, width), low[1] + rng.uniform(20, height))
            prompts.append(Prompt([(x, y)], selection=selection))
            prompts.append(Prompt(box=box, selection=selection))
    found = 0
    for got, expected in zip(scene.answer(prompts), twin.answer(prompts)):
        np.testing.assert_array_equal(got.indices, expected.indices)
        np.testing.assert_allclose(got.scores, expected.scores, atol=1e-3)
        found += len(got)
    assert found > 9


def test_a_scene_without_its_empty_segments(device_model, astronaut):
    scene = device_model(astronaut)
    assert (scene.areas > 0).all()
    some = scene.select(np.array([2, 0]))
    np.testing.assert_array_equal(some.compact().areas, scene.areas[[2, 0]])


@pytest.mark.parametrize('precision', ['fp16', 'bf16'])
def test_boxes_stay_exact_in_half_precision(weights, precision):
    backend = FastSam(str(weights), device='cpu', precision=precision)._backend
    batch = torch.zeros(1, 64, 96, 3, dtype=torch.uint8)
    predictions, prototypes = backend.run(batch)
    assert predictions.dtype == torch.float32
    assert prototypes.dtype != torch.float32
    exact = FastSam(str(weights), device='cpu', precision='fp32')._backend.run(batch)[0]
    assert (predictions[:, :4] - exact[:, :4]).abs().max() < 2
