# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The topics' quality of service, and whether what one end offers is what the other asks for."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy

# Reliable, so that any subscription matches; a slow subscriber gets the newest.
RESULTS = QoSProfile(
    depth=2, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
ANSWERS = QoSProfile(
    depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
# Of services, whose requests push out those that are not taken yet: rclpy's own profile keeps ten,
# and of more clients that ask at the same moment the others would never be answered.
REQUESTS = QoSProfile(
    depth=200, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
# Clicks and a detector's boxes: whatever their publisher offers matches.
HINTS = QoSProfile(
    depth=10, reliability=ReliabilityPolicy.BEST_EFFORT, durability=DurabilityPolicy.VOLATILE)
LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
OVERRIDABLE = (
    QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH, QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY)


def overridable(profile: QoSProfile) -> tuple[QoSPolicyKind, ...]:
    """What parameters named qos_overrides may change of a publisher: all but what latches it."""
    latched = profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    return OVERRIDABLE[:-1] if latched else OVERRIDABLE


def mismatch(offered: QoSProfile, wanted: QoSProfile) -> str:
    """
    Why nothing would come through; empty when it does.

    rclpy's own `qos_check_compatible` takes the endless deadline that the graph reports for a
    short one, so reliability and durability, which people set, are compared here.

    :param offered: by the publisher
    :param wanted: by the subscription
    """
    reasons = []
    best_effort = offered.reliability == ReliabilityPolicy.BEST_EFFORT
    if best_effort and wanted.reliability == ReliabilityPolicy.RELIABLE:
        reasons.append('reliability: best effort is offered, reliable is asked for')
    volatile = offered.durability == DurabilityPolicy.VOLATILE
    if volatile and wanted.durability == DurabilityPolicy.TRANSIENT_LOCAL:
        reasons.append('durability: volatile is offered, transient local is asked for')
    return '; '.join(reasons)


def matching_reliability(node: Node, topic: str) -> ReliabilityPolicy:
    """
    Reliable when every publisher of a topic is; else best effort, which any publisher satisfies.

    :param node: whose view of the graph it is
    :param topic: its name, as the node would subscribe to it
    """
    offers = node.get_publishers_info_by_topic(topic)
    all_reliable = offers and all(
        offer.qos_profile.reliability == ReliabilityPolicy.RELIABLE for offer in offers)
    return ReliabilityPolicy.RELIABLE if all_reliable else ReliabilityPolicy.BEST_EFFORT
