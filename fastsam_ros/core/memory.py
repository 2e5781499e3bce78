# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Memory of large arrays, used again.

Each image needs megabytes for a while: its copy, the network's input and its output. What is freed
at once the allocator gives back to the kernel, which then has to find and to clear every page
again for the next image; that takes as long as all masks.
"""

from __future__ import annotations

from collections import deque
from math import prod
import weakref

import numpy as np

SMALLEST, LARGEST = 1 << 16, 1 << 25  # bytes of an array: others come from numpy
KEPT = 6  # pieces that wait: twice what an image needs


class Memory:
    """
    Arrays in memory that others have left; safe to use from several threads.

    :param kept: pieces that wait to be used again, at most
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._idle: deque[memoryview] = deque(maxlen=kept)  # its append and popleft are atomic

    def empty(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """
        As `np.empty`; the memory waits for the next array once no view of this one is left.

        :param shape: of the array
        :param dtype: of its values
        """
        size = prod(shape) * np.dtype(dtype).itemsize
        if not SMALLEST <= size <= LARGEST:
            return np.empty(shape, dtype)
        memory = self._take(size)
        # Views of an array hold the first one whose memory is no array's: this one.
        flat = np.frombuffer(memory, dtype)
        weakref.finalize(flat, self._idle.append, memory).atexit = False
        return flat.reshape(shape)

    def _take(self, size: int) -> memoryview:
        """Memory of so many bytes that waits, or new one."""
        for _ in range(len(self._idle)):
            try:
                memory = self._idle.popleft()
            except IndexError:  # other threads were quicker
                break
            if memory.nbytes == size:
                return memory
            self._idle.append(memory)
        return memoryview(np.empty(size, np.uint8))


empty = Memory().empty
