# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which depth belongs to which image."""

import pytest

from fastsam_ros.space.pairing import KEPT, Pairing

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


def test_what_is_kept_is_bounded_and_forgotten():
    pairing = Pairing(1e9)
    for stamp in range(3 * KEPT):
        pairing.add_depth(stamp * MS, stamp)
    (pair,) = pairing.add_image(0, 'image')
    assert pair.depth == 2 * KEPT
    pairing.clear()
    assert pairing.add_image(0, 'image') == []


def test_at_the_end_the_image_that_waits_takes_what_is_there():
    pairing = Pairing(0.02)
    assert pairing.flush() == []
    pairing.add_depth(90 * MS, 'depth')
    pairing.add_image(100 * MS, 'image')
    assert [pair.depth for pair in pairing.flush()] == ['depth']
    assert pairing.flush() == []
