# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The highest point of a program's memory."""

from __future__ import annotations

from collections.abc import Callable
import gc
from pathlib import Path

STATUS, RESET = Path('/proc/self/status'), Path('/proc/self/clear_refs')


def peak(program: Callable[[], object]) -> float:
    """
    Megabytes of resident memory at the highest point of a run, above those before it.

    It has run before, so what is taken once and kept, a library's code or a pool of threads, is
    not counted.
    """
    program()
    gc.collect()
    RESET.write_text('5')  # the highest point so far is forgotten
    before = _kilobytes('VmRSS')
    program()
    return (_kilobytes('VmHWM') - before) / 1024


def _kilobytes(name: str) -> int:
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith(f'{name}:'))
    return int(line.split()[1])
