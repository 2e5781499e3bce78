# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A network's kernels recorded once for each input shape, and replayed: CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
import logging
from threading import Lock
from typing import Any

import torch

from fastsam_ros.backends.recent import Recent

SHAPES = 8  # input shapes of which a graph is kept
REMEMBERED = 64  # input shapes that came once, and have no graph yet
WARM_UP = 3  # runs before recording, so that libraries have chosen their kernels

_RECORDING = Lock()  # CUDA records one graph at a time in a process

Run = Callable[[torch.Tensor], 'tuple[torch.Tensor, ...]']


def current(device: torch.device) -> AbstractContextManager:
    """Make a GPU the current one, which is the first unless said otherwise; a CPU always is."""
    return torch.cuda.device(device) if device.type == 'cuda' else nullcontext()


@dataclass(frozen=True, eq=False)
class Recording:
    """
    One graph, and the memory that it reads and writes at every replay.

    :param graph: the kernels
    :param batch: what they read
    :param outputs: what they write
    :param kept: what they use besides and somebody else might free
    """

    graph: torch.cuda.CUDAGraph
    batch: torch.Tensor
    outputs: tuple[torch.Tensor, ...]
    kept: Any

    def __call__(self, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run it on another batch of the same shape; nobody overwrites what it returns."""
        self.batch.copy_(batch)
        self.graph.replay()
        return tuple(output.clone() for output in self.outputs)


def recordable(device: torch.device) -> bool:
    """Whether what runs on a device can be recorded."""
    return device.type == 'cuda'


def record(run: Run, batch: torch.Tensor, kept: Callable[[], Any]) -> Recording:
    """
    Record what a function does with a batch.

    :param run: as `Replay` takes it
    :param batch: on a GPU that is the current one
    :param kept: gives what `run` holds for the shape that it last saw
    """
    batch = batch.clone()
    # The outer stream is the present one: torch leaves a recording that failed on another.
    with _RECORDING, torch.cuda.stream(torch.cuda.current_stream(batch.device)):
        aside = _aside(batch.device)
        aside.wait_stream(torch.cuda.current_stream(batch.device))
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                run(batch)
        torch.cuda.current_stream(batch.device).wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        # Without a stream of ours torch takes one for all, on the GPU of the first recording.
        with torch.cuda.graph(graph, stream=aside, capture_error_mode='thread_local'):
            outputs = run(batch)
        return Recording(graph, batch, outputs, kept())


@lru_cache
def _aside(device: torch.device) -> torch.cuda.Stream:
    """Where a GPU's graphs are recorded; libraries keep memory for every stream that they see."""
    return torch.cuda.Stream(device)


class Replay:
    """
    A function of a tensor that runs as a CUDA graph on a GPU, and as it is elsewhere.

    A shape is recorded when it comes for the second time: recording takes as long as many runs,
    and pictures of a folder may all be of different sizes. Safe to use from several threads;
    nobody overwrites what it returned.

    :param run: tensor -> tensors; the same kernels for every input of one shape
    :param kept: gives what `run` holds for the shape that it last saw
    """

    def __init__(self, run: Run, kept: Callable[[], Any] = tuple) -> None:
        self._run = run
        self._kept = kept
        self._recordings: Recent[Recording | None] = Recent(SHAPES)
        self._once: Recent[bool] = Recent(REMEMBERED)
        self._lock = Lock()

    @torch.inference_mode()
    def __call__(self, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run it."""
        with self._lock, current(batch.device):
            recording = self._recording(batch) if recordable(batch.device) else None
            return (recording or self._run)(batch)

    def _recording(self, batch: torch.Tensor) -> Recording | None:
        """The one for batches of this shape; None where it comes for the first time."""
        shape = batch.shape
        if shape not in self._recordings and shape not in self._once:
            self._once.get(shape, bool)
            return None
        self._once.drop(shape)
        return self._recordings.get(shape, partial(self._record, batch))

    def _record(self, batch: torch.Tensor) -> Recording | None:
        """A recording; None, which is kept, where the network cannot be recorded."""
        try:
            return record(self._run, batch, self._kept)
        except torch.cuda.OutOfMemoryError:
            raise
        except RuntimeError as error:
            logging.getLogger(__name__).warning(
                'inputs of shape %s run without a recording, and slower: %s',
                tuple(batch.shape), error)
            return None
