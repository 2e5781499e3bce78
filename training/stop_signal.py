# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""SIGTERM and SIGUSR1, as SLURM and clouds send them before they take a machine away."""

from __future__ import annotations

import signal


class StopSignal:
    """
    Notes signals, for the end of the step at hand: SIGUSR1 asks for a checkpoint, SIGTERM to end.

    As a context it handles them, and puts the handlers back that were there.
    """

    SAVE, END = 1, 2

    def __init__(self) -> None:
        self.asked = 0

    def __enter__(self) -> StopSignal:
        self._before = {
            number: signal.signal(number, self._note)
            for number in (signal.SIGTERM, signal.SIGUSR1)}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: object) -> None:
        self.asked = max(self.asked, self.END if number == signal.SIGTERM else self.SAVE)
