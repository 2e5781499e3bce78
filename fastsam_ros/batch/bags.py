# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
ROS 2 bags, without ROS: a copy of the bag with segments on a topic beside the original ones.

As with videos, what the network found goes to the journal at once, and a run that goes on after
an interruption asks the network only about images it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from pathlib import Path

import cv2

from fastsam_ros.batch.frames import results
from fastsam_ros.batch.run import Run
from fastsam_ros.batch.writers import frame_writers
from fastsam_ros.core.errors import BackendError, ImageError
from fastsam_ros.core.images import contiguous
from fastsam_ros.media import image_encodings
from fastsam_ros.media.frames import Clock, Frame
from fastsam_ros.media.sources import Source

try:
    from rosbags.highlevel import AnyReader, AnyReaderError
    from rosbags.interfaces import Connection
    from rosbags.rosbag2 import ReaderError
    from rosbags.serde import SerdeError
except ModuleNotFoundError as missing:
    raise BackendError(
        f'bags need {missing.name}, which is not installed: pip install rosbags'
    ) from missing

from fastsam_ros.media.bags.copy import copy
from fastsam_ros.media.bags.depth import BagDepth, find_depth
from fastsam_ros.media.bags.messages import typestore
from fastsam_ros.media.bags.space import BagSpace

IMAGE, COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
BROKEN = (AnyReaderError, ImageError, SerdeError, ValueError, TypeError, cv2.error)
TICK = 1_000_000  # nanoseconds
EVERYTHING, PROMPTED = '/fastsam/', '/fastsam/prompted/'  # what topics in space begin with


def segment_bag(run: Run, source: Source) -> None:
    """
    Segment the images of a bag and write what is wanted of it.

    :param run: what is wanted
    :param source: the bag
    :raises Stopped: when the user asked for the end
    """
    run.attempt(source, partial(_read, run, source))


def _read(run: Run, source: Source) -> ImageError | None:
    """Do a bag, all but the images that are broken; what is said of those."""
    try:
        with AnyReader([source.path], default_typestore=typestore()) as reader:
            images = Images(run.topic, source.path, reader)
            _segment(run, source, images)
    except (AnyReaderError, ReaderError, OSError) as error:
        raise ImageError(str(error)) from error
    if images.broken:
        return images.incomplete(images.broken, 'cannot be decoded and have no segments')
    if images.flat:
        return images.incomplete(images.flat, 'have segments but no place in space')
    return None


def _segment(run: Run, source: Source, images: Images) -> None:
    with ExitStack() as stack:
        outputs = frame_writers(run.layout, source, images.clock, run.prompts, run.fixed)
        writers = [stack.enter_context(output) for output in outputs]
        if 'bag' in run.layout.formats:
            space = _space(run, source, images, stack)
            write_segments, images.pass_on = stack.enter_context(
                copy(source, images.reader, run.layout.bag(source), run.prompts, space))
            writers.append(write_segments)
        bar = run.progress.begin(f'{source.name} {images.topic}', images.count)
        for number, (frame, result) in enumerate(results(run, source, images, images.clock)):
            for write in writers:
                write(number, frame, result)
            run.progress.step(bar)


def _space(run: Run, source: Source, images: Images, stack: ExitStack) -> BagSpace | None:
    """What makes messages in space, if they are wanted."""
    if run.depth is None:
        return None
    depth = BagDepth(source.path, typestore(), images.topic, run.depth)
    stack.callback(depth.close)
    space = BagSpace(depth, typestore(), PROMPTED if run.prompts else EVERYTHING)
    images.flat = space.missing
    return space


class Images:
    """
    The images on one topic of a bag, while all its messages pass by.

    :param topic: which is wanted; '': the only one
    :param path: of the bag
    :param reader: of it, open
    :raises ImageError: when it has no images, or several topics of them and none was chosen
    """

    def __init__(self, topic: str, path: Path, reader: AnyReader) -> None:
        self.reader = reader
        self.connections = _image_connections(path, reader, topic)
        self.topic = self.connections[0].topic
        self.count = sum(connection.msgcount for connection in self.connections)
        self.pass_on: Callable[[Connection, int, bytes], None] | None = None
        self.broken: list[tuple[int, Exception]] = []
        self.flat: list[tuple[int, Exception]] = []

    @property
    def clock(self) -> Clock:
        """How times of the images are counted."""
        seconds = Fraction(max(self.reader.duration, 1), 1_000_000_000)
        rate = (self.count / seconds).limit_denominator(1000)
        return Clock(min(max(rate, Fraction(1)), Fraction(240)), Fraction(TICK, 1_000_000_000))

    def incomplete(self, failures: list[tuple[int, Exception]], what: str) -> ImageError:
        """What is said of images for which not all could be done."""
        first, error = failures[0]
        return ImageError(
            f'{len(failures)} of {self.count} images {what}; the first was recorded at {first} '
            f'ns: {error}')

    def __iter__(self) -> Iterator[Frame]:
        """Decode images; when there is a `pass_on`, it gets every message of the bag."""
        wanted = self.reader.connections if self.pass_on else self.connections
        for connection, stamp, data in self.reader.messages(wanted):
            if self.pass_on:
                self.pass_on(connection, stamp, data)
            if connection in self.connections:
                try:
                    yield self._frame(connection, stamp, data)
                except BROKEN as error:
                    self.broken.append((stamp, error))

    def _frame(self, connection: Connection, stamp: int, data: bytes) -> Frame:
        message = self.reader.deserialize(data, connection.msgtype)
        if connection.msgtype == COMPRESSED:
            image = image_encodings.decode(message)
        else:
            image = image_encodings.to_rgb(message)
        image = contiguous(image)
        time = max(stamp - self.reader.start_time, 0) // TICK
        return Frame(image, time, stamp, message.header)


def _image_connections(path: Path, reader: AnyReader, topic: str) -> list[Connection]:
    images = [c for c in reader.connections if c.msgtype in (IMAGE, COMPRESSED)]
    topics = sorted({connection.topic for connection in images})
    if not topic and len(topics) > 1:  # depth is not what is to be segmented
        topics = sorted({*topics} - {*find_depth(reader)}) or topics
    if not topics:
        raise ImageError(f'{path} holds no images')
    chosen = f'/{topic.lstrip("/")}' if topic else topics[0]
    if chosen not in topics or (not topic and len(topics) > 1):
        asked = 'it has several image topics'
        if topic:
            asked = f'{chosen} is not one of its image topics'
        raise ImageError(f'{path}: {asked}; choose one with --topic: {", ".join(topics)}')
    return [connection for connection in images if connection.topic == chosen]
