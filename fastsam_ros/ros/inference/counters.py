# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a camera's frames went through, counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
import math
from threading import Lock
import time

import numpy as np

WINDOW = 500  # results that the percentiles of age look back on


@dataclass(frozen=True)
class Report:
    """
    A camera's state at a moment.

    :param rate_in: images a second since the last report
    :param rate_out: results a second since the last report
    :param received: images so far; each is processed, dropped, failed, kept for prompts alone,
        or still under way
    :param processed: results so far
    :param dropped: frames that a newer one replaced before the network was free
    :param failed: frames that could not be read, segmented or published
    :param failures: those of them since the last report
    :param silence: seconds since the last image; infinite before the first
    :param late: images older than the newest, which were not looked at
    :param restarts: how often the stamps went back by more than a second
    :param unpaired: messages of a detector whose frame is not kept
    :param lost: images that the middleware says it lost on the way
    :param age: p50, p95 and p99 of the seconds from an image's arrival to its results
    :param delay: the same from its stamp, by the node's clock
    :param segments: in the last result
    :param rate_tracked: frames a second that things were carried to
    :param untracked: frames that came too fast for that
    :param age_tracked: p50, p95 and p99 of the seconds from an image's arrival to that
    """

    rate_in: float
    rate_out: float
    received: int
    processed: int
    dropped: int
    failed: int
    failures: int
    silence: float
    late: int
    restarts: int
    unpaired: int
    lost: int
    age: tuple[float, float, float]
    delay: tuple[float, float, float]
    segments: int
    rate_tracked: float
    untracked: int
    age_tracked: tuple[float, float, float]


class Counters:
    """Counts for one camera; may be used from any thread."""

    def __init__(self) -> None:
        self.received = self.processed = self.dropped = self.failed = self.lost = 0
        self.late = self.restarts = self.unpaired = self.untracked = self._carried = 0
        self.segments = 0
        self._age: deque[float] = deque(maxlen=WINDOW)
        self._delay: deque[float] = deque(maxlen=WINDOW)
        self._age_tracked: deque[float] = deque(maxlen=WINDOW)
        self._last = (time.monotonic(), 0, 0, 0, 0)
        self._came = -math.inf  # when the last image did, time.monotonic()
        self._lock = Lock()

    def count(self, what: str, times: int = 1) -> None:
        """Add to dropped, failed, late, restarts, unpaired, untracked or lost."""
        with self._lock:
            setattr(self, what, getattr(self, what) + times)

    def image(self) -> None:
        """An image came."""
        with self._lock:
            self.received += 1
            self._came = time.monotonic()

    def result(self, segments: int, age: float, delay: float) -> None:
        """A frame's results went out."""
        with self._lock:
            self.processed += 1
            self.segments = segments
            self._age.append(age)
            self._delay.append(delay)

    def tracked(self, age: float) -> None:
        """The things were carried to a frame."""
        with self._lock:
            self._carried += 1
            self._age_tracked.append(age)

    def report(self) -> Report:
        """The state now; the rates and failures are since the last call."""
        with self._lock:
            now = time.monotonic()
            then, received, processed, failed, carried = self._last
            self._last = (now, self.received, self.processed, self.failed, self._carried)
            seconds = max(now - then, 1e-3)
            return Report(
                (self.received - received) / seconds, (self.processed - processed) / seconds,
                self.received, self.processed, self.dropped, self.failed, self.failed - failed,
                now - self._came, self.late, self.restarts, self.unpaired, self.lost,
                _percentiles(self._age), _percentiles(self._delay), self.segments,
                (self._carried - carried) / seconds, self.untracked,
                _percentiles(self._age_tracked))


def _percentiles(values: deque[float]) -> tuple[float, float, float]:
    if not values:
        return 0.0, 0.0, 0.0
    return tuple(np.percentile(values, (50, 95, 99)).tolist())
