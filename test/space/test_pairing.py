# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which depth belongs to which image."""

import pytest

from fastsam_ros.space.pairing import KEPT, MOST, ROOM, Pairing

MS = 1_000_000  # nanoseconds


def pair_up(events: list[tuple[str, int]], slop: float = 0.02) -> list[tuple[int, int | None]]:
    """Milliseconds of images and of the depth that they got, as they were decided."""
    pairing = Pairing(slop)
    decided = []
    for kind, stamp in events:
        add = pairing.add_image if kind == 'image' else pairing.add_depth
        decided += add(stamp * MS, stamp)
    return [(pair.image, pair.depth) for pair in decided]


@pytest.mark.parametrize('events, expected', [
    # The same stamp, whichever comes first.
    ([('depth', 0), ('depth', 33), ('image', 33)], [(33, 33)]),
    ([('image', 33), ('depth', 33)], [(33, 33)]),
    # The same stamp before a nearer arrival; the nearest where there is none.
    ([('depth', 10), ('depth', 20), ('depth', 24), ('image', 20)], [(20, 20)]),
    ([('depth', 10), ('depth', 24), ('image', 20)], [(20, 24)]),
    # An older one may be nearer than what comes after.
    ([('depth', 18), ('image', 20), ('depth', 35)], [(20, 18)]),
    # Too far away.
    ([('depth', 100), ('image', 50)], [(50, None)]),
    # Nothing is decided before depth of that time is there, or the next image needs it.
    ([('depth', 10), ('image', 20)], []),
    ([('depth', 10), ('image', 20), ('image', 53)], [(20, 10)]),
    ([('image', 20), ('image', 53)], [(20, None)]),
    # Time begins anew.
    ([('depth', 900), ('depth', 20), ('image', 20)], [(20, 20)]),
    ([('depth', 900), ('depth', 910), ('depth', 5), ('image', 20), ('depth', 21)], [(20, 21)]),
])
def test_pairs(events, expected):
    assert pair_up(events) == expected


@pytest.mark.parametrize('slop, depth', [(0.02, 'depth'), (0.01, None)])
def test_the_difference_of_the_stamps_is_told_with_and_without_depth(slop, depth):
    pairing = Pairing(slop)
    pairing.add_depth(23 * MS, 'depth')
    (pair,) = pairing.add_image(10 * MS, 'image')
    assert (pair.depth, pair.difference) == (depth, pytest.approx(0.013))


def test_without_any_depth_the_difference_is_infinite():
    pairing = Pairing(0.02)
    pairing.add_image(0, 'one')
    (pair,) = pairing.add_image(33 * MS, 'two')
    assert (pair.image, pair.depth, pair.difference) == ('one', None, float('inf'))


@pytest.mark.parametrize('rate', [5, 30, 60, 90])
@pytest.mark.parametrize('delay, without', [(0.45, 0), (0.9, 1), (1.9, 2), (2.9, 3), (3.2, 9)])
def test_depth_is_kept_for_as_long_as_a_slow_network_takes(rate, delay, without):
    pairing, delayed = Pairing(0.0), int(delay * rate)
    found = []
    for number in range(14 * rate):
        pairing.add_depth(number * 1000 * MS // rate, number, 848 * 480 * 2)
        if number % rate == 0 and number >= 5 * rate:
            image = number - delayed
            (pair,) = pairing.add_image(image * 1000 * MS // rate, 'image')
            assert (pair.depth, pair.late) in ((image, False), (None, True))
            found.append(pair.depth is not None)
    if delayed < KEPT:
        without = 0
    assert found == [False] * without + [True] * (9 - without)


def test_who_asks_for_a_time_that_is_gone_does_not_make_it_keep_more():
    pairing = Pairing(0.0)
    for number in range(90):
        pairing.add_depth(number * 10 * MS, number)
        assert pairing.at(-10 * MS) is None
    (pair,) = pairing.add_image(300 * MS, 'image')
    assert pair.late


@pytest.mark.parametrize('step, size, kept', [
    (300 * MS, 0, KEPT),  # they are older than SPAN
    (25 * MS, 0, 21),  # SPAN
    (1 * MS, 0, MOST),
    (0, 0, MOST),
    (1 * MS, ROOM // 20, 20),
    (1 * MS, ROOM, KEPT),
])
def test_what_is_kept_is_bounded_and_forgotten(step, size, kept):
    pairing = Pairing(1e9)
    for number in range(2 * MOST):
        pairing.add_depth(10 * MS + number * step, number, size)
    (pair,) = pairing.add_image(0, 'image')
    assert pair.depth == 2 * MOST - kept
    pairing.clear()
    assert pairing.add_image(0, 'image') == []
    assert pairing.flush()[0].depth is None
    for number in range(2 * KEPT):
        pairing.add_depth(number * MS, number, 1)
    assert pairing.at(0) == 0


@pytest.mark.parametrize('milliseconds, late', [
    (0, True), (500, True), (520, True), (530, False), (570, False), (1250, False)])
def test_a_result_that_comes_too_late_for_its_depth_is_told_from_stamps_that_do_not_match(
        milliseconds, late):
    pairing = Pairing(0.02)
    for number in range(KEPT + 6):  # the newest that is gone is of 500 ms
        pairing.add_depth(number * 100 * MS, number, ROOM)
    (pair,) = pairing.add_image(milliseconds * MS, 'image')
    assert (pair.depth, pair.late) == (None, late)


def test_at_the_end_the_image_that_waits_takes_what_is_there():
    pairing = Pairing(0.02)
    assert pairing.flush() == []
    pairing.add_depth(90 * MS, 'depth')
    pairing.add_image(100 * MS, 'image')
    assert [pair.depth for pair in pairing.flush()] == ['depth']
    assert pairing.flush() == []
