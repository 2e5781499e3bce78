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
import re
from threading import local

from cuda.bindings import runtime as real
import numpy as np

SUCCESS = real.cudaError_t.cudaSuccess
GPUS = 2


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
        self.streams: dict[int, int] = {}  # of which GPU they are
        self.events: dict[int, tuple[int, int]] = {}
        self._thread = local()  # which GPU is the current one, the first unless said otherwise
        self._next = 1

    def __getattr__(self, name):
        if not name.startswith('cuda') or not callable(getattr(real, name)) or isinstance(
                getattr(real, name), type):
            return getattr(real, name)
        snake_case = re.sub('[A-Z]', lambda letter: f'_{letter[0].lower()}', name)
        implementation = getattr(self, snake_case.removeprefix('cuda'))
        signature = inspect.signature(getattr(real, name))

        def call(*arguments):
            signature.bind(*arguments)
            return implementation(*arguments)

        return call

    def launch(self, stream, work):
        """Queue a kernel or a copy."""
        assert self.streams[int(stream)] == self.device, 'a stream of another GPU'
        self.queues[int(stream)].append(work)

    @property
    def device(self):
        """Of the present thread."""
        return getattr(self._thread, 'device', 0)

    def _set_device(self, device):
        self._thread.device = device
        return (SUCCESS,)

    def _get_device_properties(self, device):
        if device >= GPUS:
            return real.cudaError_t.cudaErrorInvalidDevice, None
        properties = real.cudaDeviceProp()
        properties.name = b'NVIDIA Orin'.ljust(256, b'\0')
        properties.major, properties.minor = 8, 7
        return SUCCESS, properties

    def _get_error_string(self, error):
        return real.cudaGetErrorString(error)

    def _malloc(self, size):
        if sum(map(len, self.allocated.values())) + size > self.memory:
            return real.cudaError_t.cudaErrorMemoryAllocation, None
        return SUCCESS, self._keep(self.allocated, size)

    def _malloc_host(self, size):
        return SUCCESS, self._keep(self.pinned, size)

    def _keep(self, where, size):
        memory = np.full(size, 0xAB, np.uint8)
        where[memory.ctypes.data] = memory
        return memory.ctypes.data

    def _free(self, address):
        del self.allocated[address]
        return (SUCCESS,)

    def _free_host(self, address):
        del self.pinned[address]
        return (SUCCESS,)

    def _stream_create_with_flags(self, flags):
        assert flags == real.cudaStreamNonBlocking
        stream = self._new(self.queues, [])
        self.streams[stream] = self.device
        return SUCCESS, real.cudaStream_t(stream)

    def _event_create_with_flags(self, flags):
        assert flags & real.cudaEventBlockingSync, 'the host would spin'
        return SUCCESS, real.cudaEvent_t(self._new(self.events, (0, 0)))

    def _new(self, where, value):
        self._next += 1
        where[self._next] = value
        return self._next

    def _stream_destroy(self, stream):
        del self.queues[int(stream)]
        return (SUCCESS,)

    def _event_destroy(self, event):
        del self.events[int(event)]
        return (SUCCESS,)

    def _memcpy_async(self, to, source, count, kind, stream):
        up = kind == real.cudaMemcpyKind.cudaMemcpyHostToDevice
        assert up or kind == real.cudaMemcpyKind.cudaMemcpyDeviceToHost
        there, here = (self.allocated, self.pinned) if up else (self.pinned, self.allocated)
        assert len(there[to]) >= count <= len(here[source])
        self.launch(stream, lambda: ctypes.memmove(to, source, count))
        return (SUCCESS,)

    def _event_record(self, event, stream):
        self.events[int(event)] = int(stream), len(self.queues[int(stream)])
        return (SUCCESS,)

    def _event_synchronize(self, event):
        stream, behind = self.events[int(event)]
        if stream:
            for work in self.queues[stream][:behind]:
                work()
            del self.queues[stream][:behind]
        return (SUCCESS,)
