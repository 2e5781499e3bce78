# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A thread for work that may take long, of which only the newest counts."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread

STOP = 30.0  # seconds; a job ends, but a text model on a slow machine takes its time

Job = Callable[[], None]


class NewestWorker:
    """
    Does one job at a time; of those that come meanwhile the newest is next, the others are not.

    :param name: of the thread
    :param failed: is told of an exception in a job
    """

    def __init__(self, name: str, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._next: Job | None = None
        self._open = True
        self._changed = Condition()
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def offer(self, job: Job) -> bool:
        """
        Put a job into the place, on top of one that waits; never blocks for long.

        :return: whether one waited, which is dropped
        """
        with self._changed:
            waited = self._next is not None
            if self._open:
                self._next = job
                self._changed.notify()
            return waited

    def end(self) -> None:
        """Start nothing any more; what waits is dropped."""
        with self._changed:
            self._open, self._next = False, None
            self._changed.notify()

    def stop(self) -> bool:
        """End, and return when the job under way is done, or False when it takes too long."""
        self.end()
        self._thread.join(STOP)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._take()) is not None:
            try:
                job()
            except Exception as error:  # the thread outlives it: that is what `failed` is for
                self._failed(error)
            del job  # what it holds may be large, and the next may be a while

    def _take(self) -> Job | None:
        """The next job; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or not self._open)
            job, self._next = self._next, None
            return job
