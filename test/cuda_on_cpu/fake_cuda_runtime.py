# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
CUDA's runtime and driver as cuda-python gives them, on a machine without a GPU.

Every call is checked against the signature of the real binding. What is queued on a stream is done
as late as CUDA may do it: when the host waits for an event that was recorded behind it. Kernels
are run from their sources, by the CPU, and all memory has a margin that nobody may write to.
"""

from __future__ import annotations

import ctypes
import inspect
import re
from threading import RLock
from typing import NamedTuple

from cpu_kernels import Launch
from cuda.bindings import driver as real_driver
from cuda.bindings import runtime as real
import numpy as np
from thread_state import ThreadState

SUCCESS = real.cudaError_t.cudaSuccess
GPUS = 2
MARGIN = 256  # bytes before and behind each piece of memory


class Fake:
    """
    Stands for a module of `cuda.bindings`; its constants are the real ones.

    :param module: the real one
    :param prefix: of its functions
    """

    def __init__(self, module, prefix):
        self._module, self._prefix = module, prefix

    def __getattr__(self, name):
        found = getattr(self._module, name)
        if not name.startswith(self._prefix) or not callable(found) or isinstance(found, type):
            return found
        snake_case = re.sub('[A-Z]', lambda letter: f'_{letter[0].lower()}', name)
        implementation = getattr(self, snake_case.removeprefix(self._prefix))
        signature = inspect.signature(found)

        def call(*arguments):
            signature.bind(*arguments)
            return implementation(*arguments)

        return call


class Copy(NamedTuple):
    """Of so many bytes from one address to another."""

    to: int
    source: int
    count: int

    def __call__(self):
        ctypes.memmove(*self)


class FakeRuntime(Fake):
    """
    Stands for `cuda.bindings.runtime`.

    :param memory: bytes on the GPU
    """

    def __init__(self, memory=1 << 30):
        super().__init__(real, 'cuda')
        self.memory = memory
        self.backwards = False  # whether kernels run their threads from the last to the first
        self.allocated: dict[int, np.ndarray] = {}  # by address, on the GPU
        self.gpus: dict[int, int] = {}  # of which GPU what was allocated is
        self.pinned: dict[int, np.ndarray] = {}
        self.queues: dict[int, list] = {}  # what is under way, by stream
        self.streams: dict[int, int] = {}  # of which GPU they are
        self.priorities: dict[int, int] = {}
        self.events: dict[int, tuple[int, int]] = {}
        self.captured: dict[int, list] = {}  # what is recorded, by stream
        self.graphs: dict[int, list] = {}
        self.ready: dict[int, list] = {}  # graphs that can be launched
        self._staged = []  # what lies on its way to the GPU, on no stream of ours
        self.refuses_capture = False
        self.launches = 0  # of graphs
        self.driver = FakeDriver(self)
        self._thread = ThreadState()
        self._lock = RLock()
        self._next = 1

    def launch(self, stream, work):
        """Queue a kernel or a copy."""
        assert self.streams[int(stream)] == self.device, 'a stream of another GPU'
        self.captured.get(int(stream), self.queues[int(stream)]).append(work)

    @property
    def device(self):
        """Of the present thread."""
        return self._thread.device

    def room(self, address, *where):
        """Bytes from an address to the end of the memory that it lies in."""
        for base, memory in (piece for kind in where for piece in kind.items()):
            if base <= address < base + len(memory):
                return base + len(memory) - address
        raise AssertionError(f'nothing was allocated at {address:#x}')

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
        assert not self._thread.captures, 'it cannot be recorded'
        if sum(map(len, self.allocated.values())) + size > self.memory:
            return real.cudaError_t.cudaErrorMemoryAllocation, None
        address = self._keep(self.allocated, size)
        self.gpus[address] = self.device
        return SUCCESS, address

    def _malloc_host(self, size):
        return SUCCESS, self._keep(self.pinned, size)

    def _keep(self, where, size):
        memory = np.full(size + 2 * MARGIN, 0xAB, np.uint8)[MARGIN:-MARGIN]
        where[memory.ctypes.data] = memory
        return memory.ctypes.data

    def _free(self, address):
        self._check_margin(self.allocated.pop(address))
        return (SUCCESS,)

    def _free_host(self, address):
        self._check_margin(self.pinned.pop(address))
        return (SUCCESS,)

    def _check_margin(self, memory):
        whole = memory.base
        assert (whole[:MARGIN] == 0xAB).all() and (whole[-MARGIN:] == 0xAB).all(), 'written beyond'

    def _device_get_stream_priority_range(self):
        return SUCCESS, 0, -5

    def _stream_create_with_priority(self, flags, priority):
        assert flags == real.cudaStreamNonBlocking
        stream = self._new(self.queues, [])
        self.streams[stream], self.priorities[stream] = self.device, priority
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
        kinds = real.cudaMemcpyKind
        there, here = {
            kinds.cudaMemcpyHostToDevice: (self.allocated, self.pinned),
            kinds.cudaMemcpyDeviceToHost: (self.pinned, self.allocated),
            kinds.cudaMemcpyDeviceToDevice: (self.allocated, self.allocated)}[kind]
        assert count <= self.room(to, there) and count <= self.room(source, here)
        self.launch(stream, Copy(to, source, count))
        return (SUCCESS,)

    def _memcpy(self, to, source, count, kind):
        assert not self._thread.captures, 'it cannot be recorded'
        up = kind == real.cudaMemcpyKind.cudaMemcpyHostToDevice
        address = to if up else source
        assert count <= self.room(address, self.allocated)
        assert self.gpus[address] == self.device, 'this would begin to use another GPU'
        there = ctypes.string_at(source, count)
        self._staged.append(lambda: ctypes.memmove(to, there, count))
        return (SUCCESS,) if up else self._stream_synchronize(0)

    def _stream_synchronize(self, stream):
        assert stream == 0, 'the host would spin'
        while self._staged:
            self._staged.pop(0)()
        return (SUCCESS,)

    def _memset_async(self, address, value, count, stream):
        assert count <= self.room(address, self.allocated)
        self.launch(stream, lambda: ctypes.memset(address, value, count))
        return (SUCCESS,)

    def _event_record(self, event, stream):
        self.events[int(event)] = int(stream), len(self.queues[int(stream)])
        return (SUCCESS,)

    def _event_synchronize(self, event):
        assert not self._thread.captures, 'it cannot be recorded'
        stream, behind = self.events[int(event)]
        if stream:
            with self._lock:  # two threads run nothing at the same time here
                for work in self.queues[stream][:behind]:
                    work()
            del self.queues[stream][:behind]
        return (SUCCESS,)

    def _stream_begin_capture(self, stream, mode):
        assert mode == real.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self.captured[int(stream)] = []
        self._thread.captures = True
        return (SUCCESS,)

    def _stream_end_capture(self, stream):
        works = self.captured.pop(int(stream))
        self._thread.captures = False
        if self.refuses_capture:
            return real.cudaError_t.cudaErrorStreamCaptureInvalidated, None
        return SUCCESS, real.cudaGraph_t(self._new(self.graphs, works))

    def _graph_instantiate(self, graph, flags):
        return SUCCESS, real.cudaGraphExec_t(self._new(self.ready, self.graphs[int(graph)]))

    def _graph_destroy(self, graph):
        del self.graphs[int(graph)]
        return (SUCCESS,)

    def _graph_exec_destroy(self, graph):
        del self.ready[int(graph)]
        return (SUCCESS,)

    def _graph_launch(self, graph, stream):
        self.launches += 1
        for work in self.ready[int(graph)]:
            self.launch(stream, work)
        return (SUCCESS,)


class FakeDriver(Fake):
    """
    Stands for `cuda.bindings.driver`.

    :param runtime: whose memory and streams kernels use
    """

    def __init__(self, runtime):
        super().__init__(real_driver, 'cu')
        self._runtime = runtime
        self.modules: dict[int, bytes] = {}
        self._names: list[str] = []

    def _module_load_data(self, image):
        if not image.startswith(b'\x7fELF'):
            return real_driver.CUresult.CUDA_ERROR_INVALID_IMAGE, None
        self.modules[len(self.modules) + 1] = image
        return real_driver.CUresult.CUDA_SUCCESS, real_driver.CUmodule(len(self.modules))

    def _module_unload(self, module):
        del self.modules[int(module)]
        return (real_driver.CUresult.CUDA_SUCCESS,)

    def _module_get_function(self, module, name):
        if name not in self.modules[int(module)]:
            return real_driver.CUresult.CUDA_ERROR_NOT_FOUND, None
        self._names.append(name.decode())
        return real_driver.CUresult.CUDA_SUCCESS, real_driver.CUfunction(len(self._names))

    def _launch_kernel(
            self, function, x, y, z, threads, threads_y, threads_z, shared, stream, pointers,
            extra):
        assert (z, threads_y, threads_z, shared, extra) == (1, 1, 1, 0, 0)
        assert 0 < threads <= 1024 and 0 < x < 1 << 31 and 0 < y < 1 << 16
        runtime = self._runtime
        launch = Launch(self._names[int(function) - 1], (x, y), threads, pointers)
        for address in launch.addresses():
            assert runtime.room(address, runtime.allocated, runtime.pinned) > 0
        launch.backwards = runtime.backwards
        runtime.launch(stream, launch)
        return (real_driver.CUresult.CUDA_SUCCESS,)
