# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The frames of a video or bag with their results: from the journal as far as it goes, then new ones.

The journal keeps what was shown of a frame and what the network found in it. A run that goes on
after an interruption follows things through the frames that are known as the earlier one did,
without the network, so that all that comes after them is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from fastsam_ros.batch.follower import Follower
from fastsam_ros.batch.run import Run
from fastsam_ros.core import Scene
from fastsam_ros.media.frames import Clock, Frame
from fastsam_ros.media.results import Result, pack, unpack
from fastsam_ros.media.scenes import pack_scene, unpack_scene
from fastsam_ros.media.sources import Source

SCENE = 'scene of '  # before a source's key: under which the journal keeps what the network found
Timed = tuple[int, Frame, int]  # number, frame and stamp, ns


def results(
    run: Run, source: Source, frames: Iterable[Frame], clock: Clock
) -> Iterator[tuple[Frame, Result]]:
    """
    The result of every frame.

    :param run: what is wanted
    :param source: a video or bag
    :param frames: all of its frames, in order
    :param clock: of their times
    :raises Stopped: when the user asked for the end; what was yielded is in the journal
    """
    follower = Follower(run.prompts, run.fixed, run.track)
    timed, known = _timed(frames, clock), run.journal.frames(source.key)
    for number, frame, stamp in islice(timed, known):
        run.check()
        result = unpack(run.journal[source.key, number])
        follower.recall(frame, _kept_scene(run, source, number, frame), stamp, result)
        yield frame, result
    for (number, frame, stamp), scene in _seen(run, timed, known):
        run.check()
        if scene is None:
            result = follower.carry(frame, stamp)
        else:
            result = follower.see(frame, scene, stamp)
            data = pack_scene(scene, masks=follower.needs_masks)
            run.journal.add((SCENE + source.key, number), data)
        run.journal.add((source.key, number), pack(result))
        yield frame, result


def _timed(frames: Iterable[Frame], clock: Clock) -> Iterator[Timed]:
    """Frames with their numbers, and stamps that grow from each to the next."""
    last = -1
    for number, frame in enumerate(frames):
        last = max(clock.nanoseconds(frame.time), last + 1)
        yield number, frame, last


def _seen(run: Run, timed: Iterator[Timed], known: int) -> Iterator[tuple[Timed, Scene | None]]:
    """
    Frames and what the network found in every N-th of them, None in the others.

    :param known: how many frames the journal has
    """
    yield from ((one, None) for one in islice(timed, -known % run.every))
    groups = iter(lambda: list(islice(timed, run.every)), [])
    for group, scene in run.scenes((group, group[0][1].image) for group in groups):
        yield group[0], scene
        yield from ((one, None) for one in group[1:])


def _kept_scene(run: Run, source: Source, number: int, frame: Frame) -> Scene | None:
    """What the network found in a frame of an earlier run; None: it was not shown that one."""
    if number % run.every:
        return None
    scene = unpack_scene(run.journal[SCENE + source.key, number])
    return run.model.completed(replace(scene, image=frame.image))
