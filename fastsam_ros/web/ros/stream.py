# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One camera's frames and segments, joined by stamp and made into packets, once for everyone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
import time
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image
from visualization_msgs.msg import MarkerArray

from fastsam_ros.core.errors import ImageError
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.callback_errors import guarded
from fastsam_ros.ros.topics.qos import matching_reliability
from fastsam_ros.web.ros import pictures
from fastsam_ros.web.ros.encoder import Encoder
from fastsam_ros.web.ros.frames import Frames, Pairs
from fastsam_ros.web.ros.places import places
from fastsam_ros.web.session import packets
from fastsam_ros.web.session.clients import Packet
from fastsam_ros.web.session.pace import Pace

ALONE_EVERY = 0.1  # seconds between frames that are shown without segments, as with on_demand
SANE_AGE = 60.0  # seconds; a stamp farther from now is from another clock, as in a bag


@dataclass(frozen=True)
class Source:
    """
    Where a camera's messages come from.

    :param camera: its name; '' for the only one
    :param image: topic of its pictures
    :param kind: their type
    :param results: topics of what the node finds begin with it
    """

    camera: str
    image: str
    kind: type[Image | CompressedImage]
    results: str


class Result:
    """
    What the node found in a frame.

    :param message: as it came
    """

    def __init__(self, message: SegmentationArray) -> None:
        self.message = message

    @cached_property
    def columns(self) -> tuple[dict[str, list], bytes]:
        """For packets: made when the first one needs them, and once."""
        return packets.columns(self.message.segmentations)


class Stream:
    """
    Subscribed to a camera as long as it is open; used in the executor's thread alone.

    :param node: that subscribes
    :param source: what to
    :param encoder: shared by all cameras
    :param deliver: takes packets; called from the encoder's thread too
    """

    def __init__(
        self, node: Node, source: Source, encoder: Encoder, deliver: Callable[[Packet], None]
    ) -> None:
        self._node, self._source = node, source
        self.logger = node.get_logger()
        self._encoder, self._deliver = encoder, deliver
        self._pairs: Pairs[Result] = Pairs(Frames(self._shrink))
        self._results, self._joins = Pace(), Pace()
        self._carried: Pairs[Result] = Pairs(Frames(lambda _: None))
        self._carries = Pace()
        self._alone = time.monotonic()
        self._frame_id = ''  # of the camera
        self._found = False  # whether anything that stands was in the last frame with a result
        self.looked_at = True  # nothing is encoded while nobody looks
        self.smooth = False  # whether somebody wants every frame, with what stands alone
        self.whole = True  # whether somebody wants frames with all segments
        self.kept = False  # whether anything stands: then it may have places in space
        self._reliability = matching_reliability(node, source.image)
        self._image = self._subscribe_to_image()
        self._others = [
            node.create_subscription(SegmentationArray, topic, callback, QoSProfile(
                depth=depth, reliability=matching_reliability(node, topic)))
            for topic, callback, depth in (
                (f'{source.results}/segmentations', self._on_segmentations, 5),
                (f'{source.results}/prompted', self._on_prompted, 10))
        ]
        self._costly: dict[str, Subscription] = {}  # by topic

    def close(self) -> None:
        """Subscribe to nothing any more."""
        for subscription in (self._image, *self._others, *self._costly.values()):
            self._node.destroy_subscription(subscription)

    def match(self) -> None:
        """Subscribe to what is wanted now, and anew when the camera's reliability has changed."""
        self._want(f'{self._source.results}/tracked', SegmentationArray, self._on_tracked,
                   self.smooth)
        self._want(f'{self._source.results}/prompted/markers', MarkerArray, self._on_markers,
                   self.looked_at and self.kept)
        reliability = matching_reliability(self._node, self._source.image)
        there = self._node.count_publishers(self._source.image)
        if there and reliability != self._reliability:
            self._reliability = reliability
            self._node.destroy_subscription(self._image)
            self._image = self._subscribe_to_image()

    def _want(
        self, topic: str, kind: type, callback: Callable[[Any], None], wanted: bool
    ) -> None:
        """Subscribe to what the node makes for its subscribers alone, or no more."""
        if wanted and topic not in self._costly and self._node.count_publishers(topic):
            self._costly[topic] = self._node.create_subscription(kind, topic, callback, 5)
        elif not wanted and topic in self._costly:
            self._node.destroy_subscription(self._costly.pop(topic))

    def _subscribe_to_image(self) -> Subscription:
        return self._node.create_subscription(
            self._source.kind, self._source.image, self._on_image,
            QoSProfile(depth=10, reliability=self._reliability), raw=True)

    @guarded
    def _on_image(self, message: bytes) -> None:
        stamp, now = pictures.stamp_of(message), time.monotonic()
        if self._joins.silent and now - self._alone > ALONE_EVERY:
            self._alone = now
            self._offer(stamp, message, True, None)
        if self.smooth:
            self._carry(stamp, self._carried.frame(stamp, message))
        self._join(stamp, self._pairs.frame(stamp, message))

    @guarded
    def _on_segmentations(self, message: SegmentationArray) -> None:
        stamp, result = _stamp(message), Result(message)
        self._results.came()
        if self.smooth:
            self._deliver_segments('segments', result)
        self._join(stamp, self._pairs.result(stamp, result))

    def _join(self, stamp: tuple[int, int], pair: tuple | None) -> None:
        if pair is not None:
            self._joins.came()
            self._offer(stamp, *pair)

    @guarded
    def _on_tracked(self, message: SegmentationArray) -> None:
        stamp = _stamp(message)
        self._carry(stamp, self._carried.result(stamp, Result(message)))

    def _carry(self, stamp: tuple[int, int], pair: tuple | None) -> None:
        # Where things could not be carried to this frame, one that the network saw shows more.
        if pair is not None and (pair[-1].message.segmentations or not self._found):
            self._carries.came()
            self._offer(stamp, *pair, kind='tracked')

    @guarded
    def _on_prompted(self, message: SegmentationArray) -> None:
        self._frame_id, self._found = message.header.frame_id, bool(message.segmentations)
        self._deliver_segments('prompted', Result(message))

    def _deliver_segments(self, kind: str, result: Result) -> None:
        """Without a picture."""
        table, counts = result.columns
        data = packets.pack({**self._header(kind, result.message), 'segments': table}, counts)
        self._deliver(Packet(kind, self._source.camera, _stamp(result.message), data))

    @guarded
    def _on_markers(self, message: MarkerArray) -> None:
        header = {'kind': 'places', 'camera': self._source.camera, 'stamp': (0, 0),
                  'places': places(message, self._frame_id)}
        self._deliver(Packet('places', self._source.camera, (0, 0), packets.pack(header)))

    def _offer(
        self, stamp: tuple[int, int], picture: bytes, whole: bool,
        result: Result | None, kind: str = 'frame',
    ) -> None:
        wanted = kind == 'tracked' or self.whole or self._carries.silent
        if self.looked_at and wanted:
            self._encoder.offer(
                (self._source.camera, kind),
                lambda: self._make(stamp, picture, whole, result, kind))

    def _make(
        self, stamp: tuple[int, int], picture: bytes, whole: bool,
        result: Result | None, kind: str,
    ) -> None:
        """Encode a frame; in the encoder's thread."""
        header = {
            'kind': kind, 'camera': self._source.camera, 'stamp': stamp,
            'age': self._age(stamp), 'segments': None}
        counts = b''
        if whole:
            message = self._read(picture)
            picture = self._encode(message)
            if isinstance(message, Image):  # else the browser sees how large it is
                header.update(width=message.width, height=message.height)
        if result is not None:
            header.update(self._header(kind, result.message))
            header['segments'], counts = result.columns
        if picture:
            data = packets.pack(
                {**header, 'media': packets.media_type(picture)}, counts, picture)
            self._deliver(Packet(kind, self._source.camera, stamp, data))

    def _header(self, kind: str, message: SegmentationArray) -> dict[str, Any]:
        return {
            'kind': kind, 'camera': self._source.camera, 'stamp': _stamp(message),
            'width': message.width, 'height': message.height}

    def _shrink(self, message: bytes) -> bytes | None:
        """For `Frames`: without results nobody asks for old frames, so no work goes into them."""
        return None if self._results.silent else self._encode(self._read(message))

    def _read(self, message: bytes) -> Image | CompressedImage:
        return pictures.read(message, self._source.kind)

    def _encode(self, message: Image | CompressedImage) -> bytes:
        """For the browser; empty when it cannot be."""
        try:
            return pictures.encode(message)
        except ImageError as error:
            self.logger.warning(
                f'a picture on {self._source.image} cannot be shown: {error}',
                throttle_duration_sec=5.0)
            return b''

    def _age(self, stamp: tuple[int, int]) -> float | None:
        """Milliseconds since the picture was taken; None when its clock is another."""
        now = self._node.get_clock().now().nanoseconds
        age = (now - stamp[0] * 10**9 - stamp[1]) / 1e6
        return round(age, 1) if 0 <= age < 1e3 * SANE_AGE else None


def _stamp(message: SegmentationArray) -> tuple[int, int]:
    return message.header.stamp.sec, message.header.stamp.nanosec
