# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Callbacks that never raise: what goes wrong is logged, and answered where somebody asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
import traceback

from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.lifecycle import TransitionCallbackReturn

from fastsam_ros.core import FastSamError

THROTTLE = 5.0  # seconds between two like messages


def complain(logger: RcutilsLogger, error: Exception) -> None:
    """Log an error, at most every few seconds; with its traceback when it is not one of ours."""
    if isinstance(error, FastSamError):
        logger.error(str(error), throttle_duration_sec=THROTTLE)
    else:
        logger.error(''.join(traceback.format_exception(error)), throttle_duration_sec=THROTTLE)


def guarded(callback: Callable) -> Callable:
    """A callback of a message, timer or event, as a method of an object with a `logger`."""

    @wraps(callback)
    def guard(self, *arguments):
        try:
            return callback(self, *arguments)
        except Exception as error:
            complain(self.logger, error)
            return None

    return guard


def transition(callback: Callable) -> Callable:
    """A lifecycle callback; rclpy would swallow what it raises."""

    @wraps(callback)
    def guard(self, state):
        try:
            callback(self)
        except Exception as error:
            complain(self.logger, error)
            return TransitionCallbackReturn.ERROR
        return TransitionCallbackReturn.SUCCESS

    return guard


def answered(callback: Callable) -> Callable:
    """A service's callback: an error becomes success false and a message."""

    @wraps(callback)
    def guard(self, request, response):
        try:
            callback(self, request, response)
            response.success = True
        except FastSamError as error:
            self.logger.warning(f'refused: {error}', throttle_duration_sec=THROTTLE)
            response.success, response.message = False, str(error)
        except Exception as error:
            complain(self.logger, error)
            response.success, response.message = False, f'internal error: {error!r}'
        return response

    return guard
