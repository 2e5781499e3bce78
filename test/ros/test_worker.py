# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Of slow work, only the newest."""

from queue import Queue
from threading import Event, Thread

from graph import PATIENCE, wait_until
import pytest

from fastsam_ros.ros.worker import NewestWorker


@pytest.fixture
def latest():
    failed = Queue()
    latest = NewestWorker('slow', failed.put)
    latest.failed = failed
    yield latest
    latest.stop()


def held(done: Queue) -> tuple[Event, Event, object]:
    """Return a job, that it began, and what lets it end."""
    began, go_on = Event(), Event()

    def job():
        began.set()
        assert go_on.wait(PATIENCE)
        done.put('held')

    return began, go_on, job


def test_of_what_comes_meanwhile_only_the_newest_is_done(latest):
    done = Queue()
    began, go_on, job = held(done)
    latest.offer(job)
    assert began.wait(PATIENCE)
    for name in ('first', 'second', 'third'):
        latest.offer(lambda name=name: done.put(name))
    go_on.set()
    assert [done.get(timeout=PATIENCE) for _ in range(2)] == ['held', 'third']
    latest.offer(lambda: done.put('last'))
    assert done.get(timeout=PATIENCE) == 'last'


def test_an_error_is_told_and_the_next_job_is_done(latest):
    error, done = ValueError('once'), Queue()

    def broken():
        raise error

    latest.offer(broken)
    assert latest.failed.get(timeout=PATIENCE) is error
    latest.offer(lambda: done.put('fine'))
    assert done.get(timeout=PATIENCE) == 'fine'


def test_stopping_waits_for_the_job_under_way_and_drops_what_waits(latest):
    done = Queue()
    began, go_on, job = held(done)
    latest.offer(job)
    assert began.wait(PATIENCE)
    latest.offer(lambda: done.put('waits'))
    stopper = Thread(target=latest.stop)
    stopper.start()
    wait_until(lambda: latest._next is None)
    assert stopper.is_alive()
    latest.offer(lambda: done.put('too late'))
    go_on.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive() and not latest._thread.is_alive()
    assert [done.get() for _ in range(done.qsize())] == ['held']
