# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Videos, frame by frame, with objects followed from one to the next.

What the network found of each frame goes to the journal at once. So a run that goes on after an
interruption paints and encodes from the first frame again, but asks the network only about
frames it has not seen, and its files are those of a run that was never interrupted.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from fastsam_ros.batch.frames import results
from fastsam_ros.batch.run import Run
from fastsam_ros.batch.writers import frame_writers
from fastsam_ros.media.sources import Source
from fastsam_ros.media.video import MovieReader


def segment_video(run: Run, source: Source) -> None:
    """
    Segment a video and write what is wanted of it.

    :param run: what is wanted
    :param source: the video
    :raises Stopped: when the user asked for the end
    """
    run.attempt(source, partial(_segment, run, source))


def _segment(run: Run, source: Source) -> None:
    with MovieReader(source.path) as movie, ExitStack() as stack:
        outputs = frame_writers(run.layout, source, movie.clock, run.prompts, run.fixed)
        writers = [stack.enter_context(output) for output in outputs]
        bar = run.progress.begin(source.name, movie.frames)
        for number, (frame, result) in enumerate(results(run, source, movie, movie.clock)):
            for write in writers:
                write(number, frame, result)
            run.progress.step(bar)
