# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What of rclpy's privates is used: an upgrade that takes one away fails here, and loudly."""

from threading import Event

import rclpy
from rclpy.executors import MultiThreadedExecutor
from rclpy.parameter import Parameter

from fastsam_ros.ros import compat


def test_the_private_members_of_rclpy_that_are_used_are_there(ros):
    node = rclpy.create_node('private', parameter_overrides=[Parameter('mine', value=3)])
    executor = MultiThreadedExecutor(2)
    assert node._parameter_overrides['mine'].value == 3  # compat.given_parameters
    assert callable(executor._executor.shutdown)  # compat.drain
    assert compat.given_parameters(node) == {'mine': 3}
    executor.shutdown()
    node.destroy_node()


def test_an_executor_whose_callback_does_not_end_is_told_of(ros):
    executor = MultiThreadedExecutor(2)
    go_on = Event()
    executor._executor.submit(go_on.wait)
    assert not compat.drain(executor, 0.05)
    go_on.set()
    assert compat.drain(executor)
    executor.shutdown()
