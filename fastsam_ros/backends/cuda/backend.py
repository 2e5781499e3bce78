# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What runtimes have in common that keep a network's inputs and outputs on a device, in torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from fastsam_ros.backends.cuda.graph import Replay
from fastsam_ros.backends.cuda.nms import detect_all
from fastsam_ros.backends.protocol import ANY_BATCH, NetworkOutput
from fastsam_ros.core.errors import BackendError


class DeviceOutput(NamedTuple):
    """What the network says, see `NetworkOutput`, and what is found in it, see `Detected`."""

    predictions: torch.Tensor
    prototypes: torch.Tensor
    table: torch.Tensor
    count: torch.Tensor
    complete: torch.Tensor


class DeviceBackend:
    """
    The part of a `Backend` around `_forward`, which a runtime makes of its network.

    :param path: of the model file
    :param device: to run on
    :param precision: what the network computes in
    """

    name: str
    title: str  # the runtime's name in messages
    streams = 1
    batch = ANY_BATCH
    _forward: Callable[[torch.Tensor], NetworkOutput]  # (B, H, W, 3) uint8 -> its outputs

    def __init__(self, path: Path, device: torch.device, precision: str) -> None:
        self._path = path
        self._device = device
        self.device = str(device)
        self.precision = precision
        self._network = Replay(self._forward, self._held)
        self._whole = Replay(self._forward_and_detect, self._held)

    def infer(self, batch: np.ndarray) -> NetworkOutput:
        """See `Backend.infer`."""
        outputs = self.run(torch.from_numpy(batch).to(self._device))
        return NetworkOutput(*(output.float().cpu().numpy() for output in outputs))

    def run(self, batch: torch.Tensor) -> NetworkOutput:
        """
        The network alone.

        :param batch: (B, H, W, 3) uint8 on the backend's device
        :return: there too
        :raises BackendError: when the device's memory is full or the device fails
        """
        return NetworkOutput(*self._checked(self._network, batch))

    def detect(self, batch: torch.Tensor, limits: torch.Tensor) -> DeviceOutput:
        """
        The network, and which of its boxes remain, in one graph.

        :param batch: as for `run`
        :param limits: (2,) float32 there, see `nms.detect`
        :raises BackendError: as `run`
        """
        return DeviceOutput(*self._checked(self._whole, batch, limits))

    def _forward_and_detect(self, batch: torch.Tensor, limits: torch.Tensor) -> DeviceOutput:
        outputs = self._forward(batch)
        return DeviceOutput(*outputs, *detect_all(outputs[0], limits))

    def _held(self) -> Any:
        """What `_forward` holds for the shape that it last saw, and a recording needs."""
        return ()

    def _checked(self, replay: Replay, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        try:
            return replay(*inputs)
        except RuntimeError as error:  # torch.cuda.OutOfMemoryError is one
            raise BackendError(
                f'{self.title} could not run {self._path.name}: {error}') from error
