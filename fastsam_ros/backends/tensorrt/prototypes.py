# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prototypes that stay on the GPU, for masks that are wanted later."""

from __future__ import annotations

from collections import deque
from math import prod
from weakref import finalize

import numpy as np

from fastsam_ros.backends.tensorrt.cuda import Memory, Stream, call, runtime

SPARE = 8  # pieces of memory that are kept for the next images


class Pool:
    """
    Pieces of memory that go round: a GPU stands still while memory is freed.

    They come back from any thread, also while one is taken: a finalizer may run at any time, so
    there is no lock, and each step on the queue is one that cannot be interrupted.
    """

    def __init__(self) -> None:
        self._spare: deque[Memory] = deque(maxlen=SPARE)  # what is too many is freed
        self._closed = False

    def take(self, size: int) -> Memory:
        """So many bytes on the GPU that is the current one."""
        for _ in range(SPARE):
            try:
                memory = self._spare.pop()
            except IndexError:
                break
            if memory.size == size:
                return memory
            self._spare.appendleft(memory)  # of another input; the last to be freed for room
        return Memory(size)

    def give(self, memory: Memory) -> None:
        """Bring a piece back."""
        if not self._closed:
            self._spare.append(memory)

    def close(self) -> None:
        """Free what is here; what is still out is freed when it comes back."""
        self._closed = True
        self._spare.clear()


class DevicePrototypes:
    """
    One image's prototypes on the GPU; to numpy they are an array, copied when it looks at them.

    :param index: of the GPU, which is the current one
    :param pool: that their memory comes from, and goes back to
    :param shape: (32, h, w)
    :param dtype: float32 or float16
    """

    def __init__(
        self, index: int, pool: Pool, shape: tuple[int, ...], dtype: np.dtype
    ) -> None:
        self.shape, self.dtype, self._index = shape, np.dtype(dtype), index
        self.nbytes = prod(shape) * self.dtype.itemsize
        memory = pool.take(self.nbytes)
        self.address = memory.address
        finalize(self, pool.give, memory).atexit = False

    def fill(self, stream: Stream, source: int) -> None:
        """Queue the copy from an address on the GPU."""
        stream.copy_within(self.address, source, self.nbytes)

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """Numpy's protocol; the host waits for the copy."""
        call('cudaSetDevice', self._index)
        found = np.empty(self.shape, self.dtype)
        call('cudaMemcpy', found.ctypes.data, self.address, self.nbytes,
             runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost)
        return found.astype(dtype or self.dtype, copy=False)

    def __getitem__(self, key: tuple) -> np.ndarray:
        """Some of them, on the host, as numpy would index them."""
        return np.asarray(self)[key]
