# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
CUDA's runtime as cuda-python gives it, on a machine without a GPU.

Every call is checked against the signature of the real binding. What is queued on a stream is done
as late as CUDA may do it: when the host waits for an event that was recorded behind it.
"""

from __future__ import annotations

import ctypes
import inspect

from cuda.bindings import runtime as real
import numpy as np

SUCCESS = real.cudaError_t.cudaSuccess


class FakeRuntime:
    """
    Stands for `cuda.bindings.runtime`; its constants are the real ones.

    :param memory: bytes on the GPU
    """

    def __init__(self, memory=1 << 30):
        self.memory = memory
        self.allocated: dict[int, np.ndarray] = {}  # by address, on the GPU
        self.pinned: dict[int, np.ndarray] = {}
        self.queues: dict[int, list] = {}  # what is under way, by stream
        self.events: dict[int, tuple[int, int]] = {}
        self.device = None
        self._next = 1

    def __getattr__(self, name):
        if not name.startswith('cuda') or not callable(getattr(real, name)) or isinstance(
                getattr(real, name), type):
            return getattr(real, name)
        implementation, signature = getattr(self, f'_{name}'), inspect.signature(
            getattr(real, name))

        def call(*arguments):
            signature.bind(*arguments)
            return implementation(*arguments)

        return call

    def launch(self, stream, work):
        """Queue a kernel."""
        self.queues[int(stream)].append(work)

    def _cudaSetDevice(self, device):  # noqa: N802
        self.device = device
        return (SUCCESS,)

    def _cudaGetDeviceProperties(self, device):  # noqa: N802
        if device:
            return real.cudaError_t.cudaErrorInvalidDevice, None
        properties = real.cudaDeviceProp()
        properties.name = b'NVIDIA Orin'.ljust(256, b'\0')
        properties.major, properties.minor = 8, 7
        return SUCCESS, properties

    def _cudaGetErrorString(self, error):  # noqa: N802
        return real.cudaGetErrorString(error)

    def _cudaMalloc(self, size):  # noqa: N802
        if sum(map(len, self.allocated.values())) + size > self.memory:
            return real.cudaError_t.cudaErrorMemoryAllocation, None
        return SUCCESS, self._keep(self.allocated, size)

    def _cudaMallocHost(self, size):  # noqa: N802
        return SUCCESS, self._keep(self.pinned, size)

    def _keep(self, where, size):
        memory = np.full(size, 0xAB, np.uint8)
        where[memory.ctypes.data] = memory
        return memory.ctypes.data

    def _cudaFree(self, address):  # noqa: N802
        del self.allocated[address]
        return (SUCCESS,)

    def _cudaFreeHost(self, address):  # noqa: N802
        del self.pinned[address]
        return (SUCCESS,)

    def _cudaStreamCreateWithFlags(self, flags):  # noqa: N802
        assert flags == real.cudaStreamNonBlocking
        return SUCCESS, real.cudaStream_t(self._new(self.queues, []))

    def _cudaEventCreateWithFlags(self, flags):  # noqa: N802
        assert flags & real.cudaEventBlockingSync, 'the host would spin'
        return SUCCESS, real.cudaEvent_t(self._new(self.events, (0, 0)))

    def _new(self, where, value):
        self._next += 1
        where[self._next] = value
        return self._next

    def _cudaStreamDestroy(self, stream):  # noqa: N802
        del self.queues[int(stream)]
        return (SUCCESS,)

    def _cudaEventDestroy(self, event):  # noqa: N802
        del self.events[int(event)]
        return (SUCCESS,)

    def _cudaMemcpyAsync(self, to, source, count, kind, stream):  # noqa: N802
        up = kind == real.cudaMemcpyKind.cudaMemcpyHostToDevice
        assert up or kind == real.cudaMemcpyKind.cudaMemcpyDeviceToHost
        there, here = (self.allocated, self.pinned) if up else (self.pinned, self.allocated)
        assert len(there[to]) >= count <= len(here[source])
        self.launch(stream, lambda: ctypes.memmove(to, source, count))
        return (SUCCESS,)

    def _cudaEventRecord(self, event, stream):  # noqa: N802
        self.events[int(event)] = int(stream), len(self.queues[int(stream)])
        return (SUCCESS,)

    def _cudaEventSynchronize(self, event):  # noqa: N802
        stream, behind = self.events[int(event)]
        if stream:
            for work in self.queues[stream][:behind]:
                work()
            del self.queues[stream][:behind]
        return (SUCCESS,)
