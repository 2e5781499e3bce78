# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Spinning goes on, whatever callbacks do."""

import signal
import subprocess
import sys
from threading import Event, Thread

from graph import PATIENCE
import pytest
import rclpy
from rclpy.executors import MultiThreadedExecutor, SingleThreadedExecutor

from fastsam_ros.ros import process as running
from fastsam_ros.ros.callback_groups import AtMost


@pytest.mark.parametrize('make', [SingleThreadedExecutor, lambda: MultiThreadedExecutor(2)])
def test_a_callback_that_fails_is_told_of_and_ends_nothing(ros, monkeypatch, make):
    told, again, over = [], Event(), Event()
    monkeypatch.setattr(running, 'complain', lambda logger, error: told.append(str(error)))
    node, executor = rclpy.create_node('broken'), make()
    executor.add_node(node)

    def broken():
        if told:
            again.set()
        raise RuntimeError('not foreseen')

    node.create_timer(0.001, broken)
    spinning = Thread(target=running.spin, args=(executor, over))
    spinning.start()
    assert again.wait(PATIENCE)
    over.set()
    spinning.join(PATIENCE)
    executor.shutdown()
    node.destroy_node()
    assert set(told) == {'not foreseen'}


PROGRAM = """
import sys
import rclpy
from fastsam_ros.ros import process

process.GRACE = 60

class Node(rclpy.node.Node):
    def close(self):
        print('closing', flush=True)
        sys.stdin.readline()
        self.destroy_node()

def make():
    node = Node('interrupted')
    node.create_timer(0.001, lambda: None)
    print('made', flush=True)
    return node

sys.exit(process.run('interrupted', make, 1, []))
"""


def test_it_ends_in_order_however_often_it_is_interrupted():
    process = subprocess.Popen(
        [sys.executable, '-c', PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == 'made\n'
        for _ in range(1000):
            process.send_signal(signal.SIGINT)
        said, _ = process.communicate('\n', timeout=PATIENCE)
        assert (said, process.returncode) == ('closing\n', 0)
    finally:
        process.kill()
        process.wait()


def test_at_most_so_many_callbacks_run_at_a_time():
    group = AtMost(2)
    assert [group.beginning_execution(None) for _ in range(3)] == [True, True, False]
    assert not group.can_execute(None)
    group.ending_execution(None)
    assert group.can_execute(None) and group.beginning_execution(None)


BUSY = """
import sys, threading
import rclpy
from fastsam_ros.ros import process

process.GRACE = 0.1
for_ever = threading.Event().wait

class Node(rclpy.node.Node):
    def close(self):
        {closing}

def load():
    print('loading', flush=True)
    {loading}

def make():
    node = Node('is_busy')
    node.create_timer(0.001, load)
    return node

sys.exit(process.run('busy', make, 3, []))
"""


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('loading, closing', [
    ('for_ever()', "print('closing', flush=True)"), ('pass', 'for_ever()')])
def test_what_is_busy_for_ever_is_ended_by_a_signal(loading, closing, number):
    program = BUSY.format(loading=loading, closing=closing)
    process = subprocess.Popen(
        [sys.executable, '-c', program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == 'loading\n'
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0 and 'closing' not in out
    assert 'busy: interrupted while it was busy' in err


@pytest.mark.parametrize('given, left, debug', [
    (['x', '--ros-args', '--log-level', 'debug'], ['x', '--ros-args'], True),
    (['x', '--ros-args', '--log-level', 'DEBUG', '-p', 'a:=1'],
     ['x', '--ros-args', '-p', 'a:=1'], True),
    (['x', '--ros-args', '--log-level', 'rcl:=debug'],
     ['x', '--ros-args', '--log-level', 'rcl:=debug'], False),
    (['x', '--log-level', 'warn'], ['x', '--log-level', 'warn'], False),
    ([], [], False),
])
def test_debug_is_taken_from_the_arguments_and_no_other_level(given, left, debug):
    assert running.take_debug(given) == (left, debug)
