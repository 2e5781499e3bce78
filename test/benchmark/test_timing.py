# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Programs take turns, and what is told of their times is right."""

import pytest

from benchmark.rig.timing import Times, interleaved, ratio


def test_programs_take_turns_and_the_first_rounds_do_not_count():
    calls = []
    programs = {name: lambda turn, name=name: calls.append((name, turn)) for name in 'ab'}
    times = interleaved(programs, rounds=2, warm_up=1, rest=0)
    assert calls == [('b', -1), ('a', -1), ('a', 0), ('b', 0), ('b', 1), ('a', 1)]
    assert [len(times[name].milliseconds) for name in 'ab'] == [2, 2]
    assert all(taken >= 0 for taken in times['a'].milliseconds)


def test_median_and_quartiles():
    times = Times((5.0, 1.0, 3.0, 2.0, 4.0))
    assert times.median == 3
    assert times.quartiles == (2, 4)
    assert Times((7.0,)).quartiles == (7, 7)
    assert times.as_json() == {'median_ms': 3, 'q1_ms': 2, 'q3_ms': 4, 'rounds': 5}


def test_a_ratio_is_taken_round_by_round():
    """A machine that is busy for one round slows both programs down in it."""
    slow, fast = Times((4.0, 4.0, 400.0)), Times((1.0, 1.0, 100.0))
    assert ratio(slow, fast) == 4
    assert ratio(Times((2.0, 8.0, 3.0)), Times((1.0, 1.0, 1.0))) == pytest.approx(3)
