# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demo against a node that is made up: in which order it does what, and when it ends."""

import os
import subprocess
import sys
from threading import Event

import pytest

pytest.importorskip('rclpy', reason='the demo needs ROS')

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.demo import processes as demo_processes
from fastsam_ros.demo import run


class FakeClient:
    """Answers at once, and notes what it was asked."""

    def __init__(self):
        self.results, self.segments, self.size = 0, 5, (854, 480)
        self.figures, self.news = {}, Event()
        self.asked, self.cleared, self.pictures = [], [], []

    def ask(self, prompt, keep, patience):
        self.asked.append(prompt.id)
        return 'found', 1.0

    def clear(self, ids, patience):
        self.cleared.append(list(ids))

    def take_overlay(self, path, patience):
        self.pictures.append(path.stem)
        return True


class FakeProcesses:
    def __init__(self):
        self.looks, self.end = 0, None

    def ended(self):
        self.looks += 1
        return self.end


class Over(Event):
    """Somebody who never wants the end; waiting for it takes no time."""

    def wait(self, timeout=None):
        return self.is_set()


@pytest.fixture
def client():
    client = FakeClient()
    client.results = 3
    client.figures = {name: '1' for name in (
        'images received', 'frames processed', 'frames dropped', 'images in [1/s]',
        'results out [1/s]', 'age of results p50 [ms]', 'age of results p95 [ms]')}
    return client


def test_every_prompt_is_asked_however_short_the_duration_is(client, capsys):
    played = run.Demo(client, FakeProcesses(), 0.0, Over())
    assert played.run() is None
    assert client.pictures == ['everything', 'point', 'box', 'all-under-three-points']
    assert 'prompt point: found' in capsys.readouterr().out
    played.summary()
    assert 'age of results p50 1 ms' in capsys.readouterr().out


def test_it_ends_the_prompts_that_it_asked_and_no_others(client):
    run.Demo(client, FakeProcesses(), 0.0, Over()).run()
    assert len(client.asked) == 3 and client.cleared == [[id] for id in client.asked]


def test_a_part_that_ends_ends_the_prompts(client):
    processes = FakeProcesses()
    client.clear = lambda ids, patience: setattr(processes, 'end', 'the node ended')
    assert run.Demo(client, processes, 100.0, Over()).run() == 'the node ended'
    assert len(client.asked) == 1


def test_figures_are_waited_for_as_results_are():
    client, processes = FakeClient(), FakeProcesses()
    client.results = 1

    class Later(Over):
        def wait(self, timeout=None):
            if processes.looks == 5:
                client.figures = {'age of results p50 [ms]': '1'}
            return False

    played = run.Demo(client, processes, 0.0, Later())
    assert played.run() is None
    assert processes.looks > 5 and client.asked


@pytest.mark.parametrize('text', ['20s', 'nan', '-1'])
def test_a_duration_that_is_none_is_said_in_one_line(text, monkeypatch, capsys):
    monkeypatch.setenv('DURATION', text)
    assert run.main() == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert repr(text) in line and 'give seconds' in line


@pytest.mark.parametrize('text, seconds', [('', float('inf')), ('20', 20.0), ('0.5', 0.5)])
def test_a_duration_is_read(text, seconds, monkeypatch):
    monkeypatch.setenv('DURATION', text)
    assert run.read_duration() == seconds


def test_an_error_of_the_duration_is_of_the_family(monkeypatch):
    monkeypatch.setenv('DURATION', 'long')
    with pytest.raises(ParameterError):
        run.read_duration()


@pytest.mark.skipif(sys.platform != 'linux', reason='the kernel of Linux ends such children')
@pytest.mark.parametrize('parent, code', [(os.getpid(), 0), (1 << 30, 1)],
                         ids=['it is there', 'it is gone'])
def test_a_child_whose_parent_is_gone_before_the_kernel_knows_ends_itself(parent, code):
    done = subprocess.run(
        [sys.executable, '-c', ''], preexec_fn=demo_processes.tie_to(parent), timeout=120)
    assert done.returncode == code
