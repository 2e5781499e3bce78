# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Somebody who watches a node from beside: its segments by their stamps."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor

from fastsam_ros.msg import SegmentationArray


class Watcher:
    """
    Use it in a `with`; `.seen` has the segments for each stamp, as seconds with nine decimals.

    :param domain: of ROS
    :param begun: is called when the first frame was seen
    """

    def __init__(self, domain: int, begun: Callable[[], None]) -> None:
        self.seen: dict[str, SegmentationArray] = {}
        self._begun = begun
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=domain)
        self._node = rclpy.create_node('watcher', context=self._context)
        self._node.create_subscription(
            SegmentationArray, '/fastsam/segmentations', self._on_segments, 10)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._thread = Thread(target=self._spin, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._context.try_shutdown()
        self._thread.join()
        self._executor.shutdown()
        self._node.destroy_node()

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return

    def _on_segments(self, message: SegmentationArray) -> None:
        stamp = message.header.stamp
        self.seen[f'{stamp.sec}.{stamp.nanosec:09d}'] = message
        if len(self.seen) == 1:
            self._begun()
