# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS' classes of messages by name."""

from __future__ import annotations

from importlib import import_module

import numpy as np

from fastsam_ros.ros.topics.conversions import to_array


class RosTypes:
    """What `fastsam_ros.media.space_messages` makes its messages of."""

    def new(self, name: str) -> object:
        """An empty message of a type such as 'std_msgs/msg/Header'."""
        return find_type(name)()

    def octets(self, values: np.ndarray) -> object:
        """As an array.array, which rclpy takes over at once."""
        return to_array('B', np.ascontiguousarray(values))


TYPES = RosTypes()


def find_type(name: str) -> type:
    """
    The class of a message.

    :param name: such as 'std_msgs/msg/Header'
    :raises ImportError: when its package is not installed
    """
    package, kind, message = name.split('/')
    return getattr(import_module(f'{package}.{kind}'), message)
