# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is counted, and what is said of it."""

import math
from types import SimpleNamespace

from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from fastsam_ros.ros.diagnostics import camera_status
from fastsam_ros.ros.inference import counters
from fastsam_ros.ros.inference.counters import Counters
from fastsam_ros.ros.inference.history import History


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(counters, 'time', SimpleNamespace(monotonic=lambda: now[0]))
    return now


@pytest.fixture
def counted(clock):
    return Counters()


def camera(counted) -> SimpleNamespace:
    return SimpleNamespace(
        counters=counted, history=History(1, 1), standing=(), is_streaming=lambda: True,
        subscription=SimpleNamespace(topic='/image', publishers=1),
        space=SimpleNamespace(depth=False))


def status(counted, active=True) -> tuple[bytes, str]:
    found = camera_status('/fastsam', camera(counted), active)
    return found.level, found.message


def test_before_the_first_image_and_a_while_after_the_last_one_it_warns(counted, clock):
    assert counted.report().silence == math.inf
    assert status(counted) == (DiagnosticStatus.WARN, 'no image on /image (1 publishers)')
    assert status(counted, active=False)[0] == DiagnosticStatus.OK
    counted.image()
    for _ in range(4):  # a camera of less than one image a second
        clock[0] += 1
        assert status(counted)[0] == DiagnosticStatus.OK
    clock[0] += 2
    assert status(counted)[0] == DiagnosticStatus.WARN


def test_monitors_can_tell_two_nodes_apart(counted):
    ids = [camera_status(node, camera(counted), True).hardware_id
           for node in ('/fastsam', '/robot/fastsam')]
    assert ids == ['fastsam', 'robot/fastsam']


def test_failures_are_told_while_they_last(counted, clock):
    for _ in range(3):
        counted.image()
        counted.count('failed')
    level, text = status(counted)
    assert level == DiagnosticStatus.WARN and 'the last 3 could not be processed' in text
    clock[0] += 1
    counted.image()  # on its way
    assert status(counted)[0] == DiagnosticStatus.OK
    assert counted.report().failed == 3
