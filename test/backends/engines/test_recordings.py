# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which work is recorded, which recording makes room, and what ends a capture."""

import pytest

from fastsam_ros.backends.tensorrt import recording
from fastsam_ros.backends.tensorrt.cuda import Scratch, Stream
from fastsam_ros.backends.tensorrt.recording import KEPT, Recordings


@pytest.fixture
def stream(cuda_runtime):
    return Stream()


@pytest.fixture
def work(stream):
    """Something to queue."""
    memory = Scratch()
    memory.resize(4)
    return lambda: stream.clear(memory.address, 4)


@pytest.fixture
def recordings(stream):
    made = Recordings(stream, lambda: None)
    yield made
    made.clear()


def run(recordings, work, keys, rounds=1):
    for _ in range(rounds):
        for key in keys:
            recordings(key, (), work)


def test_what_comes_in_more_kinds_than_are_kept_is_not_recorded_again_and_again(
        recordings, work, cuda_runtime, caplog):
    caplog.set_level('DEBUG')
    run(recordings, work, range(2 * KEPT), rounds=2)
    first = set(cuda_runtime.ready)
    run(recordings, work, range(2 * KEPT), rounds=5)
    assert set(cuda_runtime.ready) == first and len(first) == KEPT
    assert cuda_runtime.launches == 5 * KEPT
    assert caplog.text.count('more combinations of sizes') == 1


def test_a_recording_that_nobody_uses_makes_room(recordings, work, cuda_runtime, monkeypatch):
    monkeypatch.setattr(recording, 'IDLE', 4 * KEPT)
    run(recordings, work, range(KEPT), rounds=2)
    run(recordings, work, range(1, KEPT), rounds=6)  # all but the first one
    cuda_runtime.launches = 0
    run(recordings, work, [KEPT, KEPT, KEPT, *range(1, KEPT), 0])
    assert cuda_runtime.launches == 1 + KEPT - 1
    assert len(cuda_runtime.ready) == KEPT


def test_whatever_goes_wrong_ends_the_capture(recordings, work, cuda_runtime):
    def fail():
        work()
        if cuda_runtime.captured:
            raise KeyError('no such kernel')

    recordings('broken', (), fail)
    with pytest.raises(KeyError, match='no such kernel'):
        recordings('broken', (), fail)
    assert cuda_runtime.captured == {} == cuda_runtime.graphs
    run(recordings, work, ['whole'], rounds=3)
    assert cuda_runtime.launches == 1
