# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prototypes at single pixels of the image, on the device where they are."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from fastsam_ros.core.grid import Axis, axes, corners
from fastsam_ros.core.letterbox import Letterbox


def send(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """
    An array to a device, without the host waiting for what is under way there.

    :param array: small; nobody writes to it later
    """
    tensor = torch.from_numpy(array)
    if device.type == 'cuda' and array.size:
        tensor = tensor.pin_memory()  # from other memory a copy waits for all that was started
    return tensor.to(device, non_blocking=True)


def sample(
    prototypes: torch.Tensor, letterbox: Letterbox, x: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """The prototypes at image pixels x, y (P,) int64: (32, P) float32."""
    channels, height, width = prototypes.shape
    at, weights = corners(
        *device_axes(letterbox, height, width, prototypes.device), x, y, torch.stack)
    values = prototypes.reshape(channels, -1)[:, at].float()
    return (values * weights.float()).sum(dim=1)


@lru_cache(maxsize=16)
def device_axes(
    letterbox: Letterbox, height: int, width: int, device: torch.device
) -> tuple[Axis, Axis]:
    """Rows and columns of an image among its prototypes, `core.grid.axes`, as tensors."""
    return tuple(
        Axis(*(send(a, device) for a in arrays), axis.scale, axis.offset)
        for axis in axes(letterbox, height, width)
        for arrays in [(axis.positions, axis.cells, axis.parts, axis.starts)])
