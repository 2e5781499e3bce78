# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is asked of CUDA about streams, and in which order work is queued."""

from unittest import mock

import numpy as np
import pytest
import torch

from fastsam_ros.backends.cuda import streams
from fastsam_ros.backends.cuda.backend import DeviceOutput
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.cuda.streams import (
    NETWORK,
    RESULTS,
    UPLOAD,
    CudaStreams,
    InOrder,
    streams_of,
)
from fastsam_ros.backends.processing import Thresholds
from fastsam_ros.core.letterbox import Letterbox


@pytest.fixture
def cuda(monkeypatch):
    cuda = mock.MagicMock()
    cuda.Stream.side_effect = lambda device, priority: mock.Mock(priority=priority)
    monkeypatch.setattr(streams.torch, 'cuda', cuda)
    return cuda


def test_what_follows_the_network_goes_first(cuda):
    made = CudaStreams(torch.device('cuda', 1)).streams
    assert len({id(stream) for stream in made.values()}) == 3
    assert made[RESULTS].priority < made[NETWORK].priority
    assert all(call.args == (torch.device('cuda', 1),) for call in cuda.Stream.call_args_list)


def test_a_stream_waits_for_the_events_of_others(cuda):
    made = CudaStreams(torch.device('cuda', 0))
    with made.on(UPLOAD):
        event = made.mark(UPLOAD)
    event.record.assert_called_once_with(made.streams[UPLOAD])
    with made.on(NETWORK, event, None):
        cuda.stream.assert_called_with(made.streams[NETWORK])
    made.streams[NETWORK].wait_event.assert_called_once_with(event)
    made.streams[UPLOAD].wait_event.assert_not_called()
    made.finish(event)
    event.synchronize.assert_called_once_with()
    made.finish(None)


def test_memory_of_another_stream_is_held(cuda):
    made, tensor = CudaStreams(torch.device('cuda', 0)), mock.Mock()
    made.hold(tensor, NETWORK)
    tensor.record_stream.assert_called_once_with(made.streams[NETWORK])


def test_a_processor_needs_none(cuda):
    assert isinstance(streams_of(torch.device('cpu')), InOrder)
    assert isinstance(streams_of(torch.device('cuda', 0)), CudaStreams)


class Diary(InOrder):
    """What was queued where."""

    def __init__(self):
        self.lines = []

    def on(self, name, *after):
        self.lines.append((name, *after))
        return super().on(name)

    def mark(self, name):
        return f'end of {name}'

    def finish(self, event):
        self.lines.append(('host', event))

    def hold(self, tensor, name):
        self.lines.append(('held for', name))


def test_events_travel_from_the_upload_to_the_masks():
    def network(batch, limits):
        one = torch.ones(1)
        return DeviceOutput(
            torch.zeros(1, 37, 9), torch.zeros(1, 32, 16, 16), torch.zeros(1, 1, 37), one, one)

    diary = Diary()
    processing = TorchProcessing(network, torch.device('cpu'), streams=diary)
    (inference,) = processing.infer(
        [np.zeros((64, 64, 3), np.uint8)], [Letterbox.fit(64, 64, 64)], Thresholds(0.4, 0.9, 9))
    assert diary.lines == [
        (UPLOAD,), (NETWORK, 'end of upload'), ('held for', NETWORK), ('host', 'end of network')]
    diary.lines.clear()
    processing.scene(inference)
    assert diary.lines == [
        (RESULTS, 'end of network'), *[('held for', RESULTS)] * 5, (RESULTS,)]
