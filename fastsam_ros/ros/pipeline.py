# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Two threads between the images that come and the results that go.

    image callback --> newest frame of each camera --> network thread --> publishing thread

A camera has one place: a newer frame takes it, and the older one is dropped and counted. All
cameras that wait go through the network as one batch, so each gets its turn. The network thread
takes its next frames only when the publishing thread has taken the last ones over; so nothing
queues, and a result is at most two runs of the network old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Condition, Thread
from typing import Generic, TypeVar

Frame = TypeVar('Frame')
Result = TypeVar('Result')
STOP = 30.0  # seconds; an inference ends, but a network may just be compiled for a new size


class Pipeline(Generic[Frame, Result]):
    """
    Runs the network on the newest frames, and beside it everything that follows.

    :param network: frames by camera to a result; runs in the network thread
    :param publish: takes a result; runs in the publishing thread
    :param dropped: is told of the camera and the frame that a newer one replaced
    :param failed: is told of an exception in either
    """

    def __init__(
        self,
        network: Callable[[dict[str, Frame]], Result],
        publish: Callable[[Result], None],
        dropped: Callable[[str, Frame], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._network, self._publish = network, publish
        self._dropped, self._failed = dropped, failed
        self._waiting: dict[str, Frame] = {}
        self._done: list[Result] = []
        self._running = True
        self._changed = Condition()
        self._threads = [
            Thread(target=target, name=f'fastsam-{name}', daemon=True)
            for name, target in (('network', self._infer), ('publish', self._deliver))
        ]
        for thread in self._threads:
            thread.start()

    def offer(self, camera: str, frame: Frame) -> None:
        """Put a frame into its camera's place; never blocks for long."""
        with self._changed:
            old = self._waiting.pop(camera, None)
            if self._running:
                self._waiting[camera] = frame
            else:
                old = frame
            self._changed.notify_all()
        if old is not None:
            self._dropped(camera, old)

    def stop(self) -> None:
        """End both threads after what they are at; frames that wait are dropped."""
        with self._changed:
            self._running = False
            left, self._waiting = self._waiting, {}
            self._changed.notify_all()
        self._drop(left.items())
        for thread in self._threads:
            thread.join(STOP)
        while self._done:  # the network was through, but nobody publishes any more
            self._guarded(self._publish, self._done.pop())

    def _drop(self, frames: Iterable[tuple[str, Frame]]) -> None:
        for camera, frame in frames:
            self._dropped(camera, frame)

    def _infer(self) -> None:
        while (frames := self._take(self._may_infer, self._all_waiting)) is not None:
            result = self._guarded(self._network, frames)
            with self._changed:
                self._done = [] if result is None else [result]
                self._changed.notify_all()

    def _deliver(self) -> None:
        while (result := self._take(lambda: self._done, self._done_result)) is not None:
            self._guarded(self._publish, result)

    def _take(self, ready: Callable[[], object], take: Callable[[], object]) -> object:
        """What `take` gives once it is `ready`; None when the pipeline stops."""
        with self._changed:
            self._changed.wait_for(lambda: ready() or not self._running)
            if not self._running:
                return None
            taken = take()
            self._changed.notify_all()
            return taken

    def _may_infer(self) -> bool:
        return bool(self._waiting) and not self._done

    def _all_waiting(self) -> dict[str, Frame]:
        frames, self._waiting = self._waiting, {}
        return frames

    def _done_result(self) -> Result:
        return self._done.pop()

    def _guarded(self, function: Callable, argument: object) -> object:
        """A thread outlives any exception of what it calls: that is what `failed` is for."""
        try:
            return function(argument)
        except Exception as error:
            self._failed(error)
            return None
