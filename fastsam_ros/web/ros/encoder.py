# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The thread in which pictures become what browsers show."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Condition, Thread


class Encoder:
    """
    A thread that makes packets; of the jobs of a kind it takes the newest.

    :param failed: is told of an exception that a job raised
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._jobs: dict[Hashable, Callable[[], None]] = {}
        self._running = True
        self._changed = Condition()
        self._thread = Thread(target=self._work, name='web-encoder', daemon=True)
        self._thread.start()

    def offer(self, kind: Hashable, job: Callable[[], None]) -> None:
        """Do this next, unless a newer job of its kind comes before."""
        with self._changed:
            self._jobs[kind] = job
            self._changed.notify()

    def stop(self) -> None:
        """End after the job at hand."""
        with self._changed:
            self._running = False
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while job := self._next():
            try:
                job()
            except Exception as error:
                self._failed(error)

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or not self._running)
            return self._jobs.pop(next(iter(self._jobs))) if self._running else None
