# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""As much of CUDA's runtime as an engine needs, through cuda-python."""

from __future__ import annotations

import ctypes
from typing import Any

from cuda.bindings import runtime
import numpy as np


def call(name: str, *arguments: Any) -> Any:
    """
    Call a function of CUDA's runtime.

    :param name: of the function
    :return: what it gives besides its error code, if anything
    :raises RuntimeError: when it fails, with CUDA's own words
    """
    error, *values = getattr(runtime, name)(*arguments)
    if error != runtime.cudaError_t.cudaSuccess:
        _, text = runtime.cudaGetErrorString(error)
        raise RuntimeError(f'{name}: {text.decode()}')
    return values[0] if values else None


class Stream:
    """
    Work in order, which the host waits for without keeping a core busy.

    On the GPU that is the current one of the thread.
    """

    def __init__(self) -> None:
        self._stream = call('cudaStreamCreateWithFlags', runtime.cudaStreamNonBlocking)
        self._done = call(
            'cudaEventCreateWithFlags',
            runtime.cudaEventBlockingSync | runtime.cudaEventDisableTiming)

    @property
    def handle(self) -> int:
        """As TensorRT takes it."""
        return int(self._stream)

    def copy(self, to: int, source: int, size: int, kind: Any) -> None:
        """Copy bytes from one address to another."""
        call('cudaMemcpyAsync', to, source, size, kind, self._stream)

    def wait(self) -> None:
        """Let the host wait for all that was queued."""
        call('cudaEventRecord', self._done, self._stream)
        call('cudaEventSynchronize', self._done)

    def close(self) -> None:
        """Free it."""
        call('cudaEventDestroy', self._done)
        call('cudaStreamDestroy', self._stream)


class Buffer:
    """
    An array twice: in page-locked memory of the host, and on the GPU.

    Memory grows with the largest array so far.
    """

    def __init__(self) -> None:
        self.array = np.empty(0, np.uint8)  # on the host
        self.address = 0  # on the GPU
        self._host, self._capacity = 0, 0

    def resize(self, shape: tuple[int, ...], dtype: np.dtype) -> None:
        """Let it hold an array of that shape; what it held is lost."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if size > self._capacity:
            self.close()
            self.address = call('cudaMalloc', size)
            self._host = call('cudaMallocHost', size)
            self._capacity = size
        memory = (ctypes.c_uint8 * size).from_address(self._host)
        self.array = np.frombuffer(memory, dtype).reshape(shape)

    def upload(self, stream: Stream) -> None:
        """Queue the copy to the GPU."""
        stream.copy(self.address, self._host, self.array.nbytes,
                    runtime.cudaMemcpyKind.cudaMemcpyHostToDevice)

    def download(self, stream: Stream) -> None:
        """Queue the copy to the host."""
        stream.copy(self._host, self.address, self.array.nbytes,
                    runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost)

    def close(self) -> None:
        """Free it; nobody uses it any more."""
        self.array = np.empty(0, np.uint8)
        if self.address:
            call('cudaFree', self.address)
        if self._host:
            call('cudaFreeHost', self._host)
        self.address = self._host = self._capacity = 0
