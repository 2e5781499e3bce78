# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What runtimes have in common that keep a network's inputs and outputs on a device, in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from fastsam_ros.backends.cuda.graph import Replay
from fastsam_ros.backends.protocol import ANY_BATCH, NetworkOutput
from fastsam_ros.core.errors import BackendError


class DeviceBackend:
    """
    The part of a `Backend` around `_replay`, which a runtime makes of its network.

    :param path: of the model file
    :param device: to run on
    :param precision: what the network computes in
    """

    name: str
    title: str  # the runtime's name in messages
    streams = 1
    batch = ANY_BATCH
    _replay: Replay

    def __init__(self, path: Path, device: torch.device, precision: str) -> None:
        self._path = path
        self._device = device
        self.device = str(device)
        self.precision = precision

    def infer(self, batch: np.ndarray) -> NetworkOutput:
        """See `Backend.infer`."""
        outputs = self.run(torch.from_numpy(batch).to(self._device))
        return NetworkOutput(*(output.float().cpu().numpy() for output in outputs))

    def run(self, batch: torch.Tensor) -> NetworkOutput:
        """
        The same on the device.

        :param batch: (B, H, W, 3) uint8 on the backend's device
        :return: there too
        :raises BackendError: when the device's memory is full or the device fails
        """
        try:
            return NetworkOutput(*self._replay(batch))
        except RuntimeError as error:  # torch.cuda.OutOfMemoryError is one
            raise BackendError(
                f'{self.title} could not run {self._path.name}: {error}') from error
