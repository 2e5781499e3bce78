# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames and results of equal stamps meet, in whatever order they come."""

import pytest

from fastsam_ros.web.ros.frames import Frames, Pairs


def shrink(message):
    return message[:1]


@pytest.fixture
def pairs():
    return Pairs(Frames(shrink, budget=100, length=5))


def test_a_result_meets_its_frame_among_others(pairs):
    for n in range(4):
        assert pairs.frame((n, 0), b'%d' % n) is None
    assert pairs.result((2, 0), 'two') == (b'2', True, 'two')


def test_a_frame_meets_a_result_that_was_first(pairs):
    assert pairs.result((1, 5), 'early') is None
    assert pairs.frame((1, 4), b'a') is None
    assert pairs.frame((1, 5), b'b') == (b'b', True, 'early')


def test_no_result_meets_another_frame(pairs):
    pairs.frame((1, 0), b'a')
    assert pairs.result((1, 1), 'other') is None
    assert pairs.frame((2, 0), b'b') is None


def test_older_frames_go_with_the_one_that_was_met(pairs):
    frames = Frames(shrink, budget=100, length=5)
    for n in range(5):
        frames.add((n, 0), b'x')
    assert frames.take((3, 0)) == (b'x', True)
    assert len(frames) == 1
    assert frames.take((1, 0)) is None
    assert frames.take((4, 0)) == (b'x', True)


def test_memory_is_bounded_by_making_old_frames_small():
    frames = Frames(shrink, budget=100, length=50)
    for n in range(20):
        frames.add((n, 0), b'%02d' % n + bytes(28))
    assert len(frames) == 20
    assert frames.take((0, 0)) == (b'0', False)
    assert frames.take((19, 0)) == (b'19' + bytes(28), True)
    assert len(frames) == 0


def test_large_frames_that_nobody_will_ask_for_go_and_so_do_older_ones():
    wanted = True
    frames = Frames(lambda message: shrink(message) if wanted else None, budget=100, length=50)
    for n in range(5):
        frames.add((n, 0), bytes(30))
    assert len(frames) == 5  # of which two are small
    wanted = False
    for n in range(5, 9):
        frames.add((n, 0), bytes(30))
        assert len(frames) == 3
    assert frames.take((5, 0)) is None
    assert frames.take((6, 0)) == (bytes(30), True)


def test_the_number_of_frames_is_bounded():
    frames = Frames(shrink, budget=10**9, length=5)
    for n in range(20):
        frames.add((n, 0), b'x')
    assert len(frames) == 5
    assert frames.take((14, 0)) is None
    assert frames.take((15, 0)) is not None


def test_one_frame_larger_than_the_budget_is_kept_whole():
    frames = Frames(shrink, budget=10)
    frames.add((1, 0), bytes(50))
    assert frames.take((1, 0)) == (bytes(50), True)


def test_a_frame_of_the_same_stamp_takes_the_place():
    frames = Frames(shrink, budget=100)
    frames.add((1, 0), b'a' * 60)
    frames.add((1, 0), b'b' * 60)
    assert frames.take((1, 0)) == (b'b' * 60, True)
    assert len(frames) == 0


def test_time_that_jumps_back_as_in_a_bag_that_begins_anew(pairs):
    for stamp in (5, 6, 1, 2):
        pairs.frame((stamp, 0), b'%d' % stamp)
    assert pairs.result((1, 0), 'again') == (b'1', True, 'again')
    assert pairs.result((2, 0), 'on') == (b'2', True, 'on')
