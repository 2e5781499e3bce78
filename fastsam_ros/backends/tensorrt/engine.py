# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine's file: what goes in and out, in which sizes and types; whoever holds the memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import tensorrt as trt

from fastsam_ros.backends.protocol import check_outputs
from fastsam_ros.core.errors import BackendError, ModelError

PREDICTIONS = 37  # rows: a box, a score, 32 coefficients
AGAIN = 'build it again with `fastsam export --to tensorrt`'
_TYPES = {trt.float32: np.float32, trt.float16: np.float16, trt.uint8: np.uint8}


class Engine:
    """
    An engine that takes pictures, (B, H, W, 3) uint8 RGB.

    It lives on the GPU that is the current one of the thread.

    :param path: of the .engine file
    :param allocate: gives memory on the GPU, bytes -> its address, which lives as long as the
        engine: all runs work in it, so they must be queued one behind the other
    :raises ModelError: when it is broken, or not an engine of FastSAM
    """

    def __init__(self, path: Path, allocate: Callable[[int], int]) -> None:
        self._path, self._allocate = path, allocate
        self._workspace: tuple[int, int] | None = None  # address and size
        self._runtime = trt.Runtime(trt.Logger(trt.Logger.WARNING))
        self._engine = self._runtime.deserialize_cuda_engine(path.read_bytes())
        if self._engine is None:
            raise ModelError(
                f'TensorRT {trt.__version__} cannot read {path}: it may be truncated; {AGAIN}')
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        self.input, *self.outputs = sorted(names, key=self._order)
        free = [tuple(None if side < 0 else side for side in self._shape(name))
                for name in self.outputs]
        check_outputs(path, *(free if len(free) > 1 else [*free, ()])[:3])
        if self.dtype(self.input) != np.uint8:
            raise ModelError(f'{path.name} takes no pictures of bytes: {AGAIN}')
        height, width = self._shape(self.input)[1:3]
        self.input_shape = None if min(height, width) < 0 else (height, width)
        least, _, most = self._engine.get_tensor_profile_shape(self.input, 0)
        self._least, self._most = tuple(least), tuple(most)
        self.batch = self._least[0], self._most[0]
        self._context: trt.IExecutionContext | None = None

    def dtype(self, name: str) -> type:
        """Numpy's type of a tensor."""
        return _TYPES[self._engine.get_tensor_dtype(name)]

    def check_size(self, shape: tuple[int, ...]) -> None:
        """
        Compare a batch with what the engine was built for.

        :param shape: B, H, W, 3
        :raises BackendError: when it is too small or too large
        """
        if not all(a <= side <= b for a, side, b in zip(self._least, shape, self._most)):
            raise BackendError(
                f'{self._path.name} takes inputs from {self._least} to {self._most} (batch, '
                f'height, width, 3), not {tuple(shape)}: change image_size, or export it again '
                'with that --image-size')

    def prepare(self, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
        """
        Get ready for a batch.

        :param shape: of the batch
        :return: of the outputs: predictions, prototypes and maybe names
        :raises RuntimeError: when there is no memory for a run, or the engine takes no such batch
        """
        context = self._context = self._context or self._new_context()
        # Not while a run is recorded: after it the context prepares what cannot be recorded.
        same = tuple(context.get_tensor_shape(self.input)) == tuple(shape)
        if not same and not context.set_input_shape(self.input, tuple(shape)):
            raise RuntimeError(f'the engine takes no input of shape {tuple(shape)}')
        return [tuple(context.get_tensor_shape(name)) for name in self.outputs]

    def _new_context(self) -> trt.IExecutionContext:
        """
        One that works in the memory that all share.

        Each would have as much of its own as the largest batch takes, and a recording keeps its
        context.
        """
        context = self._engine.create_execution_context(
            trt.ExecutionContextAllocationStrategy.USER_MANAGED)
        if context is None:
            raise RuntimeError('there is not enough memory for a run')
        if self._workspace is None:
            size = self._engine.device_memory_size_v2
            self._workspace = (self._allocate(size), size) if size else (0, 0)
        if self._workspace[1]:
            context.set_device_memory(*self._workspace)
        return context

    def queue(self, addresses: Mapping[str, int], stream: int) -> None:
        """
        Queue a run, of the batch that was last asked for.

        :param addresses: of all tensors, on the GPU
        :param stream: CUDA's handle of the stream
        :raises RuntimeError: when the engine fails
        """
        for name, address in addresses.items():
            if not self._context.set_tensor_address(name, address):
                raise RuntimeError(f'TensorRT takes no memory at {address:#x} for {name}')
        if not self._context.execute_async_v3(stream):
            raise RuntimeError('the engine stopped; the reason is in the log above')

    def release_context(self) -> trt.IExecutionContext | None:
        """Give the context to a recording that was made of it: its shape must not change now."""
        context, self._context = self._context, None
        return context

    def close(self) -> None:
        """Free it."""
        self._context = None
        del self._engine, self._runtime

    def _shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._engine.get_tensor_shape(name))

    def _order(self, name: str) -> tuple[bool, int]:
        """The input first, then the predictions, the prototypes, and names if there are some."""
        shape = self._shape(name)
        rank = {4: 1}.get(len(shape), 0 if shape[1:2] == (PREDICTIONS,) else 2)
        output = self._engine.get_tensor_mode(name) == trt.TensorIOMode.OUTPUT
        return output, rank if output else 0
