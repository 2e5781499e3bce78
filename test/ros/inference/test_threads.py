# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The threads by themselves: what is dropped, what waits, and what goes together."""

from queue import Queue
from threading import Event, Thread

from graph import wait_until
import pytest

from fastsam_ros.ros.inference.threads import Pipeline

PATIENCE = 30


class Network:
    """A network that says what it was given and answers when it is told to."""

    def __init__(self, side_by_side=1):
        self.given, self.answers = Queue(), Queue()
        self.results, self.dropped, self.failed = Queue(), Queue(), Queue()
        self.publishing, self.go_on = Event(), Event()
        self.go_on.set()
        self.pipeline = Pipeline(
            self.run, self.publish, self.drop, self.failed.put, side_by_side)

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
    assert network.given.get(timeout=PATIENCE) == {'': 3}  # while the second result waits
    network.answers.put('three')
    network.pipeline.offer('', 4)
    network.pipeline.offer('', 5)  # the place is still taken: frame 4 was not handed on
    assert network.dropped.get(timeout=PATIENCE) == ('', 4)
    network.go_on.set()
    results = [network.results.get(timeout=PATIENCE) for _ in range(3)]
    assert results == ['one', 'two', 'three']
    assert network.given.get(timeout=PATIENCE) == {'': 5}


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
    network.pipeline.offer('', 2)  # the network is busy, so this one waits
    ending = Thread(target=network.pipeline.stop)
    ending.start()
    assert network.dropped.get(timeout=PATIENCE) == ('', 2)
    network.answers.put('one')
    ending.join(PATIENCE)
    network.pipeline.offer('', 3)
    assert network.dropped.get(timeout=PATIENCE) == ('', 3)
    assert network.results.get(timeout=PATIENCE) == 'one'  # what was under way is published


class Crossing:
    """Two runs side by side, each of which ends when it is told to; the first frame names it."""

    def __init__(self, together=True):
        self.started, self.results = Queue(), Queue()
        self.go_on = {frame: Event() for frame in range(1, 9)}
        self.publishing, self.held = Event(), {}  # results that wait to be published
        self.pipeline = Pipeline(
            self.run, self.publish, lambda *_: None, print, 2, together)

    def publish(self, result):
        self.publishing.set()
        assert result not in self.held or self.held[result].wait(PATIENCE)
        self.results.put(result)

    def run(self, frames):
        first = next(iter(frames.values()))
        self.started.put(frames if len(frames) > 1 else first)
        assert self.go_on[first].wait(PATIENCE)
        return first


def test_runs_side_by_side_are_published_in_the_order_of_their_frames():
    two = Crossing()
    for frame in (1, 2):
        two.pipeline.offer('', frame)
        assert two.started.get(timeout=PATIENCE) == frame
    two.go_on[2].set()
    two.pipeline.offer('', 3)
    assert two.started.get(timeout=PATIENCE) == 3  # although the first is not over
    two.go_on[3].set()
    two.go_on[1].set()
    assert [two.results.get(timeout=PATIENCE) for _ in range(3)] == [1, 2, 3]
    two.pipeline.stop()


def test_no_third_run_begins_beside_two():
    two = Crossing()
    for frame in (1, 2):
        two.pipeline.offer('', frame)
        assert two.started.get(timeout=PATIENCE) == frame
    for frame in (3, 4):
        two.pipeline.offer('', frame)
        two.go_on[frame].set()
    two.go_on[1].set()
    assert two.started.get(timeout=PATIENCE) == 4  # a third would have taken 3 at once
    two.go_on[2].set()
    assert [two.results.get(timeout=PATIENCE) for _ in range(3)] == [1, 2, 4]
    two.pipeline.stop()


def test_two_runs_share_the_cameras_and_each_camera_gets_its_turn():
    two = Crossing()
    for camera, frame in (('a', 1), ('b', 2)):
        two.pipeline.offer(camera, frame)
        assert two.started.get(timeout=PATIENCE) == frame
    for camera, frame in (('b', 3), ('a', 4), ('c', 5)):
        two.pipeline.offer(camera, frame)
    two.go_on[1].set()
    assert two.started.get(timeout=PATIENCE) == {'c': 5, 'a': 4}  # c never had one, a before b
    two.go_on[2].set()
    assert two.started.get(timeout=PATIENCE) == 3
    for frame in (3, 4, 5):
        two.go_on[frame].set()
    assert [two.results.get(timeout=PATIENCE) for _ in range(4)] == [1, 2, 5, 3]
    two.pipeline.stop()


def test_where_a_batch_is_of_no_use_each_run_takes_one_camera():
    two = Crossing(together=False)
    for camera, frame in (('a', 1), ('b', 2)):
        two.pipeline.offer(camera, frame)
        assert two.started.get(timeout=PATIENCE) == frame
    for camera, frame in (('a', 3), ('b', 4), ('c', 5)):
        two.pipeline.offer(camera, frame)
    two.go_on[1].set()
    assert two.started.get(timeout=PATIENCE) == 5
    for frame in range(2, 6):
        two.go_on[frame].set()
    assert [two.results.get(timeout=PATIENCE) for _ in range(5)][:2] == [1, 2]
    two.pipeline.stop()


def test_all_network_threads_go_on_when_the_results_are_published():
    two = Crossing()
    two.held = {1: Event(), 2: Event()}
    for number in range(1, 4):  # one is published, two wait for it
        two.pipeline.offer('a', number)
        assert two.started.get(timeout=PATIENCE) == number
        two.go_on[number].set()
        assert number > 1 or two.publishing.wait(PATIENCE)
    wait_until(lambda: [run.done() for run in two.pipeline._runs] == [True, True])
    for camera, frame in (('a', 4), ('b', 5)):
        two.pipeline.offer(camera, frame)
    two.held[1].set()  # the second is next, and takes its time
    assert {two.started.get(timeout=PATIENCE) for _ in range(2)} == {4, 5}
    two.held[2].set()
    two.go_on[4].set()
    two.go_on[5].set()
    assert sorted(two.results.get(timeout=PATIENCE) for _ in range(5)) == [1, 2, 3, 4, 5]
    two.pipeline.stop()
