# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine whose inputs and outputs torch holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from fastsam_ros.backends.cuda.backend import DeviceBackend, DeviceOutput
from fastsam_ros.backends.cuda.graph import current
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.tensorrt.engine import Engine


class TorchEngine(DeviceBackend):
    """
    An engine; all work around it is done on its GPU too, see `TorchProcessing`.

    :param path: of the .engine file
    :param device: the GPU, or its number
    :param precision: what it was built to compute in
    """

    name, title = 'tensorrt', 'TensorRT'

    def __init__(self, path: Path, device: torch.device | int, precision: str) -> None:
        if isinstance(device, int):
            device = torch.device('cuda', device)
        super().__init__(path, device, precision)
        self._workspace: torch.Tensor | None = None
        with current(device):
            self._engine = Engine(path, self._allocate)
        self.input_shape, self.batch = self._engine.input_shape, self._engine.batch
        self.processing = TorchProcessing(self.detect, device, self.batch)

    def run(self, batch: torch.Tensor) -> NetworkOutput:
        """
        See `DeviceBackend.run`.

        :raises BackendError: when the engine was not built for inputs of that size, too
        """
        self._engine.check_size(batch.shape)
        return super().run(batch)

    def detect(self, batch: torch.Tensor, limits: torch.Tensor) -> DeviceOutput:
        """See `DeviceBackend.detect`, and `run`."""
        self._engine.check_size(batch.shape)
        return super().detect(batch, limits)

    def close(self) -> None:
        """Free the engine and the device's memory."""
        self.processing = None
        with current(self._device):
            del self._network, self._whole
            self._engine.close()
            self._workspace = None
        if self._device.type == 'cuda':
            torch.cuda.empty_cache()

    def _forward(self, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """One run, on the present stream."""
        shapes = self._engine.prepare(tuple(batch.shape))
        outputs = [
            torch.empty(shape, dtype=_type(self._engine.dtype(name)), device=batch.device)
            for name, shape in zip(self._engine.outputs, shapes)]
        addresses = {
            name: tensor.data_ptr() for name, tensor in zip(
                (self._engine.input, *self._engine.outputs), (batch, *outputs))}
        on_gpu = batch.device.type == 'cuda'
        stream = torch.cuda.current_stream(batch.device).cuda_stream if on_gpu else 0
        self._engine.queue(addresses, stream)
        predictions, prototypes, *names = outputs
        return (torch.cat([predictions, *names], 1) if names else predictions), prototypes

    def _allocate(self, size: int) -> int:
        self._workspace = torch.empty(size, dtype=torch.uint8, device=self._device)
        return self._workspace.data_ptr()

    def _held(self) -> Any:
        """The context, for the recording that was made of it."""
        return self._engine.release_context()


def _type(kind: type) -> torch.dtype:
    """Torch's name of one of numpy's types."""
    return getattr(torch, kind.__name__)
