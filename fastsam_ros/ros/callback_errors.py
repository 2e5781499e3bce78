# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Callbacks that never raise: what goes wrong is logged, and answered where somebody asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
import time
import traceback
from weakref import WeakKeyDictionary

from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.lifecycle import TransitionCallbackReturn

from fastsam_ros.core import FastSamError, ImageError, PromptError, TextError
from fastsam_ros.core.errors import UnknownWordError
from fastsam_ros.srv import Prompt

THROTTLE = 5.0  # seconds between two like messages
MOST = 16  # different messages in that time; errors may name what changes with each frame
ERRORS = (  # what programs read in the field `error`; the first that fits
    (PromptError, Prompt.Response.BAD_PROMPT),
    (ImageError, Prompt.Response.BAD_IMAGE),
    (UnknownWordError, Prompt.Response.UNKNOWN_WORD),
    (TextError, Prompt.Response.NO_TEXT_MODEL),
)


class Refused(FastSamError):
    """
    A request that the node cannot answer now, or at all.

    :param error: why, by the constants of srv/Prompt
    :param message: why, and what to do
    """

    def __init__(self, error: int, message: str) -> None:
        super().__init__(message)
        self.error = error


def error_code(error: Exception) -> int:
    """What an error is called in srv/Prompt."""
    if isinstance(error, Refused):
        return error.error
    fitting = (code for kind, code in ERRORS if isinstance(error, kind))
    return next(fitting, Prompt.Response.FAILED)


class Throttle:
    """
    Lets a text through that was not let through lately.

    rclpy's own throttle goes by the line that logs, so one error would hide all others.
    """

    def __init__(self) -> None:
        self._said: dict[str, float] = {}
        self._lock = Lock()

    def lets(self, text: str) -> bool:
        """Whether to say it now; it counts as said then."""
        with self._lock:
            now = time.monotonic()
            self._said = {
                said: then for said, then in self._said.items() if now - then < THROTTLE}
            if text in self._said or len(self._said) >= MOST:
                return False
            self._said[text] = now
            return True


_throttles: WeakKeyDictionary[RcutilsLogger, Throttle] = WeakKeyDictionary()


def _lets(logger: RcutilsLogger, text: str) -> bool:
    return _throttles.setdefault(logger, Throttle()).lets(text)


def describe(error: Exception) -> str:
    """An error in words; with its traceback when it is not one of ours."""
    if isinstance(error, FastSamError):
        return str(error)
    return ''.join(traceback.format_exception(error))


def complain(logger: RcutilsLogger, error: Exception) -> None:
    """Log an error; the same one at most every few seconds."""
    text = describe(error)
    if _lets(logger, text):
        logger.error(text)


def guarded(callback: Callable) -> Callable:
    """A callback of a message, timer or event, as a method of an object with a `logger`."""

    @wraps(callback)
    def wrapper(self, *arguments):
        try:
            return callback(self, *arguments)
        except Exception as error:
            complain(self.logger, error)
            return None

    return wrapper


def transition(callback: Callable) -> Callable:
    """A lifecycle callback; rclpy would swallow what it raises, so it is kept as `error`."""

    @wraps(callback)
    def wrapper(self, state):
        try:
            callback(self)
        except Exception as error:
            self.logger.error(describe(error))  # each time: somebody waits for what comes of it
            self.error = str(error) or repr(error)
            return TransitionCallbackReturn.ERROR
        return TransitionCallbackReturn.SUCCESS

    return wrapper


def answered(callback: Callable) -> Callable:
    """A service's callback: an error becomes success false, a message and a code."""

    @wraps(callback)
    def wrapper(self, request, response):
        try:
            callback(self, request, response)
            response.success = True
        except FastSamError as error:
            if _lets(self.logger, text := f'refused: {error}'):
                self.logger.warning(text)
            response.success, response.message = False, str(error)
            response.error = error_code(error)
        except Exception as error:
            complain(self.logger, error)
            response.success, response.message = False, f'internal error: {error!r}'
            response.error = error_code(error)
        return response

    return wrapper
