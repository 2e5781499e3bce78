# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The streams, events and graphs of a GPU that is not there, kernels on the CPU.

What is queued on a stream counts as under way until an event says that it is done: torch's own
CUDA sanitizer keeps account and finds two streams that use one tensor in no order. A graph keeps
the kernels that were recorded and runs them again at each replay, on the same memory, as CUDA
does; while it is recorded nothing is computed.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from itertools import count

import pytest
import torch
from torch.cuda._sanitizer import ArgumentHandler, CUDASanitizerErrors, EventHandler
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_NUMBERS = count(1)


class _Arguments(ArgumentHandler):
    """Tensors of the CPU count too, each as a whole: views of it are the same memory."""

    def _handle_argument(self, value, is_write, metadata_only, name=None, is_output=False):
        if not isinstance(value, torch.Tensor):
            return
        memory = _memory(value)
        if is_write:
            self.dataptrs_written.add(memory)
        elif not metadata_only:
            self.dataptrs_read.add(memory)
        self.tensor_aliases.setdefault(memory, []).append(name or '')
        if is_output:
            self.outputs.add(memory)


class OrderedCuda(TorchDispatchMode):
    """
    What `torch.cuda` is while this lasts.

    :raises CUDASanitizerErrors: in the operation that is not ordered after one on its memory
    """

    def __init__(self) -> None:
        super().__init__()
        self.sanitizer = EventHandler()
        self.capturing: Graph | None = None
        self.current = Stream(self)
        self.replays = 0
        self._kept: list[torch.Tensor] = []  # so that no address is used twice

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        """Run a kernel; of one that is recorded the outputs are worth nothing."""
        outputs = self.launch(function, args, kwargs or {})
        if self.capturing is not None:
            self.capturing.kernels.append((function, args, kwargs or {}, outputs))
            for tensor in _fresh(outputs, args, kwargs):
                tensor.fill_(float('nan') if tensor.is_floating_point() else 0)
        return outputs

    def launch(self, function, args, kwargs):
        """Run it, and compare what it reads and writes with what is under way elsewhere."""
        arguments = _Arguments()
        arguments.parse_inputs(function._schema, args, kwargs, is_factory=False)
        outputs = function(*args, **kwargs)
        self._kept += [leaf for leaf in tree_leaves(outputs) if isinstance(leaf, torch.Tensor)]
        for tensor in _fresh(outputs, args, kwargs):
            arguments._handle_argument(tensor, True, False, is_output=True)
        if self.capturing is None:
            self._account(function, arguments)
        return outputs

    def _account(self, function, arguments):
        errors = self.sanitizer._handle_kernel_launch(
            self.current.number, arguments.dataptrs_read - arguments.dataptrs_written,
            arguments.dataptrs_written, arguments.outputs, function._schema,
            arguments.tensor_aliases)
        if errors:
            raise CUDASanitizerErrors(errors)


class Stream:
    """Stands for `torch.cuda.Stream`."""

    def __init__(self, cuda, device=None, priority=0):
        self.number = self.cuda_stream = next(_NUMBERS)
        self._cuda = cuda
        cuda.sanitizer._handle_stream_creation(self.number)

    def wait_event(self, event):
        self._cuda.sanitizer._handle_event_wait(event.number, self.number)

    def wait_stream(self, stream):
        event = Event(self._cuda)
        event.record(stream)
        self.wait_event(event)


class Event:
    """Stands for `torch.cuda.Event`."""

    def __init__(self, cuda, blocking=False):
        self.number = next(_NUMBERS)
        self._cuda = cuda
        cuda.sanitizer._handle_event_creation(self.number)

    def record(self, stream):
        self._cuda.sanitizer._handle_event_record(self.number, stream.number)

    def synchronize(self):
        self._cuda.sanitizer._handle_event_synchronization(self.number)


class Graph:
    """Stands for `torch.cuda.CUDAGraph`."""

    def __init__(self, cuda):
        self.kernels = []
        self._cuda = cuda

    def replay(self):
        self._cuda.replays += 1
        for function, args, kwargs, outputs in self.kernels:
            again = self._cuda.launch(function, args, kwargs)
            for tensor, new in zip(
                    _fresh(outputs, args, kwargs), _fresh(again, args, kwargs), strict=True):
                tensor.copy_(new)
                self._cuda.launch(torch.ops.aten.copy_.default, (tensor, new), {})


def _memory(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _fresh(outputs, args, kwargs) -> list[torch.Tensor]:
    """Outputs that are neither an input nor a view of one."""
    known = {_memory(leaf) for leaf in tree_leaves((args, kwargs)) if isinstance(
        leaf, torch.Tensor)}
    return [leaf for leaf in tree_leaves(outputs) if isinstance(leaf, torch.Tensor)
            and leaf.numel() and _memory(leaf) not in known]


@contextmanager
def ordered_cuda():
    """Give `torch.cuda` streams, events and graphs, as long as this lasts."""
    cuda = OrderedCuda()

    @contextmanager
    def on(stream):
        before, cuda.current = cuda.current, stream
        try:
            yield
        finally:
            cuda.current = before

    @contextmanager
    def recording(graph, pool, stream, capture_error_mode):
        with on(stream):
            cuda.capturing = graph
            try:
                yield
            finally:
                cuda.capturing = None

    stands_for = {
        'Stream': lambda device=None, priority=0: Stream(cuda, device, priority),
        'Event': lambda blocking=False: Event(cuda, blocking),
        'CUDAGraph': lambda: Graph(cuda),
        'graph': recording, 'stream': on, 'device': lambda device: nullcontext(),
        'current_stream': lambda device=None: cuda.current,
        'graph_pool_handle': lambda: 'pool',
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, made in stands_for.items():
            patch.setattr(torch.cuda, name, made)
        patch.setattr(torch.Tensor, 'record_stream', lambda tensor, stream: None)
        with cuda:
            yield cuda
