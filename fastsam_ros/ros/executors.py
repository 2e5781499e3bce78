# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The executor of a node that takes images: these have a thread to themselves.

Each time it waits, rclpy's executor gathers all entities of a node anew, and a lifecycle node has
dozens. At a camera's rate that alone took a tenth of a small processor, and images that came
meanwhile were late. Nothing but the images is waited for in their thread.
"""

from __future__ import annotations

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import MultiThreadedExecutor, SingleThreadedExecutor
from rclpy.node import Node


class Images(MutuallyExclusiveCallbackGroup):
    """What belongs to the images; in any other executor than this file's a group as all are."""


class ImageExecutor(SingleThreadedExecutor):
    """
    Executes what is in groups of images.

    :param node: whose they are; it stays in the executor that it is in
    """

    def __init__(self, node: Node) -> None:
        super().__init__(context=node.context)
        self._node = node

    def get_nodes(self) -> list[Node]:
        """See `rclpy.executors.Executor`."""
        return [self._node]

    def can_execute(self, entity: object) -> bool:
        """See `rclpy.executors.Executor`."""
        return isinstance(entity.callback_group, Images) and super().can_execute(entity)


class NodeExecutor(MultiThreadedExecutor):
    """
    Executes everything else.

    :param node: is added to it
    :param threads: that execute callbacks
    """

    def __init__(self, node: Node, threads: int) -> None:
        super().__init__(threads, context=node.context)
        self.images = ImageExecutor(node)
        self.add_node(node)

    def can_execute(self, entity: object) -> bool:
        """See `rclpy.executors.Executor`."""
        return not isinstance(entity.callback_group, Images) and super().can_execute(entity)

    def wake(self) -> None:
        """See `rclpy.executors.Executor`; a node tells its executor of a new subscription."""
        super().wake()
        self.images.wake()
