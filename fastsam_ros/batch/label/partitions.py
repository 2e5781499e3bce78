# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What there is to label, cut into pieces of work that are the same wherever they are listed.

A tar or a bag is a partition; pictures that lie in a folder are sorted and cut into chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
import hashlib
from pathlib import PurePosixPath
import re

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.media.sources import BAGS, METADATA, PICTURES, natural
from fastsam_ros.media.storage import Place

TARS = ('.tar', '.tar.gz', '.tgz')
LISTS = ('.txt',)
CHUNK = 500  # pictures of a folder in one partition


@dataclass(frozen=True)
class Partition:
    """
    A piece of work.

    :param name: of its outputs; unlike all others, and fit for a file
    :param kind: pictures, tar or bag
    :param place: the folder that the pictures are in, the tar or the bag
    :param prefix: what the keys of its pictures begin with
    :param members: of pictures: paths below the folder
    """

    name: str
    kind: str
    place: Place
    prefix: str = ''
    members: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What its outputs depend on besides the pixels: another list is labelled anew."""
        text = '\n'.join([self.kind, self.prefix, *self.members])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def list_partitions(source: str, chunk: int = CHUNK) -> list[Partition]:
    """
    Cut a source into partitions.

    :param source: a folder, a tar, a bag, or a .txt file with one of these a line; a path or URL
    :param chunk: pictures of a folder in one partition
    :return: in an order that depends on names alone
    :raises ParameterError: when there is nothing to label, or no such place
    """
    found = list(_expand(Place(source), chunk))
    if not found:
        raise ParameterError(f'{source} holds no picture, tar or bag')
    return _named_apart(found)


def take_shard(partitions: Sequence[Partition], shard: tuple[int, int]) -> list[Partition]:
    """
    The partitions of one shard.

    :param partitions: all
    :param shard: which, counted from 1, and of how many
    """
    number, count = shard
    return list(partitions[number - 1 :: count])


def _expand(place: Place, chunk: int, prefix: str = '') -> Iterator[Partition]:
    lower = place.name.lower()
    if not place.exists():
        raise ParameterError(f'{place} does not exist')
    if place.is_dir():
        if (place / METADATA).exists():
            yield Partition(_safe(prefix + place.name), 'bag', place, f'{prefix}{place.name}/')
        else:
            yield from _walk(place, chunk, prefix)
    elif lower.endswith(LISTS):
        yield from _read_list(place, chunk)
    elif lower.endswith((*TARS, *BAGS)):
        kind = 'tar' if lower.endswith(TARS) else 'bag'
        yield Partition(_safe(prefix + place.name), kind, place, f'{prefix}{place.name}/')
    else:
        raise ParameterError(
            f'{place} is neither a folder, a tar, a bag nor a .txt list of these')


def _read_list(place: Place, chunk: int) -> Iterator[Partition]:
    lines = [line.strip() for line in place.read().decode().splitlines()]
    for line in lines:
        if line and not line.startswith('#'):
            inner = Place(line)
            yield from _expand(inner, chunk, f'{inner.name}/' if inner.is_dir() else '')


def _walk(folder: Place, chunk: int, prefix: str) -> Iterator[Partition]:
    """Bags and tars below a folder, then its pictures in chunks; without what is hidden."""
    pictures: list[str] = []
    bag = ''
    for below, files in sorted(folder.walk(), key=lambda entry: natural(entry[0])):
        start = f'{below}/' if below else ''
        if f'/{start}'.find('/.') >= 0 or (bag and start.startswith(bag)):
            continue
        if METADATA in files:
            bag = start
            yield Partition(_safe(prefix + below), 'bag', folder / below, prefix + start)
            continue
        for name in sorted(files, key=natural):
            if name.startswith('.'):
                continue
            if PurePosixPath(name).suffix.lower() in PICTURES:
                pictures.append(start + name)
            elif name.lower().endswith((*TARS, *BAGS)):
                yield from _expand(folder / (start + name), chunk, prefix + start)
    for number, first in enumerate(range(0, len(pictures), chunk)):
        members = tuple(pictures[first : first + chunk])
        name = _safe(f'{prefix}pictures-{number:06d}')
        yield Partition(name, 'pictures', folder, prefix, members)


def _safe(name: str) -> str:
    return re.sub(r'[^\w.-]+', '_', name.strip('/'))


def _named_apart(partitions: Iterable[Partition]) -> list[Partition]:
    """Number names that several have; the order says which is which."""
    taken: dict[str, int] = {}
    named = []
    for partition in partitions:
        count = taken[partition.name] = taken.get(partition.name, 0) + 1
        again = '' if count == 1 else f'-{count}'
        named.append(replace(
            partition, name=partition.name + again,
            prefix=f'{count}/{partition.prefix}' if again else partition.prefix))
    return named
