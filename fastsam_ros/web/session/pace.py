# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How often something comes, and so when it is waited for no longer."""

from __future__ import annotations

from collections.abc import Callable
import time

SILENT_AFTER = 1.5  # seconds without anything; more where it always comes that slowly
MISSED = 3  # intervals
LONGEST = 30.0  # seconds; an interval may hold a pause of the camera, which says nothing


class Pace:
    """
    When something came last, and how long before that the time before.

    :param clock: seconds; a test's own
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._interval = 0.0

    def came(self) -> None:
        """It has come."""
        now = self._clock()
        self._last, self._interval = now, now - self._last

    @property
    def silent(self) -> bool:
        """Whether it has not come for so long that nothing need wait for it."""
        patience = max(SILENT_AFTER, min(MISSED * self._interval, LONGEST))
        return self._clock() - self._last > patience
