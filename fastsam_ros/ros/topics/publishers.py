# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera's output topics; what nobody subscribes to is not computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from fastsam_ros.core import Answer
from fastsam_ros.following.thing import State, Status
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros import compat
from fastsam_ros.ros.topics import detections, messages, segmentation_array
from fastsam_ros.ros.topics.detections import Detected
from fastsam_ros.ros.topics.qos import ANSWERS, LATCHED, RESULTS, mismatch, overridable
from fastsam_ros.ros.topics.result import Result


class Publishers:
    """
    The publishers of one camera.

    :param node: whose they are
    :param camera: its name; '' when it is the only one
    """

    def __init__(self, node: Node, camera: str) -> None:
        self._node, self._camera = node, camera
        self._profiles: dict[Publisher, QoSProfile] = {}
        self._told: set[Publisher] = set()
        self._lock = Lock()  # the topics against being taken away
        self._unseen: dict[Publisher, Callable[[], Image]] = {}  # latched, and nobody was there
        self._masked: set[Publisher] = set()  # whose last mask was of standing prompts
        try:
            self._create_all()
        except Exception:
            self.close()
            raise

    def _create_all(self) -> None:
        self._segmentations = self._create(SegmentationArray, 'segmentations')
        self._label_map = self._create(Image, 'label_map')
        self._overlay = self._create(Image, 'overlay')
        self._edges = self._create(Image, 'edges')
        self._prompted = self._create(SegmentationArray, 'prompted')
        self._mask = self._create(Image, 'mask')
        self._tracked = self._create(SegmentationArray, 'tracked')
        self._tracked_mask = self._create(Image, 'tracked_mask')
        self._answers = self._create(SegmentationArray, 'answers', ANSWERS)
        self._detected = self._create(SegmentationArray, 'detected')
        self._detections = self._create_detections()
        self._answer_mask = self._create(Image, 'answer_mask', LATCHED)
        self._answer_overlay = self._create(Image, 'answer_overlay', LATCHED)

    def _create(self, kind: type, name: str, profile: QoSProfile = RESULTS) -> Publisher:
        topic = f'~/{self._camera}/{name}' if self._camera else f'~/{name}'
        publisher = self._node.create_publisher(
            kind, topic, profile, event_callbacks=compat.NO_EVENTS,
            qos_overriding_options=QoSOverridingOptions(overridable(profile)))
        self._profiles[publisher] = profile
        return publisher

    def _create_detections(self) -> Publisher | None:
        """Segments for whoever speaks vision_msgs; None where that is not installed."""
        try:
            return self._create(detections.array_type('vision_msgs'), 'detections')
        except ModuleNotFoundError:
            return None

    def close(self) -> None:
        """Take the topics away."""
        with self._lock:
            self._unseen.clear()
            while self._profiles:
                self._node.destroy_publisher(self._profiles.popitem()[0])

    def rest(self) -> None:
        """Publish nothing that is known now; who subscribes later gets what comes later."""
        with self._lock:
            self._unseen.clear()

    def wants_everything(self) -> bool:
        """Whether anybody subscribes to an output that is made of all segments."""
        return _anybody(
            self._segmentations, self._label_map, self._overlay, self._detections, self._edges)

    def everything(self, result: Result) -> None:
        """Publish all segments of a frame."""
        wanted = {
            publisher: make for publisher, make in (
                (self._segmentations, segmentation_array.everything),
                (self._label_map, messages.label_map),
                (self._detections, detections.detections_message))
            if _anybody(publisher)}
        if wanted:
            order = messages.by_area(result)
            for publisher, make in wanted.items():
                publisher.publish(make(result, order))

    def prompted(self, header: Header, size: tuple[int, int], statuses: Sequence[Status]) -> None:
        """
        Publish how the standing prompts stand on a frame; for none, once, that there is no mask.

        :param size: height and width of the image
        """
        self._publish_standing(self._prompted, self._mask, header, size, statuses)

    def shows_a_mask(self) -> bool:
        """Whether the last `~/mask` is of standing prompts, and somebody looks at it."""
        return self._mask in self._masked and _anybody(self._mask)

    def wants_tracked(self) -> bool:
        """Whether anybody listens to where the things are on each frame of the camera."""
        return _anybody(self._tracked, self._tracked_mask)

    def tracked(self, header: Header, size: tuple[int, int], statuses: Sequence[Status]) -> None:
        """The same as `prompted`, for a frame that the things were carried to."""
        self._publish_standing(self._tracked, self._tracked_mask, header, size, statuses)

    def _publish_standing(
        self, found: Publisher, mask: Publisher, header: Header, size: tuple[int, int],
        statuses: Sequence[Status],
    ) -> None:
        if statuses and _anybody(found):
            found.publish(segmentation_array.prompted(header, size, self._camera, statuses))
        if (statuses or mask in self._masked) and _anybody(mask):
            runs = [segment.runs for s in statuses for segment in s.segments]
            mask.publish(messages.mask(header, size, runs))
        (self._masked.add if statuses else self._masked.discard)(mask)

    def wants_detected(self) -> bool:
        """Whether anybody looks at what answers a detector's boxes."""
        return _anybody(self._detected)

    def detected(self, result: Result, found: Sequence[Detected]) -> None:
        """
        Publish what answers a detector's boxes.

        :param found: in the order of the boxes
        """
        self._detected.publish(messages.detected_message(result, found))

    def wants_pictures(self) -> bool:
        """Whether anybody looks at what takes its time: the overlay or the edges."""
        return _anybody(self._overlay, self._edges)

    def paint(self, result: Result, statuses: Sequence[Status], picture: np.ndarray) -> None:
        """
        Publish the overlay, of the standing prompts or of everything when none stands; edges.

        :param picture: the frame's, (H, W, 3) uint8 RGB
        """
        if _anybody(self._edges):
            self._edges.publish(messages.edges(result))
        if not _anybody(self._overlay):
            return
        if statuses:
            segments = [segment for s in statuses for segment in s.segments]
            missing = [
                f'{s.name}: {s.state.name.lower()}' for s in statuses
                if s.state != State.FOLLOWED]
            self._overlay.publish(messages.overlay(result.header, picture, segments, missing))
        else:
            self._overlay.publish(messages.overlay_of_everything(result, picture))

    def answer(
        self, result: Result, answers: Sequence[Answer], message: SegmentationArray,
        picture: np.ndarray,
    ) -> None:
        """
        Publish a one-shot answer.

        :param message: the response's
        :param picture: the frame's, (H, W, 3) uint8 RGB
        """
        if _anybody(self._answers):
            self._answers.publish(message)

        def mask() -> Image:
            runs = [runs for answer in answers for runs in answer.run_lengths()]
            return messages.mask(result.header, (result.scene.height, result.scene.width), runs)

        def overlay() -> Image:
            segments = [s for answer in answers for s in messages.matches(result, answer)]
            return messages.overlay(result.header, picture, segments)

        with self._lock:
            self._unseen = {self._answer_mask: mask, self._answer_overlay: overlay}
            self._latch()

    def _latch(self) -> None:
        """Publish what is latched to who subscribes to it, if it was not yet."""
        for publisher in [p for p in self._unseen if _anybody(p)]:
            publisher.publish(self._unseen.pop(publisher)())

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


def _anybody(*publishers: Publisher | None) -> bool:
    """Whether anybody subscribes to one of them."""
    return any(publisher.get_subscription_count() for publisher in publishers if publisher)
