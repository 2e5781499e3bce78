# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One run of `fastsam segment`: what is asked for, what is done, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import numpy as np

from fastsam_ros.batch.output_layout import Layout
from fastsam_ros.batch.resume import Journal
from fastsam_ros.core import Prompt, Scene
from fastsam_ros.core.errors import ImageError, OutputError, PromptError
from fastsam_ros.core.images import owned
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media import coco
from fastsam_ros.media.results import Result, Segment, unpack
from fastsam_ros.media.sources import Source

Item = TypeVar('Item')
OF_ONE_SOURCE = (ImageError, OutputError, PromptError, cv2.error, MemoryError)  # others: of all
FINISHED = -1  # the frame's number under which a journal has that a whole source is finished


class Progress(Protocol):
    """Is told how far a run is."""

    def begin(self, name: str, total: int | None) -> int:
        """Start a bar; `total` is the number of steps, None where that is not known."""

    def step(self, bar: int) -> None:
        """One more is done."""

    def note(self, text: str, style: str = '') -> None:
        """Say something beside the bars."""


class Stopped(Exception):
    """The user asked for the end."""


@dataclass(frozen=True)
class Outcome:
    """
    What came of a source.

    :param source: which
    :param outputs: the files and folders that were written
    :param frames: pictures in it
    :param segments: in all of them
    :param error: what was wrong with it, or ''
    :param found: in a picture, where the run lists that; see `described`
    """

    source: Source
    outputs: tuple[Path, ...] = ()
    frames: int = 0
    segments: int = 0
    error: str = ''
    found: tuple[dict, ...] = ()


@dataclass
class Run:
    """
    Everything that the parts of a run share.

    :param model: the network
    :param prompts: what is asked; none: everything
    :param layout: where outputs go
    :param journal: what is done
    :param progress: what the user sees
    :param stopping: true once the user asked for the end
    :param track: give objects in videos and bags numbers that stay
    :param fixed: points and boxes mean the same pixels on every frame, not a thing
    :param every: the network sees each N-th frame of videos and bags
    :param topic: of the images in bags; '': the only one
    :param depth: topic of the depth in bags, for points and boxes in space; '': the only one;
        None: it is not wanted
    :param annotations: COCO's instances, whose numbers of images results take over; or None
    :param listed: outcomes of pictures say what was found
    """

    model: FastSam
    prompts: Sequence[Prompt]
    layout: Layout
    journal: Journal
    progress: Progress
    stopping: object
    track: bool = True
    fixed: bool = False
    every: int = 1
    topic: str = ''
    depth: str | None = None
    annotations: Path | None = None
    listed: bool = False
    outcomes: list[Outcome] = field(default_factory=list)

    def check(self) -> None:
        """Raise Stopped when the user asked for the end."""
        if self.stopping:
            raise Stopped

    def scenes(self, items: Iterable[tuple[Item, np.ndarray]]) -> Iterator[tuple[Item, Scene]]:
        """
        Whatever comes with an image, and the image's scene.

        The network is at the next one meanwhile. Unlike `FastSam.stream`, items are read in the
        thread that asks: a bag's reader belongs to the thread that opened it, and all that is
        read waits in a file already.

        :param items: anything, and (H, W, 3) uint8 RGB
        """
        with ThreadPoolExecutor(1, thread_name_prefix='fastsam-network') as network:
            before: tuple[Item, Future] | None = None
            for item, image in items:
                now = item, network.submit(self.model.infer, owned([image]))
                if before is not None:
                    yield before[0], self.model.scenes(before[1].result())[0]
                before = now
            if before is not None:
                yield before[0], self.model.scenes(before[1].result())[0]

    def stored(self, source: Source) -> Iterator[tuple[int, Result]]:
        """What the journal has of a source: numbers of frames and their segments."""
        key = source.key
        for number in range(self.journal.frames(key)):
            yield number, unpack(self.journal[key, number])

    def is_done(self, source: Source, outputs: Iterable[Path]) -> bool:
        """Whether an earlier run finished a source and its outputs are still there."""
        return (source.key, FINISHED) in self.journal and all(path.exists() for path in outputs)

    def attempt(self, source: Source, work: Callable[[], Exception | None]) -> None:
        """
        Do a video or a bag, unless that is done.

        :param source: what
        :param work: writes its outputs; returns what was wrong with parts of it, or None
        :raises Stopped: when the user asked for the end
        """
        paths = self.layout.places(source)
        if self.is_done(source, paths):
            self.finish(source, paths)
            return
        try:
            problem = work()
        except OF_ONE_SOURCE as error:
            self.fail(source, error)
            return
        self.finish(source, paths, whole=problem is None)
        if problem:
            self.fail(source, problem)

    def finish(self, source: Source, outputs: Sequence[Path], whole: bool = True) -> None:
        """
        Note that all outputs of a source are written.

        :param source: which
        :param outputs: of it
        :param whole: parts of it did not fail; else the next run tries it again
        """
        key = source.key
        if whole and (key, FINISHED) not in self.journal:
            self.journal.add((key, FINISHED))
        counts, found = [], ()
        for _, result in self.stored(source):
            counts.append(len(result.segments))
            if self.listed and source.kind == 'picture':
                found = tuple(map(described, result.segments))
        self.outcomes.append(
            Outcome(source, tuple(outputs), len(counts), sum(counts), found=found))

    def fail(self, source: Source, error: Exception) -> None:
        """Note what was wrong with a source; the run goes on."""
        where, text = str(source.path), str(error)
        self.outcomes.append(Outcome(source, error=text if where in text else f'{where}: {text}'))

    @property
    def failed(self) -> list[Outcome]:
        """Sources that could not be done."""
        return [outcome for outcome in self.outcomes if outcome.error]

    def write_coco(self, sources: Iterable[Source]) -> None:
        """Write the list of results of all that is done, in the order of the sources."""
        numbers = coco.Numbers(self.annotations)
        coco.write(self.layout.coco, numbers, self._finished(sources))
        if numbers.unknown:
            self.progress.note(
                f'{len(numbers.unknown)} pictures have no rows in {self.layout.coco}, as '
                f'{self.annotations} does not name them; the first is {numbers.unknown[0]}')

    def _finished(self, sources: Iterable[Source]) -> Iterator[tuple[str, int | None, Result]]:
        """Name, number of the frame and segments of every picture that is done."""
        written = {outcome.source.key for outcome in self.outcomes if not outcome.error}
        for source in sources:
            if source.key in written or (source.key, FINISHED) in self.journal:
                for number, result in self.stored(source):
                    yield source.name, None if source.kind == 'picture' else number, result


def described(segment: Segment) -> dict:
    """A segment as JSON has it, without its mask, which files have: that takes no memory."""
    runs = segment.runs
    names = ('score', 'label', 'label_score', 'prompt', 'prompt_score')
    return {'box': [runs.x, runs.y, runs.width, runs.height], 'area': runs.area,
            **{name: getattr(segment, name) for name in names}}
