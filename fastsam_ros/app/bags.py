# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
ROS 2 bags, without ROS: a copy of the bag with segments on a topic beside the original ones.

As with videos, what the network found goes to the journal at once, and a run that goes on after
an interruption asks the network only about images it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.app.files import remove, replacing
from fastsam_ros.app.results import Result
from fastsam_ros.app.run import Run
from fastsam_ros.app.sinks import Sink, places, sinks
from fastsam_ros.app.sources import BAGS, METADATA, Source
from fastsam_ros.core.errors import BackendError, ImageError, PromptError

try:
    from rosbags.highlevel import AnyReader, AnyReaderError
    from rosbags.image import ImageError as ConversionError
    from rosbags.image import compressed_image_to_cvimage, image_to_cvimage
    from rosbags.interfaces import Connection
    from rosbags.rosbag2 import ReaderError, StoragePlugin, Writer
except ModuleNotFoundError as missing:
    raise BackendError(
        f'bags need {missing.name}, which is not installed: pip install rosbags rosbags-image'
    ) from missing

from fastsam_ros.app.messages import ARRAY, array_message, typestore

IMAGE, COMPRESSED = 'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'
EVERYTHING, PROMPTED = '/fastsam/segmentations', '/fastsam/prompted'  # as the node names them
VERSION = 8  # of the bag format: the oldest that rosbags writes, which most ROS 2 versions read
BROKEN = (AnyReaderError, ConversionError, ImageError, ValueError, TypeError, cv2.error)
TICK = 1_000_000  # nanoseconds
UNKNOWN = 'RIHS01_' + 64 * '0'  # hash of a type whose definition an old bag lacks


@dataclass(frozen=True, eq=False)
class BagFrame:
    """
    An image of a bag.

    :param image: (H, W, 3) uint8 RGB
    :param header: its message's
    :param stamp: when it was recorded, nanoseconds
    :param time: the same since the bag's start, milliseconds
    """

    image: np.ndarray
    header: object
    stamp: int
    time: int


@dataclass(frozen=True)
class BagClock:
    """
    How times of a bag's frames are counted.

    :param rate: frames a second, on average
    """

    rate: Fraction
    tick: Fraction = Fraction(TICK, 1_000_000_000)


def segment_bag(run: Run, source: Source) -> None:
    """
    Segment the images of a bag and write what is wanted of it.

    :param run: what is wanted
    :param source: the bag
    :raises Stopped: when the user asked for the end
    """
    paths = places(run, source)
    if run.is_done(source, paths):
        run.finish(source, paths)
        return
    try:
        with AnyReader([source.path], default_typestore=typestore()) as reader:
            images = Images(run, source, reader)
            _segment(run, source, images)
        run.finish(source, paths)
        if images.broken:
            first, error = images.broken[0]
            run.fail(
                source,
                ImageError(
                    f'{len(images.broken)} of {images.count} images cannot be decoded and have '
                    f'no segments; the first was recorded at {first} ns: {error}'
                ),
            )
    except (AnyReaderError, ReaderError, ImageError, PromptError, OSError) as error:
        run.fail(source, error)


def _segment(run: Run, source: Source, images: Images) -> None:
    with ExitStack() as stack:
        writers = [stack.enter_context(sink) for sink in sinks(run, source, images.clock)]
        if 'bag' in run.layout.formats:
            writers.append(stack.enter_context(_copy(run, source, images)))
        bar = run.progress.begin(f'{source.name} {images.topic}', images.count)
        for number, (frame, result) in enumerate(run.results(source, iter(images))):
            for write in writers:
                write(number, frame, result)
            run.progress.step(bar)


class Images:
    """
    The images on one topic of a bag, while all its messages pass by.

    :param run: which topic is wanted
    :param source: the bag
    :param reader: of it, open
    :raises ImageError: when it has no images, or several topics of them and none was chosen
    """

    def __init__(self, run: Run, source: Source, reader: AnyReader) -> None:
        self.reader = reader
        self.connections = _image_connections(source.path, reader, run.topic)
        self.topic = self.connections[0].topic
        self.count = sum(connection.msgcount for connection in self.connections)
        self.pass_on: Callable[[Connection, int, bytes], None] | None = None
        self.broken: list[tuple[int, Exception]] = []

    @property
    def clock(self) -> BagClock:
        """Of the images."""
        seconds = Fraction(max(self.reader.duration, 1), 1_000_000_000)
        rate = (self.count / seconds).limit_denominator(1000)
        return BagClock(min(max(rate, Fraction(1)), Fraction(240)))

    def __iter__(self) -> Iterator[BagFrame]:
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

    def _frame(self, connection: Connection, stamp: int, data: bytes) -> BagFrame:
        message = self.reader.deserialize(data, connection.msgtype)
        if connection.msgtype == COMPRESSED:
            image = compressed_image_to_cvimage(message, 'rgb8')
        else:
            _check(message)
            image = image_to_cvimage(message, 'rgb8')
        image = np.ascontiguousarray(image)
        time = max(stamp - self.reader.start_time, 0) // TICK
        return BagFrame(image, message.header, stamp, time)


def _check(message: object) -> None:
    """
    Look at what the converter takes for granted.

    :raises ImageError: when the data is shorter than the image
    """
    size = message.step * message.height
    if not size or not message.width or len(message.data) < size:
        raise ImageError(
            f'an image of {message.width}x{message.height} pixels with rows of {message.step} '
            f'bytes came with {len(message.data)} bytes of data'
        )


def _image_connections(path: Path, reader: AnyReader, topic: str) -> list[Connection]:
    images = [c for c in reader.connections if c.msgtype in (IMAGE, COMPRESSED)]
    topics = sorted({connection.topic for connection in images})
    if not topics:
        raise ImageError(f'{path} holds no images')
    chosen = f'/{topic.lstrip("/")}' if topic else topics[0]
    if chosen not in topics or (not topic and len(topics) > 1):
        asked = 'it has several image topics'
        if topic:
            asked = f'{chosen} is not one of its image topics'
        raise ImageError(f'{path}: {asked}; choose one with --topic: {", ".join(topics)}')
    return [connection for connection in images if connection.topic == chosen]


@contextmanager
def _copy(run: Run, source: Source, images: Images) -> Iterator[Sink]:
    """Make a copy of the bag with segments on a topic of their own."""
    topic, store = PROMPTED if run.prompts else EVERYTHING, typestore()
    if topic in images.reader.topics:
        raise ImageError(f'{source.path} holds {topic} already: give the bag without it')
    target = run.layout.bag(source)
    plugin = _plugin(target if target.suffix in BAGS else source.path)
    with replacing(target) as temporary:
        with Writer(temporary, version=VERSION, storage_plugin=plugin) as writer:
            copies = {c.id: _add(writer, c, images.reader) for c in images.reader.connections}
            segments = writer.add_connection(topic, ARRAY, typestore=store)
            images.pass_on = lambda c, stamp, data: writer.write(copies[c.id], stamp, data)

            def write(number: int, frame: BagFrame, result: Result) -> None:
                message = array_message(store, result, frame.header, run.prompts)
                writer.write(segments, frame.stamp, store.serialize_cdr(message, ARRAY))

            yield write
        if target.suffix in BAGS:
            _keep_file(temporary)
        else:
            _rename(temporary, target.name)


def _add(writer: Writer, connection: Connection, reader: AnyReader) -> Connection:
    """The same topic in the copy, with its definition as far as that is known."""
    known = connection.msgtype in reader.typestore.fielddefs
    text, digest = connection.msgdef.data, connection.digest
    if not text and known:
        text = reader.typestore.generate_msgdef(connection.msgtype, ros_version=2)[0]
    if not digest:
        digest = reader.typestore.hash_rihs01(connection.msgtype) if known else UNKNOWN
    return writer.add_connection(
        connection.topic,
        connection.msgtype,
        msgdef=text,
        rihs01=digest,
        serialization_format=connection.ext.serialization_format,
        offered_qos_profiles=connection.ext.offered_qos_profiles,
    )


def _plugin(path: Path) -> StoragePlugin:
    mcap = path.suffix == '.mcap' or any(path.glob('*.mcap'))
    return StoragePlugin.MCAP if mcap else StoragePlugin.SQLITE3


def _keep_file(folder: Path) -> None:
    """Replace a bag's folder by the one file that holds its messages."""
    (file,) = (path for path in folder.iterdir() if path.name != METADATA)
    aside = folder.with_name(f'{folder.name}.aside')
    file.replace(aside)
    remove(folder)
    aside.replace(folder)


def _rename(folder: Path, name: str) -> None:
    """Give the bag's file the name that belongs to the finished folder, also in its metadata."""
    for path in list(folder.iterdir()):
        if folder.name in path.name:
            path.rename(path.with_name(path.name.replace(folder.name, name)))
    metadata = folder / METADATA
    metadata.write_text(metadata.read_text().replace(folder.name, name))
