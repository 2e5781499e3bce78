# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The two threads by themselves: what is dropped, what waits, and what goes together."""

from queue import Queue
from threading import Event

import pytest

from fastsam_ros.ros.pipeline import Pipeline

PATIENCE = 30


class Network:
    """A network that says what it was given and answers when it is told to."""

    def __init__(self):
        self.given, self.answers = Queue(), Queue()
        self.results, self.dropped, self.failed = Queue(), Queue(), Queue()
        self.publishing, self.go_on = Event(), Event()
        self.go_on.set()
        self.pipeline = Pipeline(self.run, self.publish, self.drop, self.failed.put)

    def run(self, frames):
        self.given.put(frames)
        answer = self.answers.get(timeout=PATIENCE)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def publish(self, result):
        self.publishing.set()
        assert self.go_on.wait(PATIENCE)
        self.results.put(result)

    def drop(self, camera, frame):
        self.dropped.put((camera, frame))

    def close(self):
        self.go_on.set()
        for _ in range(3):
            self.answers.put('end')
        self.pipeline.stop()


@pytest.fixture
def network():
    network = Network()
    yield network
    network.close()


def test_a_newer_frame_takes_the_place_and_the_older_is_dropped(network):
    offer = network.pipeline.offer
    offer('', 1)
    assert network.given.get(timeout=PATIENCE) == {'': 1}
    for frame in (2, 3, 4):
        offer('', frame)
    assert [network.dropped.get(timeout=PATIENCE) for _ in range(2)] == [('', 2), ('', 3)]
    network.answers.put('one')
    assert network.given.get(timeout=PATIENCE) == {'': 4}
    assert network.results.get(timeout=PATIENCE) == 'one'


def test_cameras_that_wait_go_together(network):
    network.pipeline.offer('a', 1)
    assert network.given.get(timeout=PATIENCE) == {'a': 1}
    for camera, frame in (('a', 2), ('b', 3), ('a', 4), ('c', 5)):
        network.pipeline.offer(camera, frame)
    network.answers.put('one')
    assert network.given.get(timeout=PATIENCE) == {'a': 4, 'b': 3, 'c': 5}


def test_the_network_runs_while_results_are_published_but_no_further(network):
    network.go_on.clear()
    network.pipeline.offer('', 1)
    network.answers.put('one')
    assert network.publishing.wait(PATIENCE)
    network.given.get(timeout=PATIENCE)
    network.pipeline.offer('', 2)
    assert network.given.get(timeout=PATIENCE) == {'': 2}  # beside the publishing of the first
    network.answers.put('two')
    network.pipeline.offer('', 3)
    network.pipeline.offer('', 4)  # the place is still taken: frame 3 was not handed on
    assert network.dropped.get(timeout=PATIENCE) == ('', 3)
    network.go_on.set()
    assert network.results.get(timeout=PATIENCE) == 'one'
    assert network.results.get(timeout=PATIENCE) == 'two'
    assert network.given.get(timeout=PATIENCE) == {'': 4}


def test_an_error_is_told_and_the_next_frame_is_processed(network):
    error = ValueError('once')
    network.answers.put(error)
    network.pipeline.offer('', 1)
    assert network.failed.get(timeout=PATIENCE) is error
    network.answers.put('fine')
    network.pipeline.offer('', 2)
    assert network.results.get(timeout=PATIENCE) == 'fine'


def test_frames_that_wait_or_come_after_the_end_are_dropped(network):
    network.pipeline.offer('', 1)
    network.given.get(timeout=PATIENCE)
    network.pipeline.offer('', 2)
    network.answers.put('one')
    network.pipeline.stop()
    network.pipeline.offer('', 3)
    dropped = [network.dropped.get(timeout=PATIENCE) for _ in range(network.dropped.qsize())]
    assert ('', 3) in dropped
