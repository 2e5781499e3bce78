# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine without torch: pictures and results in page-locked memory, by cuda-python."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np

from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.tensorrt.cuda import Buffer, Stream, call
from fastsam_ros.backends.tensorrt.engine import Engine
from fastsam_ros.core.errors import BackendError


class CudaEngine:
    """
    An engine; what is before and after the network is done on the host, see `HostProcessing`.

    :param path: of the .engine file
    :param index: of the GPU
    :param precision: what it was built to compute in
    """

    name = 'tensorrt'
    streams = 1

    def __init__(self, path: Path, index: int, precision: str) -> None:
        self._path, self._index = path, index
        self.device, self.precision = f'cuda:{index}', precision
        call('cudaSetDevice', index)
        self._engine = Engine(path)
        self.input_shape, self.batch = self._engine.input_shape, self._engine.batch
        self._stream = Stream()
        self._buffers = {name: Buffer() for name in (self._engine.input, *self._engine.outputs)}
        self._lock = Lock()

    def infer(self, batch: np.ndarray) -> NetworkOutput:
        """See `Backend.infer`; only the waiting for the GPU takes time."""
        self._engine.check_size(batch.shape)
        with self._lock:
            try:
                return self._run(batch)
            except RuntimeError as error:
                raise BackendError(
                    f'TensorRT could not run {self._path.name}: {error}') from error

    def _run(self, batch: np.ndarray) -> NetworkOutput:
        call('cudaSetDevice', self._index)  # each thread has a current one
        shapes = batch.shape, *self._engine.prepare(batch.shape)
        for (name, buffer), shape in zip(self._buffers.items(), shapes):
            buffer.resize(shape, self._engine.dtype(name))
        pictures, *outputs = self._buffers.values()
        pictures.array[:] = batch
        pictures.upload(self._stream)
        addresses = {name: buffer.address for name, buffer in self._buffers.items()}
        self._engine.queue(addresses, self._stream.handle)
        for output in outputs:
            output.download(self._stream)
        self._stream.wait()
        predictions, prototypes, *names = (output.array for output in outputs)
        # Copies: the next run overwrites the buffers.
        rows = np.concatenate([predictions, *names], axis=1, dtype=np.float32)
        return NetworkOutput(rows, prototypes.astype(np.float32))

    def close(self) -> None:
        """Free the engine and its memory."""
        call('cudaSetDevice', self._index)
        self._engine.close()
        for buffer in self._buffers.values():
            buffer.close()
        self._stream.close()
