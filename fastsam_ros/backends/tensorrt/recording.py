# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is queued for inputs of one shape, recorded once and then started as a whole."""

from __future__ import annotations

from collections.abc import Callable, Hashable
import logging
from typing import Any

from cachetools import LRUCache

from fastsam_ros.backends.tensorrt.cuda import Stream, call, runtime

KEPT = 8  # recordings
IDLE = 1000  # runs after which a recording that was not used makes room for another
REMEMBERED = 64  # keys that came once, and have no recording yet


class Recording:
    """
    A CUDA graph of copies and kernels.

    :param graph: as it was captured; it is destroyed
    :param held: what it uses besides, and somebody else might free
    """

    def __init__(self, graph: Any, held: Any) -> None:
        self._held = held
        try:
            self._ready = call('cudaGraphInstantiate', graph, 0)
        finally:
            call('cudaGraphDestroy', graph)

    def __call__(self, stream: Stream) -> None:
        """Queue it."""
        call('cudaGraphLaunch', self._ready, stream.handle)

    def close(self) -> None:
        """Free it; nothing of it is under way any more."""
        call('cudaGraphExecDestroy', self._ready)
        self._held = None


class Recordings:
    """
    Work that is recorded when it comes for the second time.

    What cannot be recorded is queued piece by piece from then on, and so is what finds no room:
    to record costs more than it saves where cameras of many sizes send in ever other company.

    :param stream: on which all of it is queued
    :param held: gives what work of the newest kind holds, once it was recorded
    """

    def __init__(self, stream: Stream, held: Callable[[], Any]) -> None:
        self._stream, self._held = stream, held
        self._addresses: tuple[int, ...] = ()
        self._recordings: dict[Hashable, Recording | None] = {}
        self._once: LRUCache[Hashable, bool] = LRUCache(REMEMBERED)
        self._used: dict[Hashable, int] = {}  # in which run each recording was used last
        self._runs, self._said = 0, False

    def __call__(
        self, key: Hashable, addresses: tuple[int, ...], queue: Callable[[], None]
    ) -> None:
        """
        Queue some work.

        :param key: of all that it depends on: the same copies and kernels
        :param addresses: of all memory that work of any key uses; if one moves, all is forgotten
        :param queue: queues it on the stream, and waits for nothing
        """
        if addresses != self._addresses:
            self.clear()
            self._addresses = addresses
        self._runs += 1
        if key in self._recordings:
            self._used[key] = self._runs
        known = self._recordings.get(key)
        if known is not None:
            known(self._stream)
            return
        queue()  # TensorRT prepares a shape in its first run, which cannot be recorded
        if key in self._recordings:
            return
        if key in self._once and self._make_room():
            del self._once[key]
            self._recordings[key], self._used[key] = self._record(queue), self._runs
        else:
            self._once[key] = True

    def clear(self) -> None:
        """Forget all recordings: memory that they use has moved, or will be freed."""
        self._stream.wait()
        for recording in filter(None, self._recordings.values()):
            recording.close()
        for known in (self._recordings, self._once, self._used):
            known.clear()

    def _make_room(self) -> bool:
        """Whether there is room for a recording; none that is in use is given up for another."""
        if len(self._recordings) < KEPT:
            return True
        oldest = min(self._used, key=self._used.__getitem__)
        if self._runs - self._used[oldest] < IDLE:
            self._say_full()
            return False
        del self._used[oldest]
        recording = self._recordings.pop(oldest)
        self._stream.wait()
        if recording is not None:
            recording.close()
        return True

    def _say_full(self) -> None:
        if not self._said:
            logging.getLogger(__name__).debug(
                'images come in more combinations of sizes than the %d recordings that are kept: '
                'the others are queued piece by piece', KEPT)
        self._said = True

    def _record(self, queue: Callable[[], None]) -> Recording | None:
        """A recording; None, which is kept, where there can be none."""
        try:
            return Recording(self._captured(queue), self._held())
        except RuntimeError as error:
            logging.getLogger(__name__).warning(
                'work for the GPU is queued piece by piece, and slower: %s', error)
            return None

    def _captured(self, queue: Callable[[], None]) -> Any:
        # What other threads ask of CUDA meanwhile does not break it.
        call('cudaStreamBeginCapture', self._stream.handle,
             runtime.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal)
        try:
            queue()
        except BaseException:  # whatever it is: a stream that goes on capturing is of no more use
            self._end(broken=True)
            raise
        return self._end()

    def _end(self, broken: bool = False) -> Any:
        """End the capture, also one that is broken: else nothing more could be queued."""
        try:
            graph = call('cudaStreamEndCapture', self._stream.handle)
        except RuntimeError:
            if not broken:
                raise
            return None
        if broken:
            call('cudaGraphDestroy', graph)
        return graph
