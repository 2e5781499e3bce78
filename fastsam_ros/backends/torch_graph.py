# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A network's kernels recorded once for each input shape, and replayed: CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import torch

SHAPES = 8  # input shapes of which a graph is kept
WARM_UP = 3  # runs before recording, so that libraries have chosen their kernels

Run = Callable[[torch.Tensor], 'tuple[torch.Tensor, ...]']


@dataclass(frozen=True, eq=False)
class Recording:
    """
    One graph, and the memory that it reads and writes at every replay.

    :param graph: the kernels
    :param batch: what they read
    :param outputs: what they write
    :param kept: tensors that they read and that somebody else might free
    """

    graph: torch.cuda.CUDAGraph
    batch: torch.Tensor
    outputs: tuple[torch.Tensor, ...]
    kept: Any


class Replay:
    """
    A function of a tensor that runs as a CUDA graph on a GPU, and as it is elsewhere.

    Safe to use from several threads; nobody overwrites what it returned.

    :param run: tensor -> tensors; the same kernels for every input of one shape
    :param kept: gives tensors that `run` holds for the shape that it last saw
    """

    def __init__(self, run: Run, kept: Callable[[], Any] = tuple) -> None:
        self._run = run
        self._kept = kept
        self._recordings: dict[torch.Size, Recording] = {}
        self._lock = Lock()

    @torch.inference_mode()
    def __call__(self, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run it."""
        with self._lock:
            if batch.device.type != 'cuda':
                return self._run(batch)
            if batch.shape not in self._recordings:
                while len(self._recordings) >= SHAPES:
                    del self._recordings[next(iter(self._recordings))]
                self._recordings[batch.shape] = self._record(batch)
            recording = self._recordings[batch.shape]
            recording.batch.copy_(batch)
            recording.graph.replay()
            return tuple(output.clone() for output in recording.outputs)

    def _record(self, batch: torch.Tensor) -> Recording:
        batch = batch.clone()
        aside = torch.cuda.Stream(batch.device)
        aside.wait_stream(torch.cuda.current_stream(batch.device))
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                self._run(batch)
        torch.cuda.current_stream(batch.device).wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode='thread_local'):
            outputs = self._run(batch)
        return Recording(graph, batch, outputs, self._kept())
