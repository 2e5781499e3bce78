# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What has come slowly is waited for longer."""

import pytest

from fastsam_ros.web.session.pace import LONGEST, MISSED, SILENT_AFTER, Pace


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def pace(clock):
    return Pace(lambda: clock[0])


def test_what_never_came_is_waited_for_a_moment(pace, clock):
    assert not pace.silent
    clock[0] += SILENT_AFTER + 0.1
    assert pace.silent


def test_what_comes_often_is_missed_soon(pace, clock):
    for _ in range(5):
        clock[0] += 0.1
        pace.came()
    clock[0] += SILENT_AFTER - 0.1
    assert not pace.silent
    clock[0] += 0.2
    assert pace.silent


def test_what_comes_slowly_is_waited_for(pace, clock):
    clock[0] += 4.0
    pace.came()
    clock[0] += 4.0 * MISSED - 0.1
    assert not pace.silent
    clock[0] += 0.2
    assert pace.silent


def test_after_a_long_pause_the_wait_is_bounded(pace, clock):
    clock[0] += 100 * LONGEST
    pace.came()
    clock[0] += LONGEST + 0.1
    assert pace.silent
