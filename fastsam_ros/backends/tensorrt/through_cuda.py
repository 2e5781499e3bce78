# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine without torch: pictures and results in memory that cuda-python gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.tensorrt.cuda import Buffer, Memory, Stream, call, reported
from fastsam_ros.backends.tensorrt.detection import Outputs
from fastsam_ros.backends.tensorrt.engine import Engine
from fastsam_ros.core.errors import BackendError


class CudaEngine:
    """
    An engine, and the memory that it reads and writes; see `CudaBackend` for what is around it.

    :param path: of the .engine file
    :param index: of the GPU
    :param precision: what it was built to compute in
    """

    name = 'tensorrt'
    streams = 1

    def __init__(self, path: Path, index: int, precision: str) -> None:
        self.title, self.index = path.name, index
        self.device, self.precision = f'cuda:{index}', precision
        call('cudaSetDevice', index)
        self._engine = Engine(path, self._allocate)
        self.input_shape, self.batch = self._engine.input_shape, self._engine.batch
        self.stream = Stream()
        self.pictures, self._outputs = Buffer(), [Buffer() for _ in self._engine.outputs]
        self.memory = self.pictures, *self._outputs
        self._workspace: Memory | None = None
        self._shapes: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        self._lock, self._closed = Lock(), False

    def infer(self, batch: np.ndarray) -> NetworkOutput:
        """See `Backend.infer`; only the waiting for the GPU takes time."""
        with self.ready_for(batch.shape):
            outputs = self.resize(batch.shape)
            self.pictures.array[:] = batch
            self.pictures.upload(self.stream)
            self.queue(batch.shape)
            outputs.prototypes.download(self.stream)
            rows = self.download(outputs)
            return NetworkOutput(rows, outputs.prototypes.array.astype(np.float32))

    @contextmanager
    def ready_for(self, shape: tuple[int, ...]) -> Iterator[None]:
        """
        Have the engine and its GPU for one thread.

        :param shape: of the batch that it will run, (B, H, W, 3)
        :raises BackendError: when it takes no such batch, is closed, or the GPU fails meanwhile
        """
        with self._lock, reported(self.title):
            if self._closed:
                raise BackendError(f'{self.title} was closed: load it again')
            self._engine.check_size(shape)
            call('cudaSetDevice', self.index)  # each thread has a current one
            yield

    def resize(self, shape: tuple[int, ...]) -> Outputs:
        """Have memory for a batch: where its outputs will be."""
        if shape not in self._shapes:
            self._shapes[shape] = self._engine.prepare(shape)
        self.pictures.resize(shape, np.uint8)
        for name, buffer, size in zip(self._engine.outputs, self._outputs, self._shapes[shape]):
            buffer.resize(size, self._engine.dtype(name))
        return Outputs(*self._outputs, *[None] * (3 - len(self._outputs)))

    def queue(self, shape: tuple[int, ...]) -> None:
        """Queue a run on what `pictures` holds on the GPU."""
        self._engine.prepare(shape)
        names = self._engine.input, *self._engine.outputs
        self._engine.queue(
            {name: buffer.address for name, buffer in zip(names, self.memory)},
            self.stream.handle)

    def download(self, outputs: Outputs) -> np.ndarray:
        """Predictions with names as their last rows, (B, 37 + K, A) float32; the host waits."""
        parts = [part for part in (outputs.predictions, outputs.names) if part is not None]
        for part in parts:
            part.download(self.stream)
        self.stream.wait()
        # A copy: the next run overwrites the buffers.
        return np.concatenate([part.array for part in parts], axis=1, dtype=np.float32)

    def release_context(self) -> Any:
        """See `Engine.release_context`."""
        return self._engine.release_context()

    def close(self) -> None:
        """Free the engine and its memory, once a run that is under way has ended."""
        with self._lock:
            if not self._closed:
                self._closed = True
                call('cudaSetDevice', self.index)
                self._free()

    def _free(self) -> None:
        self._engine.close()
        for memory in (*self.memory, self.stream, self._workspace):
            if memory is not None:
                memory.close()

    def _allocate(self, size: int) -> int:
        self._workspace = Memory(size)
        return self._workspace.address
