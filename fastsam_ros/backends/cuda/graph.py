# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A network's kernels recorded once for each input shape, and replayed: CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
import logging
from threading import Lock
from typing import Any

from cachetools import LRUCache
import torch

SHAPES = 8  # input shapes of which a graph is kept
REMEMBERED = 64  # input shapes that came once, and have no graph yet
WARM_UP = 3  # runs before recording, so that libraries have chosen their kernels

_RECORDING = Lock()  # CUDA records one graph at a time in a process

Run = Callable[..., 'tuple[torch.Tensor, ...]']


def current(device: torch.device) -> AbstractContextManager:
    """Make a GPU the current one, which is the first unless said otherwise; a CPU always is."""
    return torch.cuda.device(device) if device.type == 'cuda' else nullcontext()


@dataclass(frozen=True, eq=False)
class Recording:
    """
    One graph, and the memory that it reads and writes at every replay.

    :param graph: the kernels
    :param inputs: what they read
    :param outputs: what they write
    :param held: what they use besides and somebody else might free
    """

    graph: torch.cuda.CUDAGraph
    inputs: tuple[torch.Tensor, ...]
    outputs: tuple[torch.Tensor, ...]
    held: Any

    def __call__(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run it on other inputs of the same shapes; nobody overwrites what it returns."""
        for kept, new in zip(self.inputs, inputs):
            kept.copy_(new)
        self.graph.replay()
        return tuple(output.clone() for output in self.outputs)


def recordable(device: torch.device) -> bool:
    """Whether what runs on a device can be recorded."""
    return device.type == 'cuda'


def record(
    run: Run, inputs: tuple[torch.Tensor, ...], held: Callable[[], Any], pool: Any
) -> Recording:
    """
    Record what a function does with its inputs.

    :param run: as `Replay` takes it
    :param inputs: on a GPU that is the current one
    :param held: gives what `run` holds for the shape that it last saw
    :param pool: of memory, for this and other recordings that never run at the same time
    """
    device = inputs[0].device
    inputs = tuple(tensor.clone() for tensor in inputs)
    # The outer stream is the present one: torch leaves a recording that failed on another.
    with _RECORDING, torch.cuda.stream(torch.cuda.current_stream(device)):
        aside = _aside(device)
        aside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                run(*inputs)
        torch.cuda.current_stream(device).wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        try:
            # Without a stream of ours torch takes one for all, on the first recording's GPU.
            with torch.cuda.graph(
                    graph, pool, stream=aside, capture_error_mode='thread_local'):
                outputs = run(*inputs)
        except RuntimeError:
            _end_allocating(device, pool)
            raise
        return Recording(graph, inputs, outputs, held())


def _end_allocating(device: torch.device, pool: Any) -> None:
    """
    Tell the allocator that a recording has ended.

    torch's `capture_end` raises for a broken recording before it does so. Then all memory would
    come from the recording's pool for good, and the next `empty_cache` would abort.
    """
    index = torch.cuda.current_device() if device.index is None else device.index
    try:
        torch._C._cuda_endAllocateToPool(index, pool)
        torch._C._cuda_releasePool(index, pool)
    except RuntimeError:  # it had ended after all
        pass
    torch.cuda.empty_cache()


@lru_cache
def _aside(device: torch.device) -> torch.cuda.Stream:
    """Where a GPU's graphs are recorded; libraries keep memory for every stream that they see."""
    return torch.cuda.Stream(device)


class Replay:
    """
    A function of tensors that runs as a CUDA graph on a GPU, and as it is elsewhere.

    A shape is recorded when it comes for the second time: recording takes as long as many runs,
    and images of a folder may all be of different sizes. What cannot be recorded, for want of
    memory too, runs as it is from then on. Safe to use from several threads; nobody overwrites
    what it returned.

    :param run: tensors -> tensors; the same kernels for all inputs of the same shapes
    :param held: gives what `run` holds for the shape that it last saw
    """

    def __init__(self, run: Run, held: Callable[[], Any] = tuple) -> None:
        self._run = run
        self._held = held
        self._recordings: LRUCache[Any, Recording | None] = LRUCache(SHAPES)
        self._once: LRUCache[Any, bool] = LRUCache(REMEMBERED)
        self._pool: Any = None
        self._lock = Lock()

    @torch.inference_mode()
    def __call__(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run it."""
        device = inputs[0].device
        with self._lock, current(device):
            recording = self._recording(inputs) if recordable(device) else None
            return (recording or self._run)(*inputs)

    def _recording(self, inputs: tuple[torch.Tensor, ...]) -> Recording | None:
        """The one for inputs of these shapes; None where they come for the first time."""
        shapes = tuple(tensor.shape for tensor in inputs)
        if shapes in self._recordings:
            return self._recordings[shapes]
        if self._once.pop(shapes, None) is None:
            self._once[shapes] = True
            return None
        while len(self._recordings) >= SHAPES:  # before the next one, which may need the memory
            self._recordings.popitem()
        self._recordings[shapes] = self._record(inputs)
        return self._recordings[shapes]

    def _record(self, inputs: tuple[torch.Tensor, ...]) -> Recording | None:
        """A recording; None, which is kept, where there can be none."""
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        try:
            return record(self._run, inputs, self._held, self._pool)
        except RuntimeError as error:  # torch.cuda.OutOfMemoryError is one
            self._pool = None  # the broken one may be in any state
            logging.getLogger(__name__).warning(
                'inputs of shape %s run without a recording, and slower: %s',
                tuple(inputs[0].shape), error)
            return None
