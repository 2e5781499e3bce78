# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where a camera's images come from: the subscription, and why nothing arrives."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
import time

from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSPolicyKind,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.ros import compat
from fastsam_ros.ros.executors import Images
from fastsam_ros.ros.topics.qos import matching_reliability, mismatch

# A large image comes in fragments, and the one that is arriving takes a place: with one place it
# pushes out the whole one before that is taken, and half of the images are lost.
DEPTH = 2
SILENCE = 5.0  # seconds without an image after which the node says what it sees
KINDS = {'raw': ('image', Image), 'compressed': ('image/compressed', CompressedImage)}
OVERRIDABLE = (QoSPolicyKind.HISTORY, QoSPolicyKind.DEPTH)  # reliability: image_reliability
POLICIES = {'reliable': ReliabilityPolicy.RELIABLE, 'best_effort': ReliabilityPolicy.BEST_EFFORT}


class ImageSubscription:
    """
    The subscription to one camera.

    :param node: whose it is
    :param prefix: of the topic: '' or 'front/'
    :param kind: raw or compressed
    :param callback: takes each image
    :param lost: is told how many images the middleware lost
    """

    def __init__(
        self,
        node: Node,
        prefix: str,
        kind: str,
        callback: Callable[[Image | CompressedImage], None],
        lost: Callable[[int], None],
    ) -> None:
        self._node, self._callback, self._lost = node, callback, lost
        name, self._kind = KINDS[kind]
        self._name = prefix + name
        self.topic = node.resolve_topic_name(self._name)
        self._subscription = None
        self._policy: ReliabilityPolicy | None = None
        self._told: set[str] = set()
        self._since = time.monotonic()
        self._lock = Lock()

    def start(self, reliability: str) -> None:
        """Subscribe; see the parameter image_reliability."""
        self._since = time.monotonic()
        with self._lock:
            self._subscribe(self._wanted(reliability))

    def stop(self) -> None:
        """Unsubscribe."""
        with self._lock:
            self._unsubscribe()

    def _unsubscribe(self) -> None:
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    @property
    def publishers(self) -> int:
        """How many publishers there are on the topic."""
        return self._node.count_publishers(self.topic)

    def match(self, reliability: str) -> None:
        """Subscribe anew when the publishers' reliability, or what is asked for, has changed."""
        with self._lock:  # a transition may stop the source in another thread
            if self._subscription is None:
                return
            policy = self._wanted(reliability)
            if policy != self._policy:
                self._unsubscribe()
                self._subscribe(policy)
            self._compare()

    def _wanted(self, reliability: str) -> ReliabilityPolicy:
        if reliability == 'auto':
            return matching_reliability(self._node, self._name)
        return POLICIES[reliability]

    def _subscribe(self, policy: ReliabilityPolicy) -> None:
        self._policy = policy
        self._subscription = self._node.create_subscription(
            self._kind, self._name, self._callback, self._profile(),
            callback_group=Images(),
            event_callbacks=compat.loss_events(self._on_lost),
            qos_overriding_options=QoSOverridingOptions(OVERRIDABLE))
        compat.keep_quiet(self._subscription)
        self._node.get_logger().info(
            f'subscribed to {self.topic} ({policy.name.lower().replace("_", " ")})')

    def _on_lost(self, event: object) -> None:
        self._lost(event.total_count_change)

    def _profile(self) -> QoSProfile:
        return QoSProfile(
            depth=DEPTH, history=HistoryPolicy.KEEP_LAST, reliability=self._policy,
            durability=DurabilityPolicy.VOLATILE)

    def _compare(self) -> None:
        """Say once when a publisher offers a quality of service that cannot match."""
        for offer in self._node.get_publishers_info_by_topic(self._name):
            reason = mismatch(offer.qos_profile, self._profile())
            if reason and 'qos' not in self._told:
                self._told.add('qos')
                self._node.get_logger().error(
                    f'no image will come from the node {offer.node_name}, whose QoS on '
                    f'{self.topic} does not match ({reason}): set the parameter '
                    'image_reliability to auto or best_effort')

    def explain_silence(self, received: int) -> None:
        """Say once what the graph looks like when no image has come for a while."""
        if received or self._subscription is None or 'silence' in self._told:
            return
        if time.monotonic() - self._since < SILENCE:
            return
        self._told.add('silence')
        self._node.get_logger().warning(
            f'no image has come on {self.topic}, which has {self.publishers} publishers. '
            f'{self._silent() if self.publishers else self._alternatives()}')

    def _silent(self) -> str:
        return ('Does the camera deliver, is the bag or the simulation paused? A publisher with '
                'use_sim_time waits until somebody publishes /clock.')

    def _alternatives(self) -> str:
        kind = f'sensor_msgs/msg/{self._kind.__name__}'
        outputs = tuple(f'{name}/' for name in self._segmenters())
        topics = [
            name for name, kinds in self._node.get_topic_names_and_types()
            if kind in kinds and name != self.topic and not name.startswith(outputs)
            and self._node.count_publishers(name)]
        if not topics:
            return f'No other topic of {kind} is published: is the camera running?'
        return (
            f'Images are on {", ".join(topics)}: remap with --ros-args -r '
            f'{self._name}:={topics[0]}')

    def _segmenters(self) -> list[str]:
        """Full names of all FastSAM nodes, this one too: their images are not a camera's."""
        return [
            name.rpartition('/')[0]
            for name, kinds in self._node.get_service_names_and_types()
            if 'fastsam_ros/srv/Prompt' in kinds]
