# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Copies of ROS 2 bags with segments on a topic beside the original ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rosbags.highlevel import AnyReader
from rosbags.interfaces import Connection
from rosbags.rosbag2 import StoragePlugin, Writer

from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.prompts import Prompt
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.bags.messages import ARRAY, array_message, typestore
from fastsam_ros.media.bags.space import BagSpace
from fastsam_ros.media.frames import Frame
from fastsam_ros.media.marks import BAG_KEY, BAG_MARK
from fastsam_ros.media.partials import remove
from fastsam_ros.media.results import Result
from fastsam_ros.media.sources import BAGS, METADATA, Source

EVERYTHING, PROMPTED = '/fastsam/segmentations', '/fastsam/prompted'  # as the node names them
VERSION = 8  # of the bag format: the oldest that rosbags writes, which most ROS 2 versions read
UNKNOWN = 'RIHS01_' + 64 * '0'  # hash of a type whose definition an old bag lacks


Write = Callable[[int, Frame, Result], None]
PassOn = Callable[[Connection, int, bytes], None]


@contextmanager
def copy(
    source: Source, reader: AnyReader, target: Path, prompts: Sequence[Prompt],
    space: BagSpace | None = None,
) -> Iterator[tuple[Write, PassOn]]:
    """
    Make a copy of a bag.

    It gives what writes a frame's segments, and what wants every message of the bag.

    :param source: the bag
    :param reader: of it, open
    :param target: the file or folder of the copy
    :param prompts: what was asked; none: everything
    :param space: makes messages in space of each frame, beside its segments; or None
    :raises ImageError: when it has segments already
    :raises OutputError: when something else is where the copy goes
    """
    topic, store = PROMPTED if prompts else EVERYTHING, typestore()
    for name in (topic, *(space.topics if space else ())):
        if name in reader.topics:
            raise ImageError(f'{source.path} holds {name} already: give the bag without it')
    plugin = _plugin(target if target.suffix in BAGS else source.path)
    with replacing(target) as temporary:
        writer = Writer(temporary, version=VERSION, storage_plugin=plugin)
        writer.set_custom_data(BAG_KEY, BAG_MARK)
        with writer:
            copies = {c.id: _add(writer, c, reader) for c in reader.connections}
            segments = writer.add_connection(topic, ARRAY, typestore=store)
            places = [
                writer.add_connection(name, kind, typestore=store)
                for name, kind in (space.topics if space else {}).items()]

            def write(number: int, frame: Frame, result: Result) -> None:
                message = array_message(store, result, frame.header, prompts)
                writer.write(segments, frame.stamp, store.serialize_cdr(message, ARRAY))
                for place, message in zip(places, space.messages(frame, result) if space else ()):
                    data = store.serialize_cdr(message, place.msgtype)
                    writer.write(place, frame.stamp, data)

            def pass_on(connection: Connection, stamp: int, data: bytes) -> None:
                writer.write(copies[connection.id], stamp, data)

            yield write, pass_on
        if target.suffix in BAGS:
            _keep_file(temporary)


@contextmanager
def segments_alone(target: Path, prompts: Sequence[Prompt]) -> Iterator[Write]:
    """
    Make a bag of one file, with segments and nothing else, to be played beside the original.

    It gives what writes a frame's segments.

    :param target: the .mcap file
    :param prompts: what was asked; none: everything
    """
    store = typestore()
    writer = Writer(target, version=VERSION, storage_plugin=StoragePlugin.MCAP)
    writer.set_custom_data(BAG_KEY, BAG_MARK)
    with writer:
        topic = PROMPTED if prompts else EVERYTHING
        segments = writer.add_connection(topic, ARRAY, typestore=store)

        def write(number: int, frame: Frame, result: Result) -> None:
            message = array_message(store, result, frame.header, prompts)
            writer.write(segments, frame.stamp, store.serialize_cdr(message, ARRAY))

        yield write
    _keep_file(target)


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
