# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A detector's boxes, answered with the masks that fill them: `boxes` in, `~/detected` out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.subscription import Subscription

from fastsam_ros.core import PromptError
from fastsam_ros.ros.callback_errors import Refused, complain, guarded
from fastsam_ros.ros.depth.camera import DETECTED, Seen
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.engine import Engine
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.topics.detections import (
    ARRAYS,
    Detected,
    answer_detections,
    array_type,
    read_detections,
)
from fastsam_ros.ros.topics.qos import HINTS
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.srv import Prompt


class BoxSubscription:
    """
    Answers a detector's boxes about one camera's frames.

    A detector is slower than the camera, so its boxes are about a frame that has passed: the one
    of exactly their stamp. Its type of message is known once it publishes.

    :param node: whose subscription it is
    :param camera: which the boxes are about
    :param settings: the node's parameters, always up to date
    :param engine: gives the engine, or raises Refused when the node is not active
    """

    def __init__(
        self,
        node: Node,
        camera: Camera,
        settings: Mapping[str, object],
        engine: Callable[[], Engine],
    ) -> None:
        self.logger = node.get_logger()
        self._node, self._camera = node, camera
        self._settings, self._engine = settings, engine
        self._name = f'{camera.name}/boxes' if camera.name else 'boxes'
        self._group = MutuallyExclusiveCallbackGroup()  # a wait for a frame holds up nobody else
        self._subscription: Subscription | None = None
        self._package = ''
        self._started, self._lock = False, Lock()

    @property
    def topic(self) -> str:
        """The full name of the topic."""
        return self._node.resolve_topic_name(self._name)

    def start(self) -> None:
        """Listen to what a detector publishes, now or later."""
        with self._lock:
            self._started = True
        self.match()

    @guarded
    def match(self) -> None:
        """Subscribe to what a detector publishes; again and again, as it may come late."""
        package = self._wanted()
        with self._lock:  # a transition may stop it in another thread
            if not (self._started and package) or package == self._package:
                return
            self._unsubscribe()
            self._package = package
            try:
                kind = array_type(package)
            except ModuleNotFoundError:
                self.logger.error(
                    f'{package} is not installed, so boxes on {self.topic} cannot be read: '
                    f'apt install ros-$ROS_DISTRO-{package.replace("_", "-")}, or build it')
                return
            self._subscription = self._node.create_subscription(
                kind, self._name, self._on_boxes, HINTS, callback_group=self._group)

    def stop(self) -> None:
        """Unsubscribe, and listen no more."""
        with self._lock:
            self._started = False
            self._unsubscribe()

    def _unsubscribe(self) -> None:
        self._package = ''
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def _wanted(self) -> str:
        """The package whose messages are to be read; '' while nobody publishes any."""
        if self._settings['boxes_type'] != 'auto':
            return self._settings['boxes_type']
        offers = {end.topic_type for end in self._node.get_publishers_info_by_topic(self.topic)}
        known = [name for name, array in ARRAYS.items() if f'{name}/msg/{array}' in offers]
        if offers and not known:
            expected = ' or '.join(f'{name}/{array}' for name, array in ARRAYS.items())
            complain(self.logger, PromptError(
                f'{self.topic} carries {", ".join(sorted(offers))}, not {expected}'))
        return known[0] if known else ''

    @guarded
    def _on_boxes(self, message: object) -> None:
        camera = self._camera
        if not (camera.publishers.wants_detected() or camera.space.wants(DETECTED)):
            return
        try:
            self._answer(message)
        except Refused:
            self._camera.counters.count('unpaired')
            raise

    def _answer(self, message: object) -> None:
        stamp = message.header.stamp
        if not (stamp.sec or stamp.nanosec):
            raise Refused(Prompt.Response.NO_FRAME, (
                f'boxes on {self.topic} have no stamp: the detector must copy the header of the '
                'image that it looked at'))
        detections = read_detections(message)
        engine = self._engine()
        frame = self._camera.history.at(stamp)
        with engine.in_use():
            result = engine.segmented(self._camera, frame)
            detected = answer_detections(result, detections, self._settings['box_iou'])
            self._publish(frame, result, detected)

    def _publish(self, frame: Frame, result: Result, detected: list[Detected]) -> None:
        camera = self._camera
        if camera.publishers.wants_detected():
            camera.publishers.detected(result, detected)
        if camera.space.wants(DETECTED):
            size = result.scene.height, result.scene.width
            filled = [one.segment for one in detected if one.segment.runs.area]
            camera.space.offer(DETECTED, Seen(result.header, *size, filled, frame.picture()))
