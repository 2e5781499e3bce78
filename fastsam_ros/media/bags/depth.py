# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The depth that belongs to the images of a bag, brought onto them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection
from rosbags.typesys.store import Typestore

from fastsam_ros.core.errors import DepthError, ImageError
from fastsam_ros.media.frames import Frame
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import METRES, MILLIMETRES, DepthImage
from fastsam_ros.space.pairing import Pairing
from fastsam_ros.space.projection import register
from fastsam_ros.space.transforms import StaticFrames, Transform

IMAGE, STATIC = 'sensor_msgs/msg/Image', '/tf_static'
SLOP = 0.02  # seconds between an image and its depth where no stamp is equal, as the node's


def find_depth(reader: AnyReader) -> list[str]:
    """The topics of a bag that hold depth images, by the encoding of their first."""
    found = []
    for connection in reader.connections:
        if connection.msgtype == IMAGE and connection.msgcount:
            message = next(_messages(reader, [connection]))
            if message.encoding in (*MILLIMETRES, METRES):
                found.append(connection.topic)
    return sorted({*found})


@dataclass(frozen=True, eq=False)
class Place:
    """An image's depth and camera."""

    depth: DepthImage
    camera: CameraModel


class BagDepth:
    """
    Reads a bag's depth beside its images, which come in order.

    :param path: of the bag
    :param store: which messages are known
    :param image_topic: of the images
    :param topic: of the depth; '': the only one
    :raises ImageError: when it is not clear which depth is meant, or nothing says what the camera
        is like
    """

    def __init__(self, path: Path, store: Typestore, image_topic: str, topic: str = '') -> None:
        self._stack = ExitStack()
        self._reader = self._stack.enter_context(AnyReader([path], default_typestore=store))
        try:
            self.topic = self._choose(path, topic)
            self._info = self._first(path, _sibling(image_topic))
            self._frames = self._static_frames()
        except BaseException:
            self.close()
            raise
        self._rest = _messages(self._reader, self._connections(self.topic))
        self._pairing: Pairing[int, object] = Pairing(SLOP)
        self._path = path

    def close(self) -> None:
        """Close the bag."""
        self._stack.close()

    def __call__(self, frame: Frame) -> Place:
        """
        The depth of an image.

        :param frame: the image; its stamp is not before that of the last one
        :raises DepthError: when there is none, or it cannot be brought onto the image
        """
        height, width = frame.image.shape[:2]
        camera = CameraModel.from_info(self._info, width, height)
        message = self._paired(_nanoseconds(frame.header))
        depth = DepthImage.from_message(message)
        frames = message.header.frame_id, frame.header.frame_id
        found = register(
            depth, frames, camera,
            lambda: CameraModel.from_info(
                self._first(self._path, _sibling(self.topic)), depth.width, depth.height),
            lambda: self._frames.lookup(frames[1], frames[0]))
        return Place(found.depth, camera)

    def _paired(self, stamp: int) -> object:
        """The depth message of a time."""
        decided = self._pairing.add_image(stamp, stamp)
        while not decided:
            message = next(self._rest, None)
            decided = (
                self._pairing.flush() if message is None
                else self._pairing.add_depth(
                    _nanoseconds(message.header), message, len(message.data)))
        if decided[-1].depth is None:
            raise DepthError(
                f'no depth of {self.topic} was taken within {SLOP:g} s of the image: the nearest '
                f'is {decided[-1].difference:.3f} s away')
        return decided[-1].depth

    def _choose(self, path: Path, topic: str) -> str:
        topics = find_depth(self._reader)
        chosen = f'/{topic.lstrip("/")}' if topic else ''.join(topics[:1])
        if chosen not in topics or (not topic and len(topics) > 1):
            known = ', '.join(topics) or 'no topic holds 16UC1 or 32FC1 images'
            raise ImageError(f'{path}: which depth? Choose with --depth-topic: {known}')
        return chosen

    def _first(self, path: Path, topic: str) -> object:
        message = next(_messages(self._reader, self._connections(topic)), None)
        if message is None:
            raise ImageError(
                f'{path} holds no {topic}, without which depth has no place in space')
        return message

    def _static_frames(self) -> StaticFrames:
        frames = StaticFrames()
        for message in _messages(self._reader, self._connections(STATIC)):
            for stamped in message.transforms:
                move, turn = stamped.transform.translation, stamped.transform.rotation
                frames.add(
                    stamped.header.frame_id, stamped.child_frame_id, Transform.from_pose(
                        [move.x, move.y, move.z, turn.x, turn.y, turn.z, turn.w]))
        return frames

    def _connections(self, topic: str) -> list[Connection]:
        return [c for c in self._reader.connections if c.topic == topic]


def _messages(reader: AnyReader, connections: list[Connection]) -> Iterator[object]:
    """In order; of no connections none, where the reader would give all."""
    if connections:
        for connection, _, data in reader.messages(connections):
            yield reader.deserialize(data, connection.msgtype)


def _sibling(topic: str) -> str:
    """Where the camera info of a topic is."""
    return f'{topic.rpartition("/")[0]}/camera_info'


def _nanoseconds(header: object) -> int:
    return header.stamp.sec * 1_000_000_000 + header.stamp.nanosec
