# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What goes wrong in the page's ROS thread does not end it."""

from graph import wait_until
import pytest
import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.signals import SignalHandlerOptions

from fastsam_ros.ros import process
from fastsam_ros.web.ros import bridge as bridge_module
from fastsam_ros.web.ros.bridge import RosBridge


@pytest.fixture
def bridge(monkeypatch):
    """A bridge to a node that is not there, which looks at the graph often."""
    monkeypatch.setattr(bridge_module, 'TICK', 0.01)
    monkeypatch.setattr(process, 'PAUSE', 0.0)
    mine = not rclpy.ok()
    if mine:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    bridge = RosBridge('/nobody/fastsam')
    bridge.complaints = []
    monkeypatch.setattr(bridge.logger, 'error', lambda text, **_: bridge.complaints.append(text))
    yield bridge
    bridge.stop()
    if mine:
        rclpy.try_shutdown()


def test_an_error_while_it_looks_at_the_graph_is_logged_and_it_looks_again(bridge, monkeypatch):
    looks = []

    def update():
        looks.append(1)
        if len(looks) == 2:
            raise RuntimeError('node is gone')
        return False

    monkeypatch.setattr(bridge._discovery, 'update', update)
    bridge.start()
    wait_until(lambda: len(looks) > 4)
    assert len(bridge.complaints) == 1 and 'node is gone' in bridge.complaints[0]


@pytest.mark.parametrize('error, complaints', [(InvalidHandle('destroyed'), 0), (OSError(), 1)])
def test_an_error_of_rclpy_itself_does_not_end_the_thread(
    bridge, monkeypatch, error, complaints
):
    looks, errors = [], [error]
    spin_once = bridge._executor.spin_once

    def fail_once():
        if looks and errors:
            raise errors.pop()
        spin_once()

    monkeypatch.setattr(bridge._executor, 'spin_once', fail_once)
    monkeypatch.setattr(bridge, '_subscribe', looks.append)
    bridge.start()
    wait_until(lambda: len(looks) > 4)
    assert not errors and len(bridge.complaints) == complaints


def test_an_answer_that_is_an_error_is_asked_for_again(bridge, monkeypatch):
    class Answer:
        def __init__(self, error):
            self.exception = error

        def done(self):
            return True

        def result(self):
            if self.exception:
                raise self.exception
            return type('Response', (), {'values': []})()

    answers = [Answer(OSError('lost'))]
    client = bridge._discovery._client
    monkeypatch.setattr(client, 'service_is_ready', lambda: True)
    monkeypatch.setattr(client, 'call_async', lambda request: (
        answers.pop() if answers else Answer(None)))
    bridge.start()
    wait_until(lambda: bridge._discovery._told is not None)
    assert len(bridge.complaints) == 1 and 'lost' in bridge.complaints[0]
