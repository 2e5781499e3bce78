# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The files that `fastsam segment` writes for a picture or frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import os
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.prompts import Prompt
from fastsam_ros.drawing.captions import write_captions
from fastsam_ros.drawing.overlay import draw, index_map
from fastsam_ros.drawing.palette import colours
from fastsam_ros.drawing.prompt_marks import mark_prompt
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.results import Result
from fastsam_ros.media.sources import PICTURES, VIDEOS, Source, is_bag

FORMATS = ('overlay', 'masks', 'labels', 'coco', 'bag')
JPEG_QUALITY = 92
MOVIES = {'.mp4', '.mov', '.mkv'}  # what videos are written as


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

    def bag(self, source: Source) -> Path:
        """A copy of the bag with segments beside its images."""
        return self.output if self.single else self._place(source, '_segmented')

    def places(self, source: Source) -> list[Path]:
        """Where the outputs of a source go, but for the list of results."""
        known = {
            'overlay': self.overlay,
            'masks': self.masks,
            'labels': self.labels,
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
    read = {Path(os.path.realpath(source.path)) for source in sources}
    if Path(os.path.realpath(output)) in read:
        raise ParameterError(f'{output} is what is read: give another --output')
    single = _is_file(output, formats, sources)
    layout = Layout(output, formats, _names(sources), single)
    _spare(read, sources, layout)
    return layout


def _spare(read: set[Path], sources: Iterable[Source], layout: Layout) -> None:
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
    if formats == ('bag',) and len(sources) == 1 and (is_bag(output) or not output.exists()):
        return True  # a folder that is a bag, or a single file of one
    if not suffix or output.is_dir():
        return False
    one = formats[0] if len(formats) == 1 else ''
    kind = sources[0].kind if len(sources) == 1 else ''
    fits = {
        'coco': suffix == '.json',
        'overlay': suffix in (PICTURES if kind == 'picture' else MOVIES) and bool(kind),
        'labels': suffix in ('.png', '.tif', '.tiff') and kind == 'picture',
    }
    if fits.get(one):
        return True
    if suffix in PICTURES | VIDEOS | {'.json'}:
        raise ParameterError(
            f'{output} is one file, and {" and ".join(formats)} of {len(sources)} '
            f'{kind or "file"}{"" if len(sources) == 1 else "s"} cannot be written to it: '
            'give a folder as --output, or another --format'
        )
    return False


def _names(sources: Iterable[Source]) -> dict[Path, str]:
    """Names without endings, but with them where two would be the same."""
    sources = list(sources)
    stems = [str(PurePosixPath(source.name).with_suffix('')) for source in sources]
    taken = Counter([*stems, *(source.name for source in sources)])
    return {
        source.path: stem if taken[stem] == 1 else source.name
        for source, stem in zip(sources, stems)
    }


def overlay(image: np.ndarray, result: Result, prompts: Sequence[Prompt]) -> np.ndarray:
    """
    The picture with its segments, and what was asked.

    :param image: (H, W, 3) uint8 RGB
    :param result: its segments
    :param prompts: what was asked; none: everything
    :return: (H, W, 3) uint8 RGB
    """
    picture = draw(image, result.runs, result.ids)
    for prompt in prompts:
        mark_prompt(picture, prompt)
    if prompts:  # captions last, so that no box is drawn over them
        texts = [f'{s.label} {s.prompt_score:.2f}'.strip() for s in result.segments]
        write_captions(picture, result.runs, texts, colours(result.ids))
    return picture


def label_map(result: Result) -> np.ndarray:
    """
    One number a pixel: 0 background, n the n-th segment; smaller segments lie on top.

    :param result: the segments
    :return: (H, W) uint16
    """
    return index_map(result.runs, result.height, result.width).astype(np.uint16)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """
    Write a picture in the format of its ending; the file is there whole or not at all.

    :param path: of the file
    :param picture: (H, W, 3) uint8 RGB, or (H, W) uint8 or uint16
    """
    pixels = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if _is_jpeg(path) else []
    try:
        data = cv2.imencode(path.suffix, pixels, settings)[1]
    except cv2.error as error:
        raise ParameterError(
            f'{path} cannot be written: this OpenCV has no encoder for {path.suffix}'
        ) from error
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_masks(folder: Path, result: Result) -> None:
    """
    Write a folder of masks, 000.png the first segment's, 0 or 255; it is whole or not there.

    :param folder: to write
    :param result: the segments
    """
    with replacing(folder) as temporary:
        temporary.mkdir()
        for number, runs in enumerate(result.runs):
            mask = np.zeros((result.height, result.width), np.uint8)
            mask[runs.window] = runs.mask() * np.uint8(255)
            write_picture(temporary / f'{number:03d}.png', mask)


def _is_jpeg(path: Path) -> bool:
    return path.suffix.lower() in ('.jpg', '.jpeg', '.jpe')
