# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in TensorRT: .engine files that `fastsam export --to tensorrt` built on this GPU."""

from __future__ import annotations

from pathlib import Path

import tensorrt as trt
import torch

from fastsam_ros.backends.cuda.backend import DeviceBackend, DeviceOutput
from fastsam_ros.backends.cuda.graph import current
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.protocol import NetworkOutput, check_outputs
from fastsam_ros.backends.tensorrt_note import check_note, read_note
from fastsam_ros.backends.tensorrt_parity import verify
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError

PREDICTIONS = 37  # rows: a box, a score, 32 coefficients
_TYPES = {trt.float32: torch.float32, trt.float16: torch.float16}


class TensorRtBackend(DeviceBackend):
    """
    An engine; torch holds its inputs and outputs, and does all work around it on the GPU.

    :param path: of the .engine file
    :param device: to run on
    :param precision: what it was built to compute in
    """

    name, title = 'tensorrt', 'TensorRT'

    def __init__(self, path: Path, device: torch.device, precision: str) -> None:
        super().__init__(path, device, precision)
        with current(device):  # an engine and its contexts live on the GPU that is it then
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
        check_outputs(path, *(free if len(free) > 1 else [*free, ()])[:3])
        height, width = tuple(self._engine.get_tensor_shape(self._input))[2:]
        self.input_shape = None if min(height, width) < 0 else (height, width)
        fewest, _, most = self._engine.get_tensor_profile_shape(self._input, 0)
        self.batch = fewest[0], most[0]
        self._context: trt.IExecutionContext | None = None
        self.processing = TorchProcessing(self.detect, device, self.batch)

    def run(self, batch: torch.Tensor) -> NetworkOutput:
        """
        See `DeviceBackend.run`.

        :raises BackendError: when the engine was not built for inputs of that size, too
        """
        self._check_size(batch.shape)
        return super().run(batch)

    def detect(self, batch: torch.Tensor, limits: torch.Tensor) -> DeviceOutput:
        """See `DeviceBackend.detect`, and `run`."""
        self._check_size(batch.shape)
        return super().detect(batch, limits)

    def close(self) -> None:
        """Free the engine and the device's memory."""
        self.processing = None
        with current(self._device):
            self._context = None
            del self._network, self._whole, self._engine, self._runtime
        if self._device.type == 'cuda':
            torch.cuda.empty_cache()

    def _order(self, name: str) -> tuple[bool, int]:
        """The input first, then the predictions, the prototypes, and names if there are some."""
        shape = tuple(self._engine.get_tensor_shape(name))
        rank = {4: 1}.get(len(shape), 0 if shape[1:2] == (PREDICTIONS,) else 2)
        output = self._engine.get_tensor_mode(name) == trt.TensorIOMode.OUTPUT
        return output, rank if output else 0

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
        """One run."""
        kind = _TYPES[self._engine.get_tensor_dtype(self._input)]
        images = (batch.permute(0, 3, 1, 2).to(kind) / 255).contiguous()
        context = self._of_shape(tuple(images.shape))
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
        predictions, prototypes, *names = outputs
        return (torch.cat([predictions, *names], 1) if names else predictions), prototypes

    def _of_shape(self, shape: tuple[int, ...]) -> trt.IExecutionContext:
        """The context that no recording has taken."""
        if self._context is None:
            self._context = self._engine.create_execution_context()
            if self._context is None:
                raise torch.cuda.OutOfMemoryError('there is not enough memory for a run')
        # Not while a run is recorded: after it the context prepares what cannot be recorded.
        same = tuple(self._context.get_tensor_shape(self._input)) == shape
        if not same and not self._context.set_input_shape(self._input, shape):
            raise RuntimeError(f'the engine takes no input of shape {shape}')
        return self._context

    def _held(self) -> trt.IExecutionContext:
        """The context, for the recording that was made of it: its shape must not change now."""
        context, self._context = self._context, None
        return context


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
