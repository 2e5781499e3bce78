# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is written of videos and of the images in bags, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np

from fastsam_ros.batch import output_layout
from fastsam_ros.batch.run import Run
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.results import Result
from fastsam_ros.media.sources import Source
from fastsam_ros.media.timing import Clock


class TimedFrame(Protocol):
    """A frame on its way through."""

    image: np.ndarray  # (H, W, 3) uint8 RGB
    time: int  # when it is shown, in ticks


Sink = Callable[[int, TimedFrame, Result], None]


def sinks(run: Run, source: Source, clock: Clock) -> list[AbstractContextManager[Sink]]:
    """
    Contexts that give functions to write a frame with.

    :param run: what is wanted
    :param source: a video or bag
    :param clock: of it
    """
    layout = run.layout
    made = []
    if 'overlay' in layout.formats:
        made.append(_painted(run, layout.overlay(source), clock))
    if 'masks' in layout.formats:
        made.append(_folder(layout.masks(source), output_layout.write_masks))
    if 'labels' in layout.formats:
        made.append(_folder(layout.labels(source), _write_labels))
    return made


@contextmanager
def _painted(run: Run, path: Path, clock: Clock) -> Iterator[Sink]:
    """Make a video with segments painted over it."""
    from fastsam_ros.media.video import MovieWriter

    def write(number: int, frame: TimedFrame, result: Result) -> None:
        writer.write(output_layout.overlay(frame.image, result, run.prompts), frame.time)

    with replacing(path) as temporary, MovieWriter(temporary, clock) as writer:
        yield write


@contextmanager
def _folder(path: Path, save: Callable[[Path, Result], None]) -> Iterator[Sink]:
    """Make a folder with something for each frame."""

    def write(number: int, frame: TimedFrame, result: Result) -> None:
        save(folder / f'{number:06d}', result)

    with replacing(path) as folder:
        folder.mkdir()
        yield write


def _write_labels(path: Path, result: Result) -> None:
    output_layout.write_picture(path.with_suffix('.png'), output_layout.label_map(result))
