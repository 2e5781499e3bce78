# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in TensorRT: .engine files that `fastsam export --to tensorrt` built on this GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorrt as trt
import torch

from fastsam_ros.backends import check_outputs
from fastsam_ros.backends.tensorrt_note import check_note, read_note
from fastsam_ros.backends.tensorrt_parity import verify
from fastsam_ros.backends.torch_graph import Replay
from fastsam_ros.backends.torch_stages import TorchStages
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError

_TYPES = {trt.float32: torch.float32, trt.float16: torch.float16}


class TensorRtBackend:
    """
    An engine; torch holds its inputs and outputs, and does all work around it on the GPU.

    :param path: of the .engine file
    :param device: to run on
    :param precision: what it was built to compute in
    """

    name = 'tensorrt'
    streams = 1

    def __init__(self, path: Path, device: torch.device, precision: str) -> None:
        self._path = path
        self._device = device
        self.device = str(device)
        self.precision = precision
        self._runtime = trt.Runtime(trt.Logger(trt.Logger.WARNING))
        self._engine = self._runtime.deserialize_cuda_engine(path.read_bytes())
        if self._engine is None:
            raise ModelError(
                f'TensorRT {trt.__version__} cannot read {path}: it may be truncated; build it '
                'again with `fastsam export --to tensorrt`')
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        self._input, *self._outputs = sorted(names, key=self._order)
        shapes = [tuple(self._engine.get_tensor_shape(name)) for name in self._outputs]
        free = [tuple(None if side < 0 else side for side in shape) for shape in shapes]
        check_outputs(path, *(free + [(), ()])[:2])
        height, width = tuple(self._engine.get_tensor_shape(self._input))[2:]
        self.input_shape = None if min(height, width) < 0 else (height, width)
        self._contexts: dict[tuple[int, ...], trt.IExecutionContext] = {}
        self._replay = Replay(self._forward)
        self.stages = TorchStages(self.run, device)

    def infer(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Backend.infer`."""
        outputs = self.run(torch.from_numpy(batch).to(self._device))
        return tuple(output.float().cpu().numpy() for output in outputs)

    def run(self, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """
        The same on the device.

        :param batch: (B, H, W, 3) uint8 on the backend's device
        :return: predictions (B, 37, A) and prototypes (B, 32, H/4, W/4) there
        :raises BackendError: when the engine was not built for inputs of that size, or fails
        """
        self._check_size(batch.shape)
        try:
            return self._replay(batch)
        except RuntimeError as error:
            raise BackendError(f'TensorRT could not run {self._path.name}: {error}') from error

    def close(self) -> None:
        """Free the engine and the device's memory."""
        self.stages = None
        self._contexts.clear()
        del self._replay, self._engine, self._runtime
        if self._device.type == 'cuda':
            torch.cuda.empty_cache()

    def _order(self, name: str) -> tuple[bool, int]:
        """The input first, then the predictions, then the prototypes."""
        output = self._engine.get_tensor_mode(name) == trt.TensorIOMode.OUTPUT
        return output, len(self._engine.get_tensor_shape(name)) if output else 0

    def _check_size(self, shape: tuple[int, ...]) -> None:
        batch, height, width, _ = shape
        least, _, most = self._engine.get_tensor_profile_shape(self._input, 0)
        wanted = batch, 3, height, width
        if not all(low <= side <= high for low, side, high in zip(least, wanted, most)):
            raise BackendError(
                f'{self._path.name} takes inputs from {tuple(least)} to {tuple(most)} (batch, 3, '
                f'height, width), not {wanted}: change image_size, or export it again with that '
                '--image-size')

    def _forward(self, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """One run, in a context of its own for each shape: a recorded one must not change."""
        kind = _TYPES[self._engine.get_tensor_dtype(self._input)]
        images = (batch.permute(0, 3, 1, 2).to(kind) / 255).contiguous()
        context = self._context(tuple(images.shape))
        context.set_tensor_address(self._input, images.data_ptr())
        outputs = []
        for name in self._outputs:
            kind = _TYPES[self._engine.get_tensor_dtype(name)]
            shape = tuple(context.get_tensor_shape(name))
            outputs.append(torch.empty(shape, dtype=kind, device=batch.device))
            context.set_tensor_address(name, outputs[-1].data_ptr())
        on_gpu = batch.device.type == 'cuda'
        stream = torch.cuda.current_stream(batch.device).cuda_stream if on_gpu else 0
        if not context.execute_async_v3(stream):
            raise RuntimeError('the engine stopped; the reason is in the log above')
        return tuple(outputs)

    def _context(self, shape: tuple[int, ...]) -> trt.IExecutionContext:
        if shape not in self._contexts:
            context = self._engine.create_execution_context()
            context.set_input_shape(self._input, shape)
            self._contexts[shape] = context
        return self._contexts[shape]


def load(path: Path, device: str, precision: str, streams: int = 1) -> TensorRtBackend:
    """See `fastsam_ros.backends.load`."""
    chosen = torch.device('cuda' if device == 'auto' else device)
    if chosen.type != 'cuda' or not torch.cuda.is_available():
        raise BackendError(
            f'{path.name} is a TensorRT engine and runs on a GPU alone, not on {device!r}'
            + ('' if torch.cuda.is_available() else ': torch sees no CUDA device here; check the '
               'driver (nvidia-smi) and that torch is a CUDA build'))
    note = read_note(path)
    major, minor = torch.cuda.get_device_capability(chosen)
    check_note(path, note, {
        'tensorrt': trt.__version__, 'gpu': torch.cuda.get_device_name(chosen),
        'compute_capability': f'{major}.{minor}'})
    if precision not in ('auto', note['precision']):
        raise ParameterError(
            f'{path.name} was built to compute in {note["precision"]}, not in {precision}: '
            f'export it again with --precision {precision}')
    backend = TensorRtBackend(path, chosen, note['precision'])
    verify(backend.run, path, note, chosen)
    return backend
