# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The threads between the images that come and the results that go.

    image callback --> newest frame of each camera --> network threads --> publishing thread

A camera has one place: a newer frame takes it, and the older one is dropped and counted. There
are as many network threads as the network runs side by side, mostly one, and they share out the
cameras that wait: one takes all of them as a batch, of two each takes half; or each takes one,
where a batch gains nothing. Whose last turn was longest ago comes first, so each camera gets as
many.

Frames are taken while at most one result waits for the publishing thread. So the network need not
wait for that thread, and where it is the slower one, few results wait for it. Results are
published in the order of their frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from itertools import count
from threading import Condition, Lock, Thread
import time
from typing import Generic, TypeVar

Frame = TypeVar('Frame')
Result = TypeVar('Result')
SPARE = 1  # results that may wait for the publishing thread while the network starts anew
STOP = 30.0  # seconds; an inference ends, but a network may just be compiled for a new size


class Pipeline(Generic[Frame, Result]):
    """
    Runs the network on the newest frames, and beside it everything that comes after.

    :param network: frames by camera to a result, or None; runs in the network threads
    :param publish: takes a result; runs in the publishing thread
    :param dropped: is told of the camera and the frame that a newer one replaced
    :param failed: is told of an exception in either
    :param side_by_side: runs of the network at the same time
    :param together: whether a run takes frames of several cameras
    """

    def __init__(
        self,
        network: Callable[[dict[str, Frame]], Result | None],
        publish: Callable[[Result], None],
        dropped: Callable[[str, Frame], None],
        failed: Callable[[Exception], None],
        side_by_side: int = 1,
        together: bool = True,
    ) -> None:
        self._network, self._publish = network, publish
        self._dropped, self._failed = dropped, failed
        self._waiting: dict[str, Frame] = {}
        self._turns: dict[str, int] = {}  # when each camera had its last one
        self._turn = count(1)
        self._runs: deque[Future] = deque()  # not yet published, in the order of their frames
        self._side_by_side, self._together = side_by_side, together
        self._open = True
        # Who waits for a frame or for a result is woken by that alone: each thread that wakes in
        # vain takes the processor from the network.
        self._lock = Lock()
        self._startable, self._ended = Condition(self._lock), Condition(self._lock)
        self._threads = [
            Thread(target=target, name=f'fastsam-{name}', daemon=True)
            for name, target in (
                *[('network', self._infer)] * side_by_side, ('publish', self._deliver))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """Frames that no run has taken yet."""
        return len(self._waiting)

    def offer(self, camera: str, frame: Frame) -> None:
        """Put a frame into its camera's place; never blocks for long."""
        with self._lock:
            old = self._waiting.pop(camera, None)
            if self._open:
                self._waiting[camera] = frame
            else:
                old = frame
            self._startable.notify()
        if old is not None:
            self._dropped(camera, old)

    def stop(self, patience: float = STOP) -> bool:
        """
        End all threads after what they are at; frames that wait are dropped.

        :param patience: seconds
        :return: whether they have ended in that time
        """
        with self._lock:
            self._open = False
            left, self._waiting = self._waiting, {}
            self._startable.notify_all()
            self._ended.notify_all()
        self._drop(left.items())
        until = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))
        if any(thread.is_alive() for thread in self._threads):
            return False
        while self._runs:  # the network was through, but nobody publishes any more
            self._show(self._runs.popleft())
        return True

    def _drop(self, frames: Iterable[tuple[str, Frame]]) -> None:
        for camera, frame in frames:
            self._dropped(camera, frame)

    def _infer(self) -> None:
        while (taken := self._take(self._startable, self._may_infer, self._start)) is not None:
            run, frames = taken
            result = self._attempt(self._network, frames)
            with self._lock:
                run.set_result(result)
                self._ended.notify()

    def _deliver(self) -> None:
        while (run := self._take(self._ended, self._has_ended, self._next_result)) is not None:
            self._show(run)

    def _show(self, run: Future) -> None:
        if run.result() is not None:
            self._attempt(self._publish, run.result())

    def _take(
        self, changed: Condition, ready: Callable[[], object], take: Callable[[], object]
    ) -> object:
        """What `take` gives once it is `ready`; None when the pipeline stops."""
        with self._lock:
            changed.wait_for(lambda: ready() or not self._open)
            return take() if self._open else None

    def _may_infer(self) -> bool:
        return bool(self._waiting) and sum(run.done() for run in self._runs) <= SPARE

    def _start(self) -> tuple[Future, dict[str, Frame]]:
        share = -(-len(self._waiting) // self._side_by_side) if self._together else 1
        names = sorted(self._waiting, key=lambda name: self._turns.get(name, 0))[:share]
        self._turns.update((name, next(self._turn)) for name in names)
        self._runs.append(Future())
        frames = {name: self._waiting.pop(name) for name in names}
        if self._waiting:  # for another thread
            self._startable.notify()
        return self._runs[-1], frames

    def _has_ended(self) -> bool:
        return bool(self._runs) and self._runs[0].done()

    def _next_result(self) -> Future:
        self._startable.notify()
        return self._runs.popleft()

    def _attempt(self, function: Callable, argument: object) -> object:
        """A thread outlives any exception of what it calls: that is what `failed` is for."""
        try:
            return function(argument)
        except Exception as error:
            self._failed(error)
            return None
