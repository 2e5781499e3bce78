# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the benchmark of `~/tracked` makes of the messages that came."""

from types import SimpleNamespace

import numpy as np
import pytest
from rclpy.serialization import serialize_message
from std_msgs.msg import Header

from benchmark.tracked import __main__ as tracked
from benchmark.tracked.camera import Sent, bounced, stamp_of
from benchmark.tracked.robot import Received
from fastsam_ros.core import RunLengths
from fastsam_ros.msg import PromptStatus, Segmentation, SegmentationArray
from fastsam_ros.ros.topics.conversions import to_array

RATE = 25.0
MASK = np.zeros((20, 30), bool)
MASK[4:12, 6:16] = True


def message(number, mask=MASK, seen=0, state=PromptStatus.FOLLOWED, reason=''):
    """What the node says of the camera's n-th image, which the network saw so many before."""
    array = SegmentationArray(
        header=Header(stamp=stamp_of(number, RATE)), height=20, width=30,
        prompts=[PromptStatus(state=state, message=reason, seen=stamp_of(number - seen, RATE))])
    if mask is not None:
        runs = RunLengths.from_mask(mask)
        segment = Segmentation(area=runs.area, counts=to_array('I', runs.counts))
        segment.box.x_offset, segment.box.y_offset = runs.x, runs.y
        segment.box.width, segment.box.height = runs.width, runs.height
        array.segmentations = [segment]
    return array


@pytest.fixture
def robot():
    """It heard of a frame before the film, of the film's first two, and of its fourth."""
    came = {1: message(1), 2: message(2, seen=3), 3: message(3, MASK & (np.arange(30) < 11)),
            5: message(5, None, 1, PromptStatus.SEARCHING, 'gone')}
    times = [100 + n / RATE + 0.004 * n for n in came]
    received = Received(times, [serialize_message(m) for m in came.values()])
    return SimpleNamespace(
        tracked=received, prompted=Received(times[1:3], received.messages[1:3]), figures={
            'age of tracked p50 [ms]': '5.0', 'age of tracked p95 [ms]': '9.0',
            'frames not tracked': '7'})


def test_what_was_said_of_each_frame(robot):
    sent = Sent(2, [100 + n / RATE for n in range(6)])
    row = tracked.figures('swan', robot, sent, [MASK] * 4, RATE)
    assert (row['frames'], row['messages'], row['network results']) == (4, 3, 2)
    assert row['J'] == '0.375'  # of 1, 0.5, nothing said, nothing shown
    assert row['age p50, p95 [ms], by the listener'] == '12.0, 19.2'
    assert row['age p50, p95 [ms], by the node'] == '5.0, 9.0'
    assert row['seen p50, p95 [ms] before'] == '40.0, 112.0'
    assert row['not followed'] == '1 SEARCHING, gone'


def test_a_node_that_says_nothing_scores_nothing():
    robot = SimpleNamespace(tracked=Received(), prompted=Received(), figures={})
    row = tracked.figures('swan', robot, Sent(0, [1.0, 2.0]), [MASK] * 2, RATE)
    assert (row['messages'], row['J'], row['not followed']) == (0, '0.000', 'none')


def test_a_film_runs_forwards_and_backwards():
    assert [bounced(n, 3) for n in range(7)] == [0, 1, 2, 1, 0, 1, 2]
    assert [bounced(n, 1) for n in range(2)] == [0, 0]


def test_stamps_of_a_camera():
    stamps = [(s.sec, s.nanosec) for s in (stamp_of(n, RATE) for n in (0, 1, 26))]
    assert stamps[0] == (1, 0) and stamps[2][0] == 2
    assert [s[1] for s in stamps[1:]] == pytest.approx([40e6, 40e6], abs=1)
