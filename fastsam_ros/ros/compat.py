# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What differs between the ROS distributions that the node runs on, from Humble on."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature

from rclpy.node import Node
from rclpy.utilities import get_rmw_implementation_identifier

try:
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ModuleNotFoundError:  # Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks


def publisher_events(
    incompatible_qos: Callable[[object], None], matched: Callable[[object], None] | None = None
) -> PublisherEventCallbacks:
    """
    Event callbacks of a publisher; Humble does not tell when a subscription matches.

    :param incompatible_qos: a subscription asks for a QoS that the publisher does not offer
    :param matched: a subscription came or went
    """
    wanted = {'incompatible_qos': incompatible_qos, 'matched': matched}
    known = signature(PublisherEventCallbacks.__init__).parameters
    return PublisherEventCallbacks(**{k: v for k, v in wanted.items() if k in known and v})


def subscription_events(
    incompatible_qos: Callable[[object], None], lost: Callable[[object], None]
) -> SubscriptionEventCallbacks:
    """
    Event callbacks of a subscription; only Fast DDS and Cyclone DDS tell of lost messages.

    :param incompatible_qos: a publisher offers a QoS that the subscription cannot use
    :param lost: the middleware lost messages
    """
    tells = get_rmw_implementation_identifier() in ('rmw_fastrtps_cpp', 'rmw_cyclonedds_cpp')
    return SubscriptionEventCallbacks(
        incompatible_qos=incompatible_qos, message_lost=lost if tells else None)


def given_parameters(node: Node) -> dict[str, object]:
    """
    Names and values that the command line, a launch file or a parameter file gave to the node.

    rclpy has no public way to ask for those that were never declared. Its own are left out.
    """
    given = getattr(node, '_parameter_overrides', {})
    own = ('qos_overrides.', 'use_sim_time', 'start_type_description_service')
    return {name: p.value for name, p in given.items() if not name.startswith(own)}
