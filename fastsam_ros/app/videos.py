# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Videos, frame by frame, with objects followed from one to the next.

What the network found of each frame goes to the journal at once. So a run that goes on after an
interruption paints and encodes from the first frame again, but asks the network only about
frames it has not seen, and its files are those of a run that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastsam_ros.app import outputs
from fastsam_ros.app.files import replacing
from fastsam_ros.app.movies import MovieReader, MovieWriter
from fastsam_ros.app.results import Result
from fastsam_ros.app.run import Run
from fastsam_ros.app.sources import Source
from fastsam_ros.core.errors import ImageError, PromptError

Sink = Callable[[int, 'VideoFrame', Result], None]


@dataclass(frozen=True, eq=False)
class VideoFrame:
    """
    A frame of a video.

    :param image: (H, W, 3) uint8 RGB, upright
    :param time: when it is shown, in ticks of the video's clock
    """

    image: np.ndarray
    time: int


def segment_video(run: Run, source: Source) -> None:
    """
    Segment a video and write what is wanted of it.

    :param run: what is wanted
    :param source: the video
    :raises Stopped: when the user asked for the end
    """
    paths = _paths(run, source)
    if run.is_done(source, paths):
        run.finish(source, paths)
        return
    try:
        with MovieReader(source.path) as movie, ExitStack() as stack:
            sinks = [stack.enter_context(sink) for sink in _sinks(run, source, movie)]
            bar = run.progress.begin(source.name, movie.frames)
            for number, (frame, result) in enumerate(run.results(source, _frames(movie))):
                for sink in sinks:
                    sink(number, frame, result)
                run.progress.step(bar)
        run.finish(source, paths)
    except (ImageError, PromptError) as error:
        run.fail(source, error)


def _frames(movie: MovieReader) -> Iterator[VideoFrame]:
    for image, time in movie:
        yield VideoFrame(image, time)


def _paths(run: Run, source: Source) -> list[Path]:
    layout = run.layout
    places = {'overlay': layout.overlay, 'masks': layout.masks, 'labels': layout.labels}
    return [places[name](source) for name in layout.formats if name in places]


def _sinks(run: Run, source: Source, movie: MovieReader) -> list:
    """Contexts that give functions to write a frame with."""
    layout = run.layout
    made = []
    if 'overlay' in layout.formats:
        made.append(_Overlay(run, layout.overlay(source), movie))
    if 'masks' in layout.formats:
        made.append(_Folder(layout.masks(source), _write_masks))
    if 'labels' in layout.formats:
        made.append(_Folder(layout.labels(source), _write_labels))
    return made


class _Overlay(ExitStack):
    """A video with segments painted over it."""

    def __init__(self, run: Run, path: Path, movie: MovieReader) -> None:
        super().__init__()
        self._prompts = run.prompts
        temporary = self.enter_context(replacing(path))
        self._writer = self.enter_context(MovieWriter(temporary, movie))

    def __enter__(self) -> Sink:
        return self._write

    def _write(self, number: int, frame: VideoFrame, result: Result) -> None:
        painted = outputs.overlay(frame.image, result, self._prompts)
        self._writer.write(painted, frame.time)


class _Folder(ExitStack):
    """A folder with something for each frame."""

    def __init__(self, path: Path, write: Callable[[Path, Result], None]) -> None:
        super().__init__()
        self._folder = self.enter_context(replacing(path))
        self._folder.mkdir()
        self._save = write

    def __enter__(self) -> Sink:
        return self._write

    def _write(self, number: int, frame: VideoFrame, result: Result) -> None:
        self._save(self._folder / f'{number:06d}', result)


def _write_masks(path: Path, result: Result) -> None:
    outputs.write_masks(path, result)


def _write_labels(path: Path, result: Result) -> None:
    outputs.write_picture(path.with_suffix('.png'), outputs.label_map(result))
