# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What comes in beside a camera's images: calibration, depth and a LiDAR's points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, PointCloud2, PointField

from fastsam_ros.core.errors import DepthError
from fastsam_ros.ros import compat
from fastsam_ros.ros.executors import Images
from fastsam_ros.ros.topics.qos import matching_reliability
from fastsam_ros.space.camera_model import CameraModel

DEPTH = 2  # messages kept by the middleware: one that arrives must not push out a whole one
POLICIES = {'reliable': ReliabilityPolicy.RELIABLE, 'best_effort': ReliabilityPolicy.BEST_EFFORT}


@dataclass(frozen=True)
class Input:
    """
    A topic that is listened to.

    :param name: of the topic
    :param kind: of its messages
    :param callback: takes each; runs in the thread of the images
    """

    name: str
    kind: type
    callback: Callable[[object], None]


class Inputs:
    """
    Subscriptions that follow their publishers' reliability.

    :param node: whose they are
    :param inputs: what is listened to
    """

    def __init__(self, node: Node, inputs: list[Input]) -> None:
        self._node, self._inputs = node, inputs
        self._subscriptions: dict[str, tuple[ReliabilityPolicy, Subscription]] = {}
        self._started, self._lock = False, Lock()

    def start(self, reliability: str) -> None:
        """Subscribe; see the parameter image_reliability."""
        with self._lock:
            self._started = True
            self._match(reliability)

    def match(self, reliability: str) -> None:
        """Subscribe anew where a publisher's reliability has changed."""
        with self._lock:  # a transition may stop them in another thread
            if self._started:
                self._match(reliability)

    def _match(self, reliability: str) -> None:
        for wanted in self._inputs:
            policy = POLICIES.get(reliability) or matching_reliability(self._node, wanted.name)
            there = self._subscriptions.get(wanted.name)
            if there is None or there[0] != policy:
                self._drop(wanted.name)
                self._subscriptions[wanted.name] = policy, self._subscribe(wanted, policy)

    def stop(self) -> None:
        """Unsubscribe."""
        with self._lock:
            self._started = False
            for name in list(self._subscriptions):
                self._drop(name)

    def _drop(self, name: str) -> None:
        there = self._subscriptions.pop(name, None)
        if there is not None:
            self._node.destroy_subscription(there[1])

    def _subscribe(self, wanted: Input, policy: ReliabilityPolicy) -> Subscription:
        profile = QoSProfile(
            depth=DEPTH, reliability=policy, durability=DurabilityPolicy.VOLATILE)
        subscription = self._node.create_subscription(
            wanted.kind, wanted.name, wanted.callback, profile, callback_group=Images(),
            event_callbacks=compat.NO_SUBSCRIPTION_EVENTS)
        compat.keep_quiet(subscription)
        return subscription


def is_rectified(topic: str) -> bool:
    """
    Whether a topic's images have no distortion any more, by the names that image_proc gives.

    :param topic: its full name, such as /camera/image_rect_color
    """
    return any(part == 'rect' or '_rect' in part for part in topic.split('/'))


class Calibration:
    """
    The camera info of a topic, and the models made of it.

    :param topic: of the images, by its full name
    :param info_topic: of the info, by its full name
    """

    def __init__(self, topic: str, info_topic: str) -> None:
        self._rectified, self._topic = is_rectified(topic), info_topic
        self._info: CameraInfo | None = None

    def receive(self, info: CameraInfo) -> None:
        """An info came."""
        self._info = info

    @property
    def info(self) -> CameraInfo:
        """
        The newest.

        :raises DepthError: when none has come
        """
        info = self._info
        if info is None:
            raise DepthError(
                f'no camera info has come on {self._topic}: without it nothing has a place in '
                'space. Remap it to that of the camera')
        return info

    def model(self, width: int, height: int) -> CameraModel:
        """
        The camera of an image.

        :param width: of the image, pixels
        :param height: of the image, pixels
        :raises DepthError: when there is none, or it does not fit
        """
        return CameraModel.from_info(self.info, width, height, self._rectified)


def read_points(message: PointCloud2) -> np.ndarray:
    """
    The coordinates in a cloud: (N, 3) float32, metres.

    Rows may be padded.

    :raises DepthError: when it has no x, y and z of float32, or contradicts itself
    """
    offsets = {
        field.name: field.offset for field in message.fields
        if field.datatype == PointField.FLOAT32}
    height, width, step = message.height, message.width, message.point_step
    row = max(message.row_step, width * step)
    if not {'x', 'y', 'z'} <= {*offsets} or message.is_bigendian:
        raise DepthError(
            'a point cloud needs x, y and z as little-endian float32; this one has '
            f'{", ".join(field.name for field in message.fields) or "no fields"}')
    least = row * (height - 1) + width * step
    if len(message.data) < least or max(offsets[a] for a in 'xyz') + 4 > step:
        raise DepthError(
            f'a cloud of {width}x{height} points of {step} bytes, in rows of {row}, cannot have '
            f'{len(message.data)} bytes')
    kind = np.dtype({
        'names': list('xyz'), 'formats': ['<f4'] * 3, 'offsets': [offsets[a] for a in 'xyz'],
        'itemsize': step})
    points = np.ndarray((height, width), kind, message.data, strides=(row, step)).ravel()
    return np.stack([points[axis] for axis in 'xyz'], axis=1)
