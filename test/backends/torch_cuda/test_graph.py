# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which shapes are recorded, and which recordings are kept; on a GPU, what they compute."""

from contextlib import nullcontext
from unittest import mock

from devices import DEVICES
import numpy as np
import pytest
import torch

from fastsam_ros.backends.cuda import graph
from fastsam_ros.backends.cuda.graph import Replay
from fastsam_ros.backends.torch import TorchBackend
from fastsam_ros.fastsam import FastSam


class Recorder:
    """Records on the CPU as if it were a GPU: every run and every recording, by shape."""

    def __init__(self):
        self.runs, self.recordings = [], []

    def run(self, batch):
        self.runs.append(len(batch))
        return (batch + 1,)

    def record(self, run, inputs, held, pool):
        self.recordings.append(len(inputs[0]))
        return lambda batch: (batch + 1,)


@pytest.fixture
def recorder(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(graph, 'recordable', lambda device: True)
    monkeypatch.setattr(graph, 'record', recorder.record)
    monkeypatch.setattr(graph, 'SHAPES', 2)
    monkeypatch.setattr(torch.cuda, 'graph_pool_handle', lambda: 'pool')
    return recorder


def test_a_shape_is_recorded_when_it_comes_again(recorder):
    replay = Replay(recorder.run)
    for _ in range(4):
        assert replay(torch.zeros(3))[0].tolist() == [1, 1, 1]
    assert (recorder.runs, recorder.recordings) == ([3], [3])


def test_pictures_of_many_sizes_are_not_recorded(recorder):
    replay = Replay(recorder.run)
    for size in range(1, 200):
        replay(torch.zeros(size))
    assert recorder.recordings == []
    assert len(recorder.runs) == 199


def test_the_shape_of_a_camera_stays_among_others(recorder):
    replay = Replay(recorder.run)
    for size in (1, 1, 2, 2, 1, 3, 3, 1, 4, 4, 1):
        replay(torch.zeros(size))
    assert recorder.recordings == [1, 2, 3, 4]


@pytest.mark.parametrize('error', [
    RuntimeError('operation not permitted when stream is capturing'),
    torch.cuda.OutOfMemoryError('not permitted: memory is full')], ids=['broken', 'full'])
def test_what_cannot_be_recorded_runs_as_it_is(recorder, monkeypatch, caplog, error):
    tries = []

    def fail(run, inputs, held, pool):
        tries.append(len(inputs[0]))
        raise error

    monkeypatch.setattr(graph, 'record', fail)
    replay = Replay(recorder.run)
    for _ in range(5):
        assert replay(torch.zeros(3))[0].tolist() == [1, 1, 1]
    assert (tries, recorder.runs) == ([3], [3] * 5)
    assert 'not permitted' in caplog.text


def test_what_has_gone_starts_anew(recorder):
    replay = Replay(recorder.run)
    for size in (1, 1, 2, 2, 3, 3, 1, 1):
        replay(torch.zeros(size))
    assert recorder.recordings == [1, 2, 3, 1]
    assert recorder.runs == [1, 2, 3, 1]


def test_the_first_look_at_a_network_takes_no_place(recorder, weights):
    backend = TorchBackend(weights, torch.device('cpu'), 'fp32')
    assert recorder.recordings == []
    backend.close()


def test_a_warm_model_has_recorded_its_shape(weights, monkeypatch):
    shapes = []
    monkeypatch.setattr(graph, 'recordable', lambda device: True)
    monkeypatch.setattr(torch.cuda, 'graph_pool_handle', lambda: 'pool')
    monkeypatch.setattr(
        graph, 'record', lambda run, inputs, held, pool: shapes.append(inputs[0].shape) or run)
    model = FastSam(str(weights), device='cpu', precision='fp32', image_size=128)
    model.warm_up(96, 128)
    assert shapes == [(1, 96, 128, 3)]
    model.warm_up(96, 128, cameras=3)
    assert shapes[1:] == [(3, 96, 128, 3), (2, 96, 128, 3)]


def test_of_more_cameras_than_recordings_the_whole_batch_stays_recorded(weights, monkeypatch):
    shapes = []
    monkeypatch.setattr(graph, 'SHAPES', 2)
    monkeypatch.setattr(graph, 'recordable', lambda device: True)
    monkeypatch.setattr(torch.cuda, 'graph_pool_handle', lambda: 'pool')
    monkeypatch.setattr(
        graph, 'record', lambda run, inputs, held, pool: shapes.append(inputs[0].shape) or run)
    model = FastSam(str(weights), device='cpu', precision='fp32', image_size=64)
    model.warm_up(48, 64, cameras=4)
    shapes.clear()
    for _ in range(2):
        model.batch([np.zeros((48, 64, 3), np.uint8)] * 4)
    assert shapes == []


@pytest.fixture
def cuda(monkeypatch):
    """What is asked of torch.cuda while a graph is recorded."""
    cuda = mock.MagicMock()
    monkeypatch.setattr(graph.torch, 'cuda', cuda)
    graph._aside.cache_clear()
    yield cuda
    graph._aside.cache_clear()


def test_a_graph_is_recorded_on_a_stream_of_its_gpu_and_alone(cuda):
    busy = []

    def run(batch):
        busy.append(graph._RECORDING.locked())
        return (batch + 1,)

    for _ in range(2):
        recording = graph.record(run, (torch.zeros(3),), lambda: 'held', 'pool')
    cuda.Stream.assert_called_once_with(torch.device('cpu'))  # the batch's own
    assert {call.kwargs['stream'] for call in cuda.graph.call_args_list} == {cuda.Stream()}
    assert busy == [True] * 2 * 4  # three runs, in which libraries choose their kernels, and it
    assert not graph._RECORDING.locked()
    assert (recording.graph, recording.held) == (cuda.CUDAGraph(), 'held')
    assert {call.args[1] for call in cuda.graph.call_args_list} == {'pool'}
    modes = {call.kwargs['capture_error_mode'] for call in cuda.graph.call_args_list}
    assert modes == {'thread_local'}  # what other threads ask of CUDA meanwhile does not break it


def test_a_recording_that_breaks_leaves_nothing_behind(cuda, monkeypatch):
    """Torch's capture_end raises before the allocator knows that the recording has ended."""
    ended = []
    for name in ('_cuda_endAllocateToPool', '_cuda_releasePool'):  # torch's own, without a name
        assert hasattr(torch._C, name)
        monkeypatch.setattr(torch._C, name, lambda *of, name=name: ended.append((name, *of)))
    cuda.graph.return_value.__exit__.side_effect = RuntimeError('capture was invalidated')
    cuda.current_device.return_value = 0
    with pytest.raises(RuntimeError, match='invalidated'):
        graph.record(lambda batch: (batch,), (torch.zeros(3),), tuple, 'pool')
    assert ended == [('_cuda_endAllocateToPool', 0, 'pool'), ('_cuda_releasePool', 0, 'pool')]
    cuda.empty_cache.assert_called_once()
    assert not graph._RECORDING.locked()


def test_a_replay_reads_its_inputs_and_gives_outputs_away():
    """The graph's memory is written anew each time; what was given away stays."""
    batch, limits, double = torch.zeros(3), torch.zeros(1), torch.zeros(3)
    played = mock.Mock()
    played.replay.side_effect = lambda: double.copy_(batch * 2 + limits)
    recording = graph.Recording(played, (batch, limits), (double,), ())
    first, = recording(torch.tensor([1.0, 2, 3]), torch.tensor([0.5]))
    second, = recording(torch.tensor([4.0, 5, 6]), torch.tensor([1.0]))
    assert first.tolist() == [2.5, 4.5, 6.5]
    assert second.tolist() == [9, 11, 13]


def test_a_gpu_is_the_current_one_while_it_runs(recorder, monkeypatch):
    devices = []

    def current(device):
        devices.append(device)
        return nullcontext()

    assert graph.current(torch.device('cuda', 1)).idx == 1
    monkeypatch.setattr(graph, 'current', current)
    Replay(recorder.run)(torch.zeros(1))
    assert devices == [torch.device('cpu')]


def test_a_network_without_a_gpu_runs_as_it_is():
    seen = []
    replay = Replay(lambda batch: (seen.append(batch) or batch + 1,))
    batch = torch.zeros(2)
    for _ in range(3):
        assert replay(batch)[0].tolist() == [1, 1]
    assert seen == [batch] * 3


@pytest.mark.parametrize('device', DEVICES)
def test_frames_differ_and_stay(device):
    """Each is computed from its own pixels, and a later one does not overwrite it."""
    replay = Replay(lambda batch: (batch * 2, batch.sum(dim=1)))
    batches = [torch.rand(2, 5, device=device) for _ in range(6)]
    outputs = [replay(batch) for batch in batches]
    for batch, (double, total) in zip(batches, outputs):
        torch.testing.assert_close(double, batch * 2)
        torch.testing.assert_close(total, batch.sum(dim=1))


@pytest.mark.parametrize('device', DEVICES)
def test_shapes_in_turn(device, weights):
    """What a network keeps for one shape is not lost to its recording when another comes."""
    backend = TorchBackend(weights, torch.device(device), 'fp32')
    other = TorchBackend(weights, torch.device('cpu'), 'fp32')
    batches = [torch.randint(0, 256, (1, *size, 3), dtype=torch.uint8) for size in (
        (64, 96), (96, 64))]
    for index in (0, 0, 0, 1, 1, 1, 0, 1, 0):
        got = backend.run(batches[index].to(device))
        for one, expected in zip(got, other.run(batches[index])):
            # Anchors of the other shape lie many pixels away; a GPU rounds convolutions.
            torch.testing.assert_close(one.cpu(), expected, atol=1, rtol=0.05)
