# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures in, files out: reading and writing go on beside the network, in their own threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from fastsam_ros.batch import output_layout
from fastsam_ros.batch.run import Run
from fastsam_ros.core.errors import ImageError, PromptError
from fastsam_ros.media.images import read_picture
from fastsam_ros.media.results import Result, pack, result_of
from fastsam_ros.media.sources import Source

AHEAD = 4  # pictures that are read before they are needed, and at most written at a time
THREADS = 2


@dataclass(frozen=True, eq=False)
class Picture:
    """
    A picture that was read.

    :param source: where from
    :param image: (H, W, 3) uint8 RGB
    """

    source: Source
    image: np.ndarray


def segment_pictures(run: Run, sources: Sequence[Source]) -> None:
    """
    Segment pictures and write what is wanted of each.

    :param run: what is wanted
    :param sources: the pictures
    """
    bar = run.progress.begin('pictures', len(sources))
    left = []
    for source in sources:
        if run.is_done(source, run.layout.places(source)):
            run.finish(source, run.layout.places(source))
            run.progress.step(bar)
        else:
            left.append(source)
    with (
        ThreadPoolExecutor(THREADS, 'read') as readers,
        ThreadPoolExecutor(THREADS, 'write') as pool,
    ):
        written: deque[tuple[Source, Future]] = deque()
        pictures = _read_ahead(run, left, readers)
        for picture, scene in run.scenes(pictures):
            try:
                result = result_of(scene, run.prompts)
            except PromptError as error:
                run.fail(picture.source, error)
                continue
            written.append((picture.source, pool.submit(_write, run, picture, result)))
            while len(written) > AHEAD:
                _collect(run, bar, *written.popleft())
        while written:
            _collect(run, bar, *written.popleft())


def _read_ahead(
    run: Run, sources: Iterable[Source], pool: ThreadPoolExecutor
) -> Iterator[Picture]:
    """Pictures in order, those that can't be read left out; none any more once the user stops."""
    waiting: deque[tuple[Source, Future]] = deque()
    for source in sources:
        waiting.append((source, pool.submit(read_picture, source.path)))
        if len(waiting) > AHEAD:
            yield from _take(run, *waiting.popleft())
        if run.stopping:
            break
    while waiting:
        source, future = waiting.popleft()
        if run.stopping:
            future.cancel()
        else:
            yield from _take(run, source, future)


def _take(run: Run, source: Source, future: Future) -> Iterator[Picture]:
    try:
        yield Picture(source, future.result())
    except ImageError as error:
        run.fail(source, error)


def _collect(run: Run, bar: int, source: Source, future: Future) -> None:
    """What is written is done; only then, so that a run that ends before does it again."""
    run.journal.add((source.key, 0), pack(future.result()))
    run.finish(source, run.layout.places(source))
    run.progress.step(bar)


def _write(run: Run, picture: Picture, result: Result) -> Result:
    """Write a picture's files; the list of results is made from the journal at the end."""
    layout, source = run.layout, picture.source
    if 'overlay' in layout.formats:
        painted = output_layout.overlay(picture.image, result, run.prompts)
        output_layout.write_picture(layout.overlay(source), painted)
    if 'masks' in layout.formats:
        output_layout.write_masks(layout.masks(source), result)
    if 'labels' in layout.formats:
        output_layout.write_picture(layout.labels(source), output_layout.label_map(result))
    return result
