# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How many callbacks of a kind run at the same time."""

from __future__ import annotations

from threading import Lock

from rclpy.callback_groups import CallbackGroup


class AtMost(CallbackGroup):
    """
    Lets some callbacks run at a time: more than one, and never all threads of the executor.

    :param count: how many
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._free = count
        self._lock = Lock()

    def can_execute(self, entity: object) -> bool:
        """Whether one more may run; see rclpy."""
        with self._lock:
            return self._free > 0

    def beginning_execution(self, entity: object) -> bool:
        """Take a place, if there is one; see rclpy."""
        with self._lock:
            if not self._free:
                return False
            self._free -= 1
            return True

    def ending_execution(self, entity: object) -> None:
        """Give the place back; see rclpy."""
        with self._lock:
            self._free += 1
