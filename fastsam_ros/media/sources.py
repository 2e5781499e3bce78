# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which pictures, videos and bags are meant by what a person typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
import glob
import os
from pathlib import Path, PurePosixPath
import re

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.media.downloads import fetch, is_address
from fastsam_ros.media.partials import PARTIAL

PICTURES = {
    '.jpg', '.jpeg', '.jpe', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm', '.pgm', '.avif',
    '.heic', '.heif'}
VIDEOS = {'.mp4', '.mov', '.mkv', '.avi', '.webm', '.m4v', '.mpg', '.mpeg', '.ts'}
BAGS = {'.mcap', '.db3'}
METADATA = 'metadata.yaml'  # what makes a folder a bag
_READ_AND_WRITTEN = (
    '{} is in the folder that is written to, and what is written would be read as well: give '
    'another --output, such as out'
)


@dataclass(frozen=True)
class Source:
    """
    A picture, a video or a bag.

    :param path: of it
    :param name: its path below the folder that was named, or its own name; with `/`; begins with
        as many of the folders above as tell it from all others
    :param kind: 'picture', 'video' or 'bag'
    """

    path: Path
    name: str
    kind: str

    @cached_property
    def key(self) -> str:
        """What changes when the file does: its path, size and time of change."""
        path = os.path.realpath(self.path)
        try:
            state = self.path.stat()
        except OSError:  # a link that leads nowhere, or gone by now: reading it says so
            return f'{path}|missing'
        return f'{path}|{state.st_size}|{state.st_mtime_ns}'


def find_sources(arguments: Iterable[str], leave_out: Path | None = None) -> list[Source]:
    """
    What files, folders and patterns stand for, in the order given; folders in natural order.

    :param arguments: as typed; a pattern that a shell would expand may be given as it is, and a
        picture's address on the web
    :param leave_out: a folder whose content doesn't count: that of the output
    :raises ImageError: when what is at an address cannot be fetched, or is no picture
    :raises FileNotFoundError: when one is not there, matches nothing, or holds nothing of use
    :raises ParameterError: when one is the folder of the output, or matches only what is in it
    """
    avoid = os.path.realpath(leave_out) if leave_out else ''
    found: dict[str, Source] = {}
    for argument in arguments:
        sources = list(_expand(argument, avoid))
        if not sources:
            raise FileNotFoundError(f'{argument} holds no picture, video or bag')
        for source in sources:
            found.setdefault(os.path.realpath(source.path), source)
    return _told_apart(list(found.values()))


def _told_apart(sources: list[Source]) -> list[Source]:
    """
    Lengthen names that several have, by the folders above.

    Such a name depends on nothing but paths, not on the order of the arguments: a run that goes
    on must not take the output of one file for that of another.
    """
    while True:
        often = Counter(source.name for source in sources)
        if len(often) == len(sources):
            return sources
        sources = [_lengthened(s) if often[s.name] > 1 else s for s in sources]


def _lengthened(source: Source) -> Source:
    parts = Path(os.path.abspath(source.path)).parts[1:]  # without the root
    count = len(PurePosixPath(source.name).parts) + 1
    return replace(source, name='/'.join(parts[-count:]))


def _expand(argument: str, avoid: str) -> Iterator[Source]:
    if is_address(argument):
        path = fetch(argument)
        yield Source(path, path.name, 'picture')
        return
    path = Path(argument).expanduser()
    if is_bag(path):
        yield Source(path, path.name, 'bag')
    elif path.is_dir():
        if os.path.realpath(path) == avoid:
            raise ParameterError(_READ_AND_WRITTEN.format(argument))
        yield from _walk(path, avoid)
    elif path.exists():
        yield Source(path, path.name, _kind(path) or 'picture')
    elif glob.has_magic(argument):
        yield from _match(argument, str(path), avoid)
    else:
        webcam = f'; for a webcam say --show, or look at it in a browser: fastsam page {argument}'
        raise FileNotFoundError(
            f'{argument} does not exist{webcam if argument.isdecimal() else ""}')


def _match(argument: str, pattern: str, avoid: str) -> Iterator[Source]:
    """What a pattern stands for, without what an earlier run has written."""
    matches = sorted(glob.glob(pattern, recursive=True), key=natural)
    others = [match for match in matches if not avoid or not _is_below(match, avoid)]
    if matches and not others:
        raise ParameterError(_READ_AND_WRITTEN.format(argument))
    for match in others:
        yield from _expand(glob.escape(match) if glob.has_magic(match) else match, avoid)


def _is_below(path: str, folder: str) -> bool:
    return Path(folder) in Path(os.path.realpath(os.path.dirname(path)), 'file').parents


def _walk(folder: Path, avoid: str) -> Iterator[Source]:
    """All that is below a folder, without what is hidden or unfinished."""
    for base, folders, files in os.walk(folder):
        here = Path(base)
        bags = [name for name in folders if is_bag(here / name)]
        folders[:] = sorted(
            (
                name
                for name in folders
                if name not in bags
                and not name.startswith('.')
                and os.path.realpath(here / name) != avoid
            ),
            key=natural,
        )
        for name in sorted([*files, *bags], key=natural):
            path = here / name
            kind = 'bag' if name in bags else _kind(path)
            if kind and not name.startswith('.') and not name.startswith(PARTIAL):
                yield Source(path, path.relative_to(folder).as_posix(), kind)


def is_bag(path: Path) -> bool:
    """Whether a path is a ROS 2 bag: a folder with its metadata, or one of its files alone."""
    # Unlike Path's, these tell of what may not be looked at that it is not there.
    single = path.suffix.lower() in BAGS and os.path.isfile(path)
    return single or os.path.isfile(path / METADATA)


def _kind(path: Path) -> str | None:
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return 'picture'
    return 'video' if suffix in VIDEOS else 'bag' if suffix in BAGS else None


def natural(name: str) -> list[tuple[int, int | str]]:
    """Orders frame2 before frame10."""
    parts = re.split(r'(\d+)', name.lower())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]
