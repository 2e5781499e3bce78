# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Prompts that the node goes on answering, as far as a client of the node can know them.

Those kept on the page are known. Those that another ROS client keeps show by their ids in
`~/prompted`: an id that comes with one frame after the other stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
import time
from typing import Any

from fastsam_ros.web.session.questions import Question

FRAMES = 3  # different ones with the same id: the prompt stands
FORGOTTEN = 10.0  # seconds without a match: a foreign prompt may be gone
LATE = 5.0  # seconds after its end in which frames that were under way may still answer a prompt


class Kept:
    """
    The list that all browsers see.

    :param clock: seconds; a test's own
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._own: dict[str, dict[str, Any]] = {}
        self._foreign: dict[str, dict[str, Any]] = {}
        self._ended: dict[str, float] = {}  # when each was removed
        self._clock = clock

    def add(self, question: Question) -> None:
        """A prompt was kept on the page."""
        entry = question.describe()
        self._foreign.pop(entry['id'], None)
        self._ended.pop(entry['id'], None)
        self._own[entry['id']] = entry

    def remove(self, ids: Iterable[str]) -> None:
        """Prompts have ended."""
        for name in list(ids):
            self._own.pop(name, None)
            self._foreign.pop(name, None)
            self._ended[name] = self._clock()

    def clear(self) -> None:
        """All have ended: the node that kept them is gone."""
        self._own.clear()
        self._foreign.clear()

    def seen(self, camera: str, stamp: tuple[int, int], ids: Iterable[str]) -> None:
        """Prompts were answered for a frame."""
        now = self._clock()
        self._ended = {name: when for name, when in self._ended.items() if now - when < LATE}
        for name in ids:
            if name and name not in self._own and name not in self._ended:
                entry = self._foreign.setdefault(name, {'camera': camera, 'stamps': set()})
                if len(entry['stamps']) < FRAMES:
                    entry['stamps'].add(stamp)
                entry['when'] = now

    def entries(self) -> list[dict[str, Any]]:
        """Own ones first, then foreign ones, each in the order in which they came."""
        now = self._clock()
        self._foreign = {name: entry for name, entry in self._foreign.items()
                         if now - entry['when'] <= FORGOTTEN}
        return [*self._own.values(), *(
            {'id': name, 'camera': entry['camera'], 'foreign': True}
            for name, entry in self._foreign.items() if len(entry['stamps']) >= FRAMES)]
