# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Somebody who watches a camera and a node from beside: images and segments of the same stamps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Thread

import numpy as np
import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from sensor_msgs.msg import Image

from fastsam_ros.msg import Segmentation, SegmentationArray

KEPT = 200  # images and arrays that wait for each other
STEP = 2  # of every how many pixels one is kept


def as_text(stamp) -> str:
    return f'{stamp.sec}.{stamp.nanosec:09d}'


class Watcher:
    """
    Use it in a `with`; `.seen` has an image, small, and the segments for each stamp.

    :param domain: of ROS
    :param topic: of the segments
    :param begun: is called when the first frame was seen
    """

    def __init__(
        self, domain: int, topic: str, begun: Callable[[], None] = lambda: None
    ) -> None:
        self._begun = begun
        self.seen: dict[str, tuple[np.ndarray, SegmentationArray]] = {}
        self._images: deque[tuple[str, np.ndarray]] = deque(maxlen=KEPT)
        self._arrays: deque[tuple[str, SegmentationArray]] = deque(maxlen=KEPT)
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=domain)
        self._node = rclpy.create_node('watcher', context=self._context)
        self._node.create_subscription(
            Image, '/image', self._on_image, 5)
        self._node.create_subscription(
            SegmentationArray, topic, self._on_segments, 10)
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

    def _on_image(self, message: Image) -> None:
        pixels = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
        self._images.append((as_text(message.header.stamp), pixels[::STEP, ::STEP].copy()))
        self._join()

    def _on_segments(self, message: SegmentationArray) -> None:
        self._arrays.append((as_text(message.header.stamp), message))
        self._join()

    def _join(self) -> None:
        images, before = dict(self._images), len(self.seen)
        self.seen.update({
            stamp: (images[stamp], array) for stamp, array in self._arrays if stamp in images})
        if self.seen and not before:
            self._begun()


def mask_of(segment: Segmentation, height: int, width: int) -> np.ndarray:
    """A segment's mask: (height, width) bool."""
    mask, box = np.zeros((height, width), bool), segment.box
    values = np.repeat(np.arange(len(segment.counts)) % 2 == 1, segment.counts)
    window = mask[box.y_offset :, box.x_offset :][: box.height, : box.width]
    window[:] = values.reshape(box.height, box.width)
    return mask
