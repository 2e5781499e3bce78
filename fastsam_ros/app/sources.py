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

from fastsam_ros.app.files import PARTIAL

PICTURES = {'.jpg', '.jpeg', '.jpe', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm', '.pgm'}
VIDEOS = {'.mp4', '.mov', '.mkv', '.avi', '.webm', '.m4v', '.mpg', '.mpeg', '.ts'}
BAGS = {'.mcap', '.db3'}
METADATA = 'metadata.yaml'  # what makes a folder a bag


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
        state = self.path.stat()
        return f'{self.path.resolve()}|{state.st_size}|{state.st_mtime_ns}'


def find_sources(arguments: Iterable[str], leave_out: Path | None = None) -> list[Source]:
    """
    What files, folders and patterns stand for, in the order given; folders in natural order.

    :param arguments: as typed; a pattern that a shell would expand may be given as it is
    :param leave_out: a folder whose content doesn't count: that of the output
    :raises FileNotFoundError: when one is not there, matches nothing, or holds nothing of use
    """
    found: dict[Path, Source] = {}
    for argument in arguments:
        sources = list(_expand(argument, leave_out))
        if not sources:
            raise FileNotFoundError(f'{argument} holds no picture, video or bag')
        for source in sources:
            found.setdefault(source.path.resolve(), source)
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


def _expand(argument: str, leave_out: Path | None) -> Iterator[Source]:
    path = Path(argument).expanduser()
    if is_bag(path):
        yield Source(path, path.name, 'bag')
    elif path.is_dir():
        yield from _walk(path, leave_out)
    elif path.exists():
        yield Source(path, path.name, _kind(path) or 'picture')
    elif glob.has_magic(argument):
        for match in sorted(glob.glob(str(path), recursive=True), key=natural):
            yield from _expand(glob.escape(match) if glob.has_magic(match) else match, leave_out)
    else:
        raise FileNotFoundError(f'{argument} does not exist')


def _walk(folder: Path, leave_out: Path | None) -> Iterator[Source]:
    """All that is below a folder, without what is hidden or unfinished."""
    avoid = leave_out.resolve() if leave_out else None
    for base, folders, files in os.walk(folder):
        here = Path(base)
        bags = [name for name in folders if is_bag(here / name)]
        folders[:] = sorted(
            (
                name
                for name in folders
                if name not in bags
                and not name.startswith('.')
                and (here / name).resolve() != avoid
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
    return (path / METADATA).is_file() or (path.suffix.lower() in BAGS and path.is_file())


def _kind(path: Path) -> str | None:
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return 'picture'
    return 'video' if suffix in VIDEOS else 'bag' if suffix in BAGS else None


def natural(name: str) -> list[tuple[int, int | str]]:
    """Orders frame2 before frame10."""
    parts = re.split(r'(\d+)', name.lower())
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]
