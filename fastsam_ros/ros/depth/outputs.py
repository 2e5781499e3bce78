# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Topics of things in space; what nobody subscribes to is not computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from fastsam_ros.core.masks.run_lengths import label_map
from fastsam_ros.media.space_messages import (
    DETECTIONS,
    LABELS,
    Markers,
    detections_message,
    labels_message,
)
from fastsam_ros.ros import compat
from fastsam_ros.ros.depth.message_types import TYPES, find_type
from fastsam_ros.ros.depth.point_cloud import Allocate, point_cloud
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.ros.topics.qos import LATCHED, RESULTS
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.things import Segment, Thing

VISION = 'vision_msgs (apt install ros-$ROS_DISTRO-vision-msgs)'


class Outputs:
    """Publishers that go together, and whether anybody listens to them."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publishers: dict[str, Publisher] = {}
        self.missing: set[str] = set()  # packages without which some topics don't exist

    def create(self, kind: type, topic: str, profile: QoSProfile = RESULTS) -> None:
        """Make a topic."""
        self._publishers[topic] = self._node.create_publisher(
            kind, topic, profile, event_callbacks=compat.NO_EVENTS)

    def create_vision(self, name: str, topic: str, profile: QoSProfile = RESULTS) -> None:
        """Make a topic of vision_msgs, where that is installed."""
        try:
            self.create(find_type(name), topic, profile)
        except ImportError:
            self.missing.add(VISION)

    def wants(self, *topics: str) -> bool:
        """Whether anybody subscribes to one of some topics."""
        return any(
            topic in self._publishers and self._publishers[topic].get_subscription_count()
            for topic in topics)

    def publish(self, topic: str, message: object) -> None:
        """Publish a message, if the topic is still there."""
        publisher = self._publishers.get(topic)
        if publisher is not None:
            publisher.publish(message)

    def close(self) -> None:
        """Take the topics away."""
        while self._publishers:
            self._node.destroy_publisher(self._publishers.popitem()[1])


class Places(Outputs):
    """
    Cloud, markers and boxes of some segments.

    :param node: whose they are
    :param prefix: of the topics: '~/' or '~/prompted/'
    :param boxes: whether there are markers and boxes beside the cloud
    """

    def __init__(self, node: Node, prefix: str, boxes: bool = True) -> None:
        super().__init__(node)
        self.cloud, self.markers, self.detections = (
            f'{prefix}{name}' for name in ('points', 'markers', 'detections_3d'))
        self._drawn = Markers()
        self.create(PointCloud2, self.cloud)
        if boxes:
            self.create(MarkerArray, self.markers)
            self.create_vision(DETECTIONS, self.detections)

    def wanted(self) -> bool:
        """Whether anybody subscribes to any of them."""
        return self.wants(self.cloud, self.markers, self.detections)

    def publish_cloud(self, header: Header, make: Callable[[Allocate], np.ndarray]) -> None:
        """
        Publish points.

        :param make: gives them in the header's frame; see `point_cloud`
        """
        self.publish(self.cloud, point_cloud(header, make))

    def publish_things(
        self, header: Header, things: Sequence[Thing], up: tuple[float, float, float]
    ) -> None:
        """
        Publish markers and boxes to who wants them.

        :param things: their boxes are in the header's frame
        :param up: which way is up there
        """
        if self.wants(self.detections):
            self.publish(self.detections, detections_message(TYPES, header, things))
        if self.wants(self.markers):
            self.publish(self.markers, self._drawn.message(TYPES, header, things, up))

    @property
    def drawn(self) -> bool:
        """Whether anything is shown."""
        return self._drawn.any

    def clear(self, header: Header) -> None:
        """Take all markers away."""
        message = self._drawn.clear(TYPES, header)
        if self.wants(self.markers):
            self.publish(self.markers, message)


class MaskedDepth(Outputs):
    """
    Depth of the standing prompts alone, and of everything else.

    :param node: whose they are
    :param prefix: of the topics: '~/' or '~/front/'
    """

    def __init__(self, node: Node, prefix: str) -> None:
        super().__init__(node)
        self.inside, self.outside = f'{prefix}depth_inside', f'{prefix}depth_outside'
        for base in (self.inside, self.outside):
            self.create(Image, f'{base}/image')
            self.create(CameraInfo, f'{base}/camera_info')

    def wanted(self) -> bool:
        """Whether anybody subscribes to any of them."""
        return self.wants(*(
            f'{base}/{name}' for base in (self.inside, self.outside)
            for name in ('image', 'camera_info')))

    def publish_parts(
        self, message: Image, depth: DepthImage, mask: np.ndarray, info: CameraInfo | None
    ) -> None:
        """
        Publish both parts.

        :param message: the depth's
        :param depth: what is in it
        :param mask: (H, W) bool, of the depth's size: where the standing prompts' things are
        :param info: of the depth; None: unknown
        """
        for base, where in ((self.inside, mask), (self.outside, ~mask)):
            if self.wants(f'{base}/image'):
                part = depth.where(where).pixels
                self.publish(f'{base}/image', to_image(message.header, part, message.encoding))
            if info is not None and self.wants(f'{base}/camera_info'):
                self.publish(f'{base}/camera_info', with_header(info, message.header))

    def pass_on(self, message: Image, info: CameraInfo | None) -> None:
        """Publish all depth as outside: nothing is asked for."""
        if self.wants(f'{self.outside}/image'):
            self.publish(f'{self.outside}/image', message)
        if info is not None and self.wants(f'{self.outside}/camera_info'):
            self.publish(f'{self.outside}/camera_info', with_header(info, message.header))


def with_header(info: CameraInfo, header: Header) -> CameraInfo:
    """The same calibration under another header; the arrays are shared."""
    copy = CameraInfo()
    for field in CameraInfo.get_fields_and_field_types():
        setattr(copy, field, getattr(info, field))
    copy.header = header
    return copy


class ClassMap(Outputs):
    """
    One number a pixel for what is there, and what the numbers mean.

    :param node: whose they are
    :param prefix: of the topics: '~/' or '~/front/'
    :param names: what there can be; the n-th is number n + 1, 0 is unknown
    """

    def __init__(self, node: Node, prefix: str, names: Sequence[str]) -> None:
        super().__init__(node)
        self._topic, self._legend = f'{prefix}class_map', f'{prefix}label_info'
        self._clock = node.get_clock()
        self._numbers: dict[str, int] | None = None
        self.create(Image, self._topic)
        self.create_vision(LABELS, self._legend, LATCHED)
        self.know(names)

    def know(self, names: Sequence[str]) -> None:
        """Take other names, if they are; the legend is published anew then."""
        numbers = {name: number for number, name in enumerate(names[:255], 1)}
        if numbers == self._numbers:
            return
        self._numbers = numbers
        if not self.missing:
            header = Header(stamp=self._clock.now().to_msg())
            self.publish(self._legend, labels_message(TYPES, header, [*numbers]))

    def wanted(self) -> bool:
        """Whether anybody subscribes to the map."""
        return self.wants(self._topic)

    def publish_map(
        self, header: Header, height: int, width: int, segments: Sequence[Segment]
    ) -> None:
        """
        Publish a map; of two segments at a pixel the smaller counts.

        :param header: the image's
        :param height: of the image, pixels
        :param width: of the image, pixels
        :param segments: of the image; those with other labels, or none, are left out
        """
        known = [s for s in segments if s.label in self._numbers]
        on_top = label_map([s.runs for s in known], height, width)
        numbers = np.array([0, *(self._numbers[s.label] for s in known)], np.uint8)
        self.publish(self._topic, to_image(header, numbers[on_top], 'mono8'))
