# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""As much of CUDA's runtime as an engine needs, through cuda-python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import ctypes
from math import prod
from typing import Any
from weakref import finalize

from cuda.bindings import runtime
import numpy as np

from fastsam_ros.core.errors import BackendError

DEFAULT_STREAM = 0


def call(name: str, *arguments: Any) -> Any:
    """
    Call a function of CUDA's runtime.

    :param name: of the function
    :return: what it gives besides its error code, if anything: one value or a tuple
    :raises RuntimeError: when it fails, with CUDA's own words
    """
    error, *values = getattr(runtime, name)(*arguments)
    if error != runtime.cudaError_t.cudaSuccess:
        _, text = runtime.cudaGetErrorString(error)
        raise RuntimeError(f'{name}: {text.decode()}')
    return values[0] if len(values) == 1 else tuple(values) or None


@contextmanager
def reported(name: str) -> Iterator[None]:
    """
    Say which engine it was when a GPU fails.

    :param name: of the engine
    :raises BackendError: for a RuntimeError
    """
    try:
        yield
    except RuntimeError as error:
        raise BackendError(f'TensorRT could not run {name}: {error}') from error


class Stream:
    """
    Work in order, which the host waits for without keeping a core busy.

    On the GPU that is the current one of the thread.

    :param first: whether it goes before others where the GPU has to choose
    """

    def __init__(self, first: bool = False) -> None:
        _, highest = call('cudaDeviceGetStreamPriorityRange')
        self._stream = call(
            'cudaStreamCreateWithPriority', runtime.cudaStreamNonBlocking, highest * first)
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

    def copy_within(self, to: int, source: int, size: int) -> None:
        """Copy bytes from one address on the GPU to another."""
        self.copy(to, source, size, runtime.cudaMemcpyKind.cudaMemcpyDeviceToDevice)

    def clear(self, address: int, size: int) -> None:
        """Set bytes on the GPU to 0."""
        call('cudaMemsetAsync', address, 0, size, self._stream)

    def wait(self) -> None:
        """Let the host wait for all that was queued."""
        call('cudaEventRecord', self._done, self._stream)
        call('cudaEventSynchronize', self._done)

    def close(self) -> None:
        """Free it."""
        call('cudaEventDestroy', self._done)
        call('cudaStreamDestroy', self._stream)


class Memory:
    """
    Bytes on the GPU that is the current one of the thread; freed with the object.

    :param size: bytes
    """

    def __init__(self, size: int) -> None:
        self.address, self.size = call('cudaMalloc', size), size
        # Whatever CUDA says: whoever lets go of memory can do nothing about it.
        self.close = finalize(self, runtime.cudaFree, self.address)
        self.close.atexit = False  # the process gives back everything

    @classmethod
    def of(cls, array: np.ndarray) -> Memory:
        """An array's bytes; the host waits until they are there."""
        array = np.ascontiguousarray(array)
        memory = cls(array.nbytes)
        call('cudaMemcpy', memory.address, array.ctypes.data, array.nbytes,
             runtime.cudaMemcpyKind.cudaMemcpyHostToDevice)
        # From memory that is not page-locked it may return before the bytes are there.
        call('cudaStreamSynchronize', DEFAULT_STREAM)
        return memory


class PageLocked:
    """
    An array in page-locked memory of the host, which kernels write to by its address as well.

    Memory grows with the largest array so far.
    """

    def __init__(self) -> None:
        self.array = np.empty(0, np.uint8)
        self.address, self._capacity = 0, 0

    def resize(self, shape: tuple[int, ...], dtype: np.dtype) -> None:
        """Let it hold an array of that shape; what it held is lost."""
        size = prod(shape) * np.dtype(dtype).itemsize
        if size > self._capacity:
            self.close()
            self.address = call('cudaMallocHost', size)
            self._capacity = size
        memory = (ctypes.c_uint8 * size).from_address(self.address)
        self.array = np.frombuffer(memory, dtype).reshape(shape)

    def close(self) -> None:
        """Free it; nobody uses it any more."""
        self.array = np.empty(0, np.uint8)
        if self.address:
            call('cudaFreeHost', self.address)
        self.address = self._capacity = 0


class Scratch:
    """Memory on the GPU that grows with the most that was asked for so far."""

    def __init__(self) -> None:
        self.address, self._capacity = 0, 0

    @property
    def addresses(self) -> tuple[int, ...]:
        """Where it is."""
        return (self.address,)

    def resize(self, size: int) -> None:
        """Let it have so many bytes; what it held is lost."""
        if size > self._capacity:
            self.close()
            self.address = call('cudaMalloc', size)
            self._capacity = size

    def close(self) -> None:
        """Free it; nobody uses it any more."""
        if self.address:
            call('cudaFree', self.address)
        self.address = self._capacity = 0


class Buffer:
    """An array twice: in page-locked memory of the host, and on the GPU."""

    def __init__(self) -> None:
        self._host, self._gpu = PageLocked(), Scratch()

    @property
    def array(self) -> np.ndarray:
        """On the host."""
        return self._host.array

    @property
    def address(self) -> int:
        """On the GPU."""
        return self._gpu.address

    @property
    def addresses(self) -> tuple[int, ...]:
        """Where both are."""
        return self._host.address, self._gpu.address

    def resize(self, shape: tuple[int, ...], dtype: np.dtype) -> None:
        """Let it hold an array of that shape; what it held is lost."""
        self._gpu.resize(prod(shape) * np.dtype(dtype).itemsize)
        self._host.resize(shape, dtype)

    def upload(self, stream: Stream) -> None:
        """Queue the copy to the GPU."""
        stream.copy(self.address, self._host.address, self.array.nbytes,
                    runtime.cudaMemcpyKind.cudaMemcpyHostToDevice)

    def download(self, stream: Stream) -> None:
        """Queue the copy to the host."""
        stream.copy(self._host.address, self.address, self.array.nbytes,
                    runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost)

    def close(self) -> None:
        """Free it; nobody uses it any more."""
        self._host.close()
        self._gpu.close()
