# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Arrays to a device, without the host waiting for what is under way there."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

from cachetools import LRUCache
import numpy as np
import torch

from fastsam_ros.core.images import contiguous, copy_pixels
from fastsam_ros.core.letterbox import Axis, Letterbox, prototype_axes

STAGING = 8  # image shapes of which a page-locked buffer is kept


def send(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """
    An array to a device, without the host waiting for what is under way there.

    :param array: small; nobody writes to it later
    """
    tensor = torch.from_numpy(array)
    if device.type == 'cuda' and array.size:
        tensor = tensor.pin_memory()  # from other memory a copy waits for all that was started
    return tensor.to(device, non_blocking=True)


def _settle(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """An array on a device for the streams of every model: the host waits until it is there."""
    return torch.from_numpy(array).to(device)


@lru_cache(maxsize=64)
def constant(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    """A few float32 that are sent once."""
    return _settle(np.array(values, np.float32), device)


@lru_cache(maxsize=16)
def device_axes(
    letterbox: Letterbox, height: int, width: int, device: torch.device
) -> tuple[Axis, Axis]:
    """`prototype_axes` as tensors on a device."""
    return tuple(
        Axis(*(_settle(a, device) for a in (axis.cells, axis.parts, axis.starts)),
             axis.scale, axis.offset)
        for axis in prototype_axes(letterbox, height, width))


class Upload:
    """
    Images to the device, through page-locked memory where that is a GPU.

    :param device: where to
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._buffers: LRUCache[Any, tuple[torch.Tensor, torch.cuda.Event]] = LRUCache(STAGING)
        self._lock = Lock()

    def __call__(self, image: np.ndarray) -> torch.Tensor:
        """
        Send one image.

        :param image: (H, W, 3) uint8, any strides
        :return: the same on the device; on a GPU it may still be under way
        """
        if self._device.type != 'cuda':
            return torch.from_numpy(contiguous(image)).to(self._device)
        with self._lock:
            if image.shape not in self._buffers:
                self._buffers[image.shape] = _buffer(image.shape)
            buffer, copied = self._buffers[image.shape]
            copied.synchronize()  # the last image of this shape has left the buffer
            copy_pixels(image, buffer.numpy())
            there = buffer.to(self._device, non_blocking=True)
            copied.record(torch.cuda.current_stream(self._device))
            return there


def _buffer(shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.cuda.Event]:
    """Page-locked memory for an image, and what says when the last one has left it."""
    return torch.empty(shape, dtype=torch.uint8, pin_memory=True), torch.cuda.Event()
