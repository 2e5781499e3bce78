# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Spinning goes on, whatever callbacks do."""

from threading import Event, Thread

from graph import PATIENCE
import pytest
import rclpy
from rclpy.executors import MultiThreadedExecutor, SingleThreadedExecutor

from fastsam_ros.ros import running
from fastsam_ros.ros.groups import AtMost


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


def test_at_most_so_many_callbacks_run_at_a_time():
    group = AtMost(2)
    assert [group.beginning_execution(None) for _ in range(3)] == [True, True, False]
    assert not group.can_execute(None)
    group.ending_execution(None)
    assert group.can_execute(None) and group.beginning_execution(None)
