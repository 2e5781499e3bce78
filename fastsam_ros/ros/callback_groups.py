# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which callbacks run at the same time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock

from lifecycle_msgs.srv import ChangeState
from rclpy.callback_groups import CallbackGroup, ReentrantCallbackGroup
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.impl.rcutils_logger import RcutilsLogger


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


class LifecycleServices(ReentrantCallbackGroup):
    """
    The services of a managed node; they may be called at any moment, and take their time.

    A long transition, such as loading a model, holds up none of the others. One that the state
    does not have is refused; rclpy before Kilted raises in the executor instead.

    :param logger: is told of a transition that was refused
    """

    def __init__(self, logger: RcutilsLogger) -> None:
        super().__init__()
        self._logger = logger

    def add_entity(self, entity: object) -> None:
        """Take a service into the group; see rclpy."""
        if getattr(entity, 'srv_type', None) is ChangeState:
            entity.callback = partial(_change, entity.callback, self._logger)
        super().add_entity(entity)


def _change(
    callback: Callable, logger: RcutilsLogger, request: ChangeState.Request,
    response: ChangeState.Response,
) -> ChangeState.Response:
    try:
        return callback(request, response)
    except rclpy_implementation.RCLError as error:
        logger.error(f'refused: {error}')
        response.success = False
        return response
