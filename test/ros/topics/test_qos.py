# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What one end of a topic offers, and what the other asks for."""

from types import SimpleNamespace

import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from fastsam_ros.ros.topics.qos import matching_reliability, mismatch

RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT
LATCHED, VOLATILE = DurabilityPolicy.TRANSIENT_LOCAL, DurabilityPolicy.VOLATILE


def profile(reliability, durability=VOLATILE):
    return QoSProfile(depth=1, reliability=reliability, durability=durability)


@pytest.mark.parametrize('offered, expected', [
    ([], BEST_EFFORT),
    ([RELIABLE], RELIABLE),
    ([RELIABLE, RELIABLE], RELIABLE),
    ([BEST_EFFORT], BEST_EFFORT),
    ([RELIABLE, BEST_EFFORT], BEST_EFFORT),
])
def test_reliable_is_asked_for_when_all_offer_it(offered, expected):
    ends = [SimpleNamespace(qos_profile=profile(reliability)) for reliability in offered]
    node = SimpleNamespace(get_publishers_info_by_topic={'image': ends}.get)
    assert matching_reliability(node, 'image') == expected


@pytest.mark.parametrize('offered, wanted, reason', [
    (profile(RELIABLE), profile(RELIABLE), ''),
    (profile(RELIABLE), profile(BEST_EFFORT), ''),
    (profile(RELIABLE, LATCHED), profile(RELIABLE), ''),
    (profile(BEST_EFFORT), profile(RELIABLE), 'reliability'),
    (profile(RELIABLE), profile(RELIABLE, LATCHED), 'durability'),
])
def test_why_nothing_would_come_through(offered, wanted, reason):
    said = mismatch(offered, wanted)
    assert said.startswith(reason) and bool(said) == bool(reason)
