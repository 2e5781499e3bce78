# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The topic ~/standing_prompts: who is asked for, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rclpy.node import Node

from fastsam_ros.msg import PromptStatus, PromptStatusArray
from fastsam_ros.ros import compat
from fastsam_ros.ros.callback_errors import complain
from fastsam_ros.ros.topics.qos import LATCHED
from fastsam_ros.ros.worker import NewestWorker


class StatusBoard:
    """
    Publishes all standing prompts, latched, in a thread of its own.

    The publisher is a plain one: a managed one would drop what changes while the node is
    inactive, such as prompts that are cleared then.

    :param node: whose topic it is
    :param statuses: gives the prompts of all cameras
    """

    def __init__(self, node: Node, statuses: Callable[[], Iterable[PromptStatus]]) -> None:
        self._node, self._statuses = node, statuses
        self._publisher = node.create_publisher(
            PromptStatusArray, '~/standing_prompts', LATCHED, event_callbacks=compat.NO_EVENTS)
        self._worker = NewestWorker(
            'fastsam-statuses', lambda error: complain(node.get_logger(), error))

    def changed(self) -> None:
        """Publish soon; several changes at once make one message."""
        self._worker.offer(self.publish)

    def publish(self) -> None:
        """Publish now."""
        message = PromptStatusArray(prompts=list(self._statuses()))
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def close(self) -> None:
        """Publish nothing any more."""
        self._worker.stop()
