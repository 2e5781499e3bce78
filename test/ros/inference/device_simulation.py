# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A GPU in simulated time: streams in order, one engine for kernels and one for copies.

Host threads are real. Simulated time stands still while one of them works, and goes on to the
next event when all of them wait for the device; so a run is the same on any machine.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, current_thread, local

from fastsam_ros.backends.cuda.streams import NETWORK, PRIORITY, UPLOAD


@dataclass(eq=False)
class Work:
    """A kernel, a copy or, with no duration, an event."""

    milliseconds: int = 0
    after: tuple[Work, ...] = ()
    done: bool = False


@dataclass(eq=False)
class Device:
    """
    Streams as `backends.cuda.streams.Streams` has them.

    :param one_stream: all work in a single stream, as it is without streams
    """

    one_stream: bool = False
    now: int = 0  # ms
    closed: bool = False  # nobody waits any more
    changed: Condition = field(default_factory=Condition)
    _waits: dict[str, Work] = field(default_factory=dict)  # by the host thread's name
    _queues: dict[str, deque[Work]] = field(default_factory=dict)
    _busy: dict[bool, tuple[int, Work]] = field(default_factory=dict)  # by engine: until, what
    _current: local = field(default_factory=local)

    @contextmanager
    def on(self, name, *after):
        self._current.name = NETWORK if self.one_stream else name
        self._put(Work(after=tuple(work for work in after if work is not None)))
        yield

    def mark(self, name):
        return self._put(Work())

    def hold(self, tensor, name):
        """Memory is not simulated."""

    def finish(self, work):
        """The host waits."""
        with self.changed:
            self._waits[current_thread().name] = work
            self.changed.notify_all()
            self.changed.wait_for(lambda: work.done or self.closed)
            del self._waits[current_thread().name]

    def waits(self, thread):
        """Whether a host thread cannot go on before the device does."""
        return thread in self._waits and not self._waits[thread].done

    def close(self):
        """Let all host threads go."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def run(self, *milliseconds):
        """Queue kernels on the current stream."""
        return [self._put(Work(duration)) for duration in milliseconds][-1]

    def _put(self, work):
        with self.changed:
            self._queues.setdefault(self._current.name, deque()).append(work)
        return work

    def advance(self, limit):
        """
        Go on until the device has done something, or the limit has come.

        :param limit: ms
        """
        with self.changed:
            self._start()
            until = min([limit, *(end for end, _ in self._busy.values())])
            self.now = until
            for engine, (end, work) in [*self._busy.items()]:
                if end <= until:
                    work.done = True
                    del self._busy[engine]
            self._start()
            self.changed.notify_all()

    def _start(self):
        """Begin what can begin; of kernels that may, those of the more urgent stream."""
        for name in sorted(self._queues, key=PRIORITY.__getitem__):
            queue, engine = self._queues[name], name == UPLOAD
            while queue and all(work.done for work in queue[0].after):
                if queue[0].milliseconds and engine in self._busy:
                    break
                work = queue.popleft()
                if work.milliseconds:
                    self._busy[engine] = self.now + work.milliseconds, work
                    queue.appendleft(Work(after=(work,)))  # the stream goes on behind it
                else:
                    work.done = True

