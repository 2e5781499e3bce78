# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demo's processes: started together, and all ended when the demo ends, however that is."""

from __future__ import annotations

from collections.abc import Callable
import ctypes
from functools import partial
import os
import signal
import subprocess
import sys

PATIENCE = 10.0  # seconds that a process has to end by itself
PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


class Processes:
    """Child processes; use it in a `with`."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._running.values():
            process.send_signal(signal.SIGINT)
        for process in self._running.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, module: str, *arguments: str) -> None:
        """
        Run a Python module.

        :param name: for what is said of it
        """
        # In a session of its own, so that Ctrl-C reaches the demo alone, and that ends the rest.
        self._running[name] = subprocess.Popen(
            [sys.executable, '-m', module, *arguments], start_new_session=True,
            preexec_fn=tie_to(os.getpid()) if sys.platform == 'linux' else None)

    def ended(self) -> str | None:
        """What ended by itself, in words; None: all are running."""
        for name, process in self._running.items():
            if process.poll() is not None:
                return f'{name} ended with exit code {process.returncode}'
        return None


def tie_to(parent: int) -> Callable[[], None]:
    """What a child does first to be ended by the kernel should its parent be killed."""
    return partial(_die_with, parent, ctypes.CDLL(None).prctl)


def _die_with(parent: int, prctl: Callable[[int, int], int]) -> None:
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was killed before the kernel knew
        os._exit(1)
