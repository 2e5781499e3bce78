# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Streams, events and graphs in an order that a GPU may keep; torch's sanitizer finds races."""

import numpy as np
from ordered_cuda import ordered_cuda
import pytest
import torch
from torch.cuda._sanitizer import CUDASanitizerErrors

from fastsam_ros.backends.cuda import decode, graph, masks, nms, transfer
from fastsam_ros.backends.cuda.backend import DeviceOutput
from fastsam_ros.backends.cuda.graph import Replay
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.cuda.streams import NETWORK, UPLOAD, CudaStreams
from fastsam_ros.backends.processing import Thresholds
from fastsam_ros.core.letterbox import Letterbox

CPU = torch.device('cpu')
LETTERBOX, THRESHOLDS = Letterbox.fit(48, 64, 64), Thresholds(0.4, 0.9, 9)
ANCHORS = 12


@pytest.fixture
def cuda(monkeypatch):
    """A GPU by order alone; what is kept for a device is forgotten before and after."""
    kept = transfer.constant, transfer.device_axes, graph._aside
    monkeypatch.setattr(graph, 'recordable', lambda device: True)
    monkeypatch.setattr(nms, 'CANDIDATES', 8)
    for module in (decode, masks, transfer):
        monkeypatch.setattr(module, 'send', copied)
    for cached in kept:
        cached.cache_clear()
    with ordered_cuda() as cuda:
        yield cuda
    for cached in kept:
        cached.cache_clear()


def copied(array, device=None):
    """A copy to a device is a kernel on its stream."""
    return torch.from_numpy(array).clone()


class Network:
    """Brightness moves one box; what depends on the shape alone is made once, as anchors are."""

    def __init__(self):
        self.anchors = None

    def __call__(self, batch, limits):
        if self.anchors is None:
            self.anchors = torch.linspace(20, 44, ANCHORS)
        light = batch.float().mean(dim=(1, 2, 3))[:, None, None] / 255
        rows = torch.ones(len(batch), 37, ANCHORS)
        rows[:, :2] = self.anchors
        rows[:, 2:4] = 8 + 40 * light
        rows[:, 4:5] = light
        prototypes = torch.ones(len(batch), 32, 12, 16)
        return DeviceOutput(rows, prototypes, *nms.detect_all(rows, limits))


def processing_of(network):
    """As `TorchProcessing` is for a GPU."""
    made = TorchProcessing(network, CPU, streams=CudaStreams(CPU))
    made._upload = copied
    return made


def recorded(network):
    """As `DeviceBackend.detect` does it."""
    replay = Replay(network)
    return lambda *inputs: DeviceOutput(*replay(*inputs))


def pictures(*lights):
    return [np.full((48, 64, 3), light, np.uint8) for light in lights]


def areas(processing, images):
    """Of all masks of each image; every image is in the network before any is looked at."""
    inferences = [
        one for image in images for one in processing.infer([image], [LETTERBOX], THRESHOLDS)]
    return [[run.area for run in processing.scene(one).runs] for one in inferences]


def test_the_sanitizer_notices_what_it_is_for(cuda):
    streams = CudaStreams(CPU)
    with streams.on(UPLOAD):
        tensor = torch.zeros(3).clone()
        event = streams.mark(UPLOAD)
    with streams.on(NETWORK), pytest.raises(CUDASanitizerErrors):
        tensor.add(1)
    with streams.on(NETWORK, event):
        tensor.add(1)


def test_images_come_through_in_order_and_unchanged(cuda):
    lights = 150, 240, 200, 150, 255, 120
    got = areas(processing_of(recorded(Network())), pictures(*lights))
    assert cuda.replays == len(lights) - 1
    expected = areas(processing_of(Network()), pictures(*lights))
    assert got == expected
    assert len({tuple(of) for of in got}) == 5  # each has its own


def test_masks_of_candidates_are_made_in_order_long_after_their_image(cuda):
    """By whoever looks at them, whose stream is none of these."""
    thresholds = Thresholds(0.9, 0.99, 9, candidates=0.1, grow=True)
    made = processing_of(recorded(Network()))
    scenes = [
        made.scene(one) for image in pictures(150, 200, 120)
        for one in made.infer([image], [LETTERBOX], thresholds)]
    assert [scene.confident for scene in scenes] == [0] * 3
    found = [[run.area for run in scene.runs] for scene in scenes]
    assert all(map(all, found)) and len({tuple(of) for of in found}) == 3


def test_constants_are_there_for_the_streams_of_another_model(cuda):
    """They are sent once a process, and each model has streams of its own."""
    one, other = processing_of(Network()), processing_of(Network())
    assert areas(one, pictures(200)) == areas(other, pictures(200))


def test_the_memory_of_a_recording_is_its_own(cuda):
    """Neither what came in nor what went out is written to by a later replay."""
    replay, streams = Replay(lambda batch: (batch * 2,)), CudaStreams(CPU)
    with streams.on(NETWORK):
        inputs = [torch.full((3,), float(value)) for value in range(5)]
        outputs = [replay(one)[0] for one in inputs]
    assert [one.tolist() for one in inputs] == [[1.0 * value] * 3 for value in range(5)]
    assert [one.tolist() for one in outputs] == [[2.0 * value] * 3 for value in range(5)]


def test_libraries_warm_up_on_the_stream_that_is_recorded(cuda):
    """They keep memory and kernels for each stream that they see."""
    seen, streams = [], CudaStreams(CPU)
    replay = Replay(lambda batch: (seen.append(cuda.current), batch + 1)[1:])
    with streams.on(NETWORK):
        for _ in range(2):
            replay(torch.zeros(3))
    first, *others = seen
    assert first is streams.streams[NETWORK]
    assert len(others) == 4
    assert set(others).isdisjoint(streams.streams.values()) and len(set(others)) == 1
