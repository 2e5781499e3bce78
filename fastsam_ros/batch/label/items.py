# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The pictures of a partition, read ahead in threads; those that can't be read as errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import PurePosixPath
import tarfile
import zlib

from fastsam_ros.batch.label.partitions import Partition
from fastsam_ros.core.errors import ImageError
from fastsam_ros.media.frames import Frame
from fastsam_ros.media.images import decode_picture
from fastsam_ros.media.sources import PICTURES

AHEAD, THREADS = 8, 2
Item = tuple[str, Frame | Exception]  # key, and the picture or why there is none


def read_items(partition: Partition, topic: str = '') -> Iterator[Item]:
    """
    Keys and pictures of a partition, in order.

    A tar or bag that ends too early gives what came before, and an error under its own name.

    :param partition: what to read
    :param topic: of the images in bags; '': the only one
    """
    if partition.kind == 'bag':
        yield from _read_bag(partition, topic)
        return
    with ThreadPoolExecutor(THREADS, 'read') as pool:
        waiting: deque[tuple[str, Future]] = deque()
        for key, load in read_files(partition):
            if isinstance(load, Exception):
                while waiting:
                    yield _loaded(*waiting.popleft())
                yield key, load
                continue
            waiting.append((key, pool.submit(_decode, load, key)))
            if len(waiting) > AHEAD:
                yield _loaded(*waiting.popleft())
        while waiting:
            yield _loaded(*waiting.popleft())


def read_files(partition: Partition) -> Iterator[tuple[str, object]]:
    """
    Keys of a partition's pictures, and functions that give the bytes of each file.

    :param partition: of pictures or a tar; where its end is missing the last item is an error, and
        so is what says that it lies outside of the tar
    """
    if partition.kind == 'tar':
        yield from _read_tar(partition)
        return
    for member in partition.members:
        yield partition.prefix + member, (partition.place / member).read


def _read_tar(partition: Partition) -> Iterator[tuple[str, object]]:
    try:
        with partition.place.open() as file, tarfile.open(fileobj=file, mode='r|*') as tar:
            for member in tar:
                name = member.name.removeprefix('./')
                if not member.isfile() or PurePosixPath(name).suffix.lower() not in PICTURES:
                    continue
                key = partition.prefix + name
                if not lies_inside(name):
                    yield key, ImageError(f'{key} would lie outside of its tar: pack it anew')
                    continue
                data = tar.extractfile(member).read()
                yield key, partial(bytes, data)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        text = f'{partition.place} cannot be read to its end: {error or type(error).__name__}'
        yield partition.prefix.rstrip('/'), ImageError(text)


def lies_inside(name: str) -> bool:
    """Whether a path stays in the folder that it is put into."""
    path = PurePosixPath(name)
    return not path.is_absolute() and '..' not in path.parts


def _decode(load, key: str) -> Frame:
    try:
        data = load()
    except OSError as error:
        raise ImageError(f'{key} cannot be read: {error}') from error
    return Frame(decode_picture(data, key))


def _loaded(key: str, future: Future) -> Item:
    try:
        return key, future.result()
    except ImageError as error:
        return key, error


def _read_bag(partition: Partition, topic: str) -> Iterator[Item]:
    """The images of a bag; their keys end with the topic and when each was recorded."""
    from rosbags.highlevel import AnyReader, AnyReaderError
    from rosbags.rosbag2 import ReaderError

    from fastsam_ros.batch.bags import Images
    from fastsam_ros.media.bags.messages import typestore

    name = partition.prefix.rstrip('/')
    try:
        with (
            partition.place.fetched() as path,
            AnyReader([path], default_typestore=typestore()) as reader,
        ):
            images = Images(topic, path, reader)
            start = f'{name}{images.topic}/'
            with closing(iter(images)) as frames:
                for frame in frames:
                    yield f'{start}{frame.stamp}', frame
                    yield from _broken(images, start)
            yield from _broken(images, start)
    except (AnyReaderError, ReaderError, ImageError, OSError) as error:
        yield name, ImageError(f'{partition.place} cannot be read to its end: {error}')


def _broken(images, start: str) -> Iterator[Item]:
    for stamp, error in images.broken:
        yield f'{start}{stamp}', ImageError(f'{start}{stamp} cannot be decoded: {error}')
    images.broken.clear()
