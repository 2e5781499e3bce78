# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures in, files out: reading and writing go on beside the network, in their own threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from fastsam_ros.batch.run import OF_ONE_SOURCE, Run
from fastsam_ros.batch.writers import write_edges, write_files
from fastsam_ros.core.scene import Scene
from fastsam_ros.media.images import load_formats, read_picture
from fastsam_ros.media.results import Result, pack, result_of
from fastsam_ros.media.sources import Source

AHEAD = 4  # pictures that are read before they are needed, and at most written at a time
THREADS = 2


def segment_pictures(run: Run, sources: Sequence[Source]) -> None:
    """
    Segment pictures and write what is wanted of each.

    :param run: what is wanted
    :param sources: the pictures
    """
    load_formats()
    bar = run.progress.begin('pictures', len(sources))
    left = []
    for source in sources:
        if run.is_done(source, run.layout.places(source)):
            run.finish(source, run.layout.places(source))
            run.progress.step(bar)
        else:
            left.append(source)
    _segment(run, left, bar)


def _segment(run: Run, sources: Iterable[Source], bar: int) -> None:
    written: deque[tuple[Source, Future]] = deque()
    with (
        ThreadPoolExecutor(THREADS, 'read') as readers,
        ThreadPoolExecutor(THREADS, 'write') as pool,
    ):
        pictures = read_ahead(run, sources, readers, bar)
        for (source, image), scene in run.scenes((picture, picture[1]) for picture in pictures):
            try:
                result = result_of(scene, run.prompts)
            except OF_ONE_SOURCE as error:
                run.fail(source, error)
                run.progress.step(bar)
                continue
            written.append((source, pool.submit(_write, run, source, image, scene, result)))
            while len(written) > AHEAD:
                _collect(run, bar, *written.popleft())
        while written:
            _collect(run, bar, *written.popleft())


def read_ahead(
    run: Run, sources: Iterable[Source], pool: ThreadPoolExecutor, bar: int
) -> Iterator[tuple[Source, np.ndarray]]:
    """Pictures in order, those that can't be read left out; none any more once the user stops."""
    waiting: deque[tuple[Source, Future]] = deque()
    for source in sources:
        waiting.append((source, pool.submit(read_picture, source.path)))
        if len(waiting) > AHEAD:
            yield from _take(run, bar, *waiting.popleft())
        if run.stopping:
            break
    while waiting:
        source, future = waiting.popleft()
        if run.stopping:
            future.cancel()
        else:
            yield from _take(run, bar, source, future)


def _take(
    run: Run, bar: int, source: Source, future: Future
) -> Iterator[tuple[Source, np.ndarray]]:
    try:
        yield source, future.result()
    except OF_ONE_SOURCE as error:
        run.fail(source, error)
        run.progress.step(bar)


def _write(
    run: Run, source: Source, image: np.ndarray, scene: Scene, result: Result
) -> Result:
    write_files(run.layout, source, image, result, run.prompts)
    if 'edges' in run.layout.formats:
        write_edges(run.layout.edges(source), scene)
    return result


def _collect(run: Run, bar: int, source: Source, future: Future) -> None:
    """What is written is done; only then, so that a run that ends before does it again."""
    try:
        run.journal.add((source.key, 0), pack(future.result()))
    except OF_ONE_SOURCE as error:
        run.fail(source, error)
    else:
        run.finish(source, run.layout.places(source))
    run.progress.step(bar)
