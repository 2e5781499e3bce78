# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What differs between the ROS distributions that the node runs on, from Humble on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
import re
from threading import Thread

from ament_index_python import PackageNotFoundError, get_package_share_directory
from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.utilities import get_rmw_implementation_identifier

try:
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ModuleNotFoundError:  # Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks

# Names Fast DDS' file of settings: in its version 3, and before.
PROFILES = 'FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE'
FAST_DDS_3 = 9  # the first version of rmw_fastrtps_cpp that uses it: Kilted's

# Each event that is listened to makes every wake of rclpy's executors dearer, and rclpy by itself
# listens to several for each topic: two thirds of what it costs to take an image. So nothing is
# listened to but losses, and QoS is compared once a second instead.
NO_EVENTS = PublisherEventCallbacks(use_default_callbacks=False)
NO_SUBSCRIPTION_EVENTS = SubscriptionEventCallbacks(use_default_callbacks=False)


def profiles_variable() -> str | None:
    """
    The one of `PROFILES` that this distribution's Fast DDS reads; it complains of both.

    :return: None where there is no Fast DDS
    """
    try:
        share = get_package_share_directory('rmw_fastrtps_cpp')
    except PackageNotFoundError:
        return None
    version = re.search(r'<version>(\d+)', (Path(share) / 'package.xml').read_text('utf-8'))
    return PROFILES[0 if int(version[1]) >= FAST_DDS_3 else 1]


def loss_events(lost: Callable[[object], None]) -> SubscriptionEventCallbacks:
    """
    Event callbacks of a subscription; only Fast DDS and Cyclone DDS tell of lost messages.

    :param lost: the middleware lost messages
    """
    tells = get_rmw_implementation_identifier() in ('rmw_fastrtps_cpp', 'rmw_cyclonedds_cpp')
    return SubscriptionEventCallbacks(
        message_lost=lost if tells else None, use_default_callbacks=False)


def keep_quiet(subscription: Subscription) -> None:
    """
    Let a subscription be destroyed while an executor spins.

    When one of its events is ready at that moment, rclpy's executors ask for its data all the
    same, and the InvalidHandle that follows would end the spinning.
    """
    for handler in subscription.event_handlers:
        handler.take_data = partial(_take, handler.take_data)


def _take(take_data: Callable[[], object]) -> object:
    try:
        return take_data()
    except InvalidHandle:
        return None  # which is no event


def drain(executor: Executor, patience: float | None = None) -> bool:
    """
    Wait for the callbacks that run or are about to, after the last spin.

    `Executor.shutdown` means to, but does not: what a callback's end then meets is gone, and rclpy
    prints an exception that nobody retrieved.

    :param patience: seconds; None: for as long as it takes
    :return: whether they have come to their end
    """
    pool = getattr(executor, '_executor', None)
    if pool is None:
        return True
    ending = Thread(target=pool.shutdown, daemon=True)
    ending.start()
    ending.join(None if patience is None else max(patience, 0))
    return not ending.is_alive()


def given_parameters(node: Node) -> dict[str, object]:
    """
    Names and values that the command line, a launch file or a parameter file gave to the node.

    rclpy has no public way to ask for those that were never declared. Its own are left out.
    """
    given = getattr(node, '_parameter_overrides', {})
    own = ('qos_overrides.', 'use_sim_time', 'start_type_description_service')
    return {name: p.value for name, p in given.items() if not name.startswith(own)}
