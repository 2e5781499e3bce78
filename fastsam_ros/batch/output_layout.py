# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where `fastsam segment` writes what it makes of each source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import mimetypes
import os
from pathlib import Path, PurePosixPath

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.media import coco
from fastsam_ros.media.marks import refuse_foreign
from fastsam_ros.media.sources import BAGS, PICTURES, Source, is_bag

FORMATS = ('overlay', 'masks', 'labels', 'edges', 'coco', 'bag')
MOVIES = {'.mp4', '.mov', '.mkv'}  # what videos are written as
ARCHIVES = {'application/json', 'application/pdf', 'application/zip', 'application/x-tar'}


@dataclass(frozen=True)
class Layout:
    """
    Where outputs go.

    :param output: the folder for all of them, or the one file
    :param formats: some of `FORMATS`
    :param names: of the outputs of each source, by its path; without ending
    :param single: the output is one file
    """

    output: Path
    formats: tuple[str, ...]
    names: dict[Path, str]
    single: bool

    @property
    def coco(self) -> Path:
        """The list of results."""
        return self.output if self.single else self.output / 'results.json'

    @property
    def journal(self) -> Path:
        """What an interrupted run has done."""
        if self.single:
            return self.output.with_name(f'.{self.output.name}.journal')
        return self.output / '.fastsam.journal'

    def overlay(self, source: Source) -> Path:
        """The picture or video with segments painted over it."""
        if self.single:
            return self.output
        return self._place(source, '_overlay' + ('.jpg' if source.kind == 'picture' else '.mp4'))

    def masks(self, source: Source) -> Path:
        """A folder with a PNG a segment; of a video with such a folder a frame."""
        return self._place(source, '_masks')

    def labels(self, source: Source) -> Path:
        """A 16 bit PNG; of a video a folder with one a frame."""
        if self.single:
            return self.output
        return self._place(source, '_labels' + ('.png' if source.kind == 'picture' else ''))

    def edges(self, source: Source) -> Path:
        """An 8 bit PNG of a picture: the probability of an edge, times 255."""
        return self.output if self.single else self._place(source, '_edges.png')

    def bag(self, source: Source) -> Path:
        """A copy of the bag with segments beside its images."""
        return self.output if self.single else self._place(source, '_segmented')

    def places(self, source: Source) -> list[Path]:
        """Where the outputs of a source go, but for the list of results."""
        known = {
            'overlay': self.overlay,
            'masks': self.masks,
            'labels': self.labels,
            'edges': self.edges,
            'bag': self.bag,
        }
        return [known[name](source) for name in self.formats if name in known]

    def _place(self, source: Source, ending: str) -> Path:
        return self.output / (self.names[source.path] + ending)


def plan(output: Path, formats: Sequence[str], sources: Sequence[Source]) -> Layout:
    """
    Decide where everything goes.

    :param output: a folder, or a file when there is one thing to write
    :param formats: what is wanted; none: a bag for bags, else overlays
    :param sources: what is segmented
    :raises ParameterError: when a format is unknown, or the output cannot hold what is wanted
    """
    unknown = set(formats) - set(FORMATS)
    if unknown:
        raise ParameterError(
            f'unknown format {unknown.pop()!r}: use one or more of {", ".join(FORMATS)}'
        )
    kinds = {source.kind for source in sources}
    formats = tuple(dict.fromkeys(formats)) or _usual(kinds)
    if 'bag' in formats and kinds != {'bag'}:
        raise ParameterError('--format bag needs bags to copy; give pictures and videos another')
    if 'edges' in formats and kinds != {'picture'}:
        raise ParameterError('--format edges is for pictures; give videos and bags another')
    read = {Path(os.path.realpath(source.path)) for source in sources}
    if Path(os.path.realpath(output)) in read:
        raise ParameterError(f'{output} is what is read: give another --output')
    if output.is_dir() and is_bag(output):
        raise ParameterError(f'{output} is a bag: give another folder as --output')
    single = _is_file(output, formats, sources)
    layout = Layout(output, formats, _names(sources), single)
    _spare_sources(read, sources, layout)
    _spare_others(sources, layout)
    return layout


def _spare_others(sources: Iterable[Source], layout: Layout) -> None:
    """
    Look that nothing gets replaced that this program did not write.

    :raises OutputError: when an output would be
    """
    for source in sources:
        for place in layout.places(source):
            refuse_foreign(place)
    if 'coco' in layout.formats:
        coco.refuse_foreign_results(layout.coco)


def _spare_sources(read: set[Path], sources: Iterable[Source], layout: Layout) -> None:
    """
    Look that nothing that is read gets replaced.

    :param read: the sources' real paths
    :raises ParameterError: when an output would be a source, be inside one, or hold one
    """
    above = {folder for path in read for folder in path.parents}
    lists = [layout.coco] if 'coco' in layout.formats else []
    for source in sources:
        for place in [*layout.places(source), *lists]:
            path = Path(os.path.realpath(place))
            if path in above or not read.isdisjoint([path, *path.parents]):
                raise ParameterError(
                    f'what is made of {source.path} would be written to {place}, which is, holds '
                    'or lies in what is read: give another --output'
                )


def _usual(kinds: set[str]) -> tuple[str, ...]:
    return ('bag',) if kinds == {'bag'} else ('overlay',)


def _is_file(output: Path, formats: tuple[str, ...], sources: Sequence[Source]) -> bool:
    """Whether the output names one file, which then must fit what is written."""
    suffix = output.suffix.lower()
    if not suffix or output.is_dir():
        return False
    one = formats[0] if len(formats) == 1 else ''
    kind = sources[0].kind if len(sources) == 1 else ''
    fits = {
        'bag': suffix in BAGS and bool(kind),
        'coco': suffix == '.json',
        'overlay': suffix in (PICTURES if kind == 'picture' else MOVIES) and bool(kind),
        'labels': suffix in ('.png', '.tif', '.tiff') and kind == 'picture',
        'edges': suffix in ('.png', '.tif', '.tiff') and kind == 'picture',
    }
    if fits.get(one):
        return True
    if suffix in BAGS or _is_of_a_file(output):
        raise ParameterError(
            f'{output} is one file, and {" and ".join(formats)} of {len(sources)} '
            f'{kind or "file"}{"" if len(sources) == 1 else "s"} cannot be written to it: '
            'give a folder as --output, or another --format'
        )
    return False


def _is_of_a_file(output: Path) -> bool:
    """Whether a name ends as that of a picture, video, sound, text or archive does."""
    kind = mimetypes.guess_type(output.name)[0] or ''
    return kind.startswith(('image/', 'video/', 'audio/', 'text/')) or kind in ARCHIVES


def _names(sources: Iterable[Source]) -> dict[Path, str]:
    """Names without endings, but with them where two would be the same."""
    sources = list(sources)
    stems = [str(PurePosixPath(source.name).with_suffix('')) for source in sources]
    taken = Counter([*stems, *(source.name for source in sources)])
    return {
        source.path: stem if taken[stem] == 1 else source.name
        for source, stem in zip(sources, stems)
    }
