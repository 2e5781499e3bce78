# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera's output topics; what nobody subscribes to is not computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from fastsam_ros.core import Answer
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros import compat
from fastsam_ros.ros.inference.frames import Segments
from fastsam_ros.ros.topics import cdr, messages
from fastsam_ros.ros.topics.qos import mismatch

# Reliable, so that any subscription matches; a slow subscriber gets the newest.
LIVE = QoSProfile(
    depth=2, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
EACH = QoSProfile(
    depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass(frozen=True, eq=False)
class Result:
    """
    What is known of one frame.

    :param header: of its message
    :param segments: all of them
    :param answers: of the standing prompts, or of a request; None: there were no prompts
    """

    header: Header
    segments: Segments
    answers: Sequence[Answer] | None


class Outputs:
    """
    The publishers of one camera.

    :param node: whose they are
    :param prefix: of the topics: '~/' or '~/front/'
    """

    def __init__(self, node: Node, prefix: str) -> None:
        self._node = node
        self._profiles: dict[Publisher, QoSProfile] = {}
        self._told: set[Publisher] = set()
        self._segmentations = self._create(SegmentationArray, f'{prefix}segmentations', LIVE)
        self._prompted = self._create(SegmentationArray, f'{prefix}prompted', EACH)
        self._label_map = self._create(Image, f'{prefix}label_map', LIVE)
        self._overlay = self._create(Image, f'{prefix}overlay', LIVE)
        self._unseen: Result | None = None  # the last union mask that nobody was there to see
        self._lock = Lock()  # guards it, and the topics against being taken away
        self._mask = self._create(Image, f'{prefix}mask', LATCHED)

    def close(self) -> None:
        """Take the topics away."""
        with self._lock:
            self._unseen = None
            while self._profiles:
                self._node.destroy_publisher(self._profiles.popitem()[0])

    def rest(self) -> None:
        """Publish nothing that is known now; who subscribes later gets what comes later."""
        with self._lock:
            self._unseen = None

    def everything(self, result: Result) -> None:
        """Publish all segments of a frame."""
        wanted = {
            publisher: make
            for publisher, make in (
                (self._segmentations, cdr.everything), (self._label_map, messages.label_map))
            if publisher.get_subscription_count()}
        if wanted:
            order = messages.by_area(result.segments)
            for publisher, make in wanted.items():
                publisher.publish(make(result.header, result.segments, order))

    def wants_answers(self) -> bool:
        """Whether anybody sees what answers the standing prompts."""
        topics = (self._prompted, self._mask, self._overlay)
        return any(publisher.get_subscription_count() for publisher in topics)

    def wants_overlay(self) -> bool:
        """Whether anybody looks at the overlay."""
        return self._overlay.get_subscription_count() > 0

    def paint(self, result: Result, picture: np.ndarray) -> None:
        """
        Publish a frame's overlay.

        :param picture: the frame's, (H, W, 3) uint8 RGB
        """
        self._overlay.publish(messages.overlay(
            result.header, result.segments, result.answers, picture))

    def answer(self, result: Result, message: SegmentationArray | None = None) -> None:
        """
        Publish what answers prompts.

        :param message: the same, where it was made already
        """
        if self._prompted.get_subscription_count():
            if message is None:
                message = messages.answers_message(
                    result.header, result.segments, result.answers)
            self._prompted.publish(message)
        with self._lock:
            self._unseen = result
            self._latch()

    def _latch(self) -> None:
        """Publish the last union mask to who subscribes to it, if it was not yet."""
        result = self._unseen
        if result is not None and self._mask.get_subscription_count():
            self._unseen = None
            self._mask.publish(
                messages.union_mask(result.header, result.segments, result.answers))

    def check(self) -> None:
        """Look after subscriptions that came since the last time; once a second or so."""
        with self._lock:  # a transition may take the topics away in another thread
            self._latch()
            self._compare()

    def _compare(self) -> None:
        """Say once when a subscription asks for a quality of service that cannot match."""
        for publisher, profile in self._profiles.items():
            wanted = self._node.get_subscriptions_info_by_topic(publisher.topic_name)
            bad = [end for end in wanted if mismatch(profile, end.qos_profile)]
            if bad and publisher not in self._told:
                self._told.add(publisher)
                self._node.get_logger().warning(
                    f'the node {bad[0].node_name} gets nothing from {publisher.topic_name}, its '
                    f'QoS does not match ({mismatch(profile, bad[0].qos_profile)})')

    def _create(self, kind: type, topic: str, profile: QoSProfile) -> Publisher:
        publisher = self._node.create_publisher(
            kind, topic, profile, event_callbacks=compat.NO_EVENTS)
        self._profiles[publisher] = profile
        return publisher
