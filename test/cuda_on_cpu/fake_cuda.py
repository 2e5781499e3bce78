# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A GPU that is not there: shapes, types and devices of tensors, without values.

torch's FakeTensorMode runs nearly every operation on tensors of 'cuda' in a build without CUDA;
what lies on two devices at once, or asks for a value, raises. A few operations enter C++ before
the mode sees them; they are replaced by their equals here. Where the code is allowed to wait for
the device, it gets made values, and the wait is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode, unset_fake_temporarily
from torch.overrides import TorchFunctionMode

CUDA = torch.device('cuda', 0)


class FakeGpu(TorchFunctionMode):
    """
    Counts the waits.

    :param found: rows that any `nonzero` finds
    """

    def __init__(self, found: int = 6) -> None:
        super().__init__()
        self.waits: list[str] = []
        self.doubles: list[str] = []  # what was computed in float64, slow on most GPUs
        self.fake_mode: FakeTensorMode | None = None
        self._pinned: list[torch.Tensor] = []
        self._found = found
        self._equals: dict[Callable, Callable] = {
            torch.Tensor.__getitem__: _get,
            torch.Tensor.__setitem__: _set,
            torch.Tensor.copy_: _copy,
            torch.Tensor.nonzero: self._nonzero,
            torch.Tensor.cpu: self._cpu,
            torch.Tensor.numpy: _numpy,
            torch.Tensor.to: self._to,
            torch.Tensor.pin_memory: self._pin,
            torch.Tensor.record_stream: lambda tensor, stream: None,
        }

    def __torch_function__(self, function, types, args=(), kwargs=None):
        """Replace what enters C++ too early, and look at what comes out."""
        result = self._equals.get(function, function)(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.is_cuda and result.dtype == torch.float64:
            self.doubles.append(getattr(function, '__name__', str(function)))
        return result

    def _pin(self, tensor: torch.Tensor) -> torch.Tensor:
        self._pinned.append(tensor)
        return tensor

    def _to(self, tensor: torch.Tensor, *args: object, **kwargs: object) -> torch.Tensor:
        """From memory that is not page-locked a copy waits for all that is under way."""
        there = tensor.to(*args, **kwargs)
        locked = any(tensor is known for known in self._pinned)
        if there.is_cuda and not tensor.is_cuda and not (locked and kwargs.get('non_blocking')):
            self.waits.append('upload')
        return there

    def _nonzero(self, tensor: torch.Tensor) -> torch.Tensor:
        self.waits.append('nonzero')
        return torch.zeros(self._found, tensor.ndim, dtype=torch.int64, device=tensor.device)

    def _cpu(self, tensor: torch.Tensor) -> torch.Tensor:
        """Ones: one segment was found, and all were compared."""
        self.waits.append('cpu')
        with unset_fake_temporarily():
            return torch.ones(tensor.shape, dtype=tensor.dtype)


@contextmanager
def fake_gpu() -> Iterator[FakeGpu]:
    """Tensors of the device CUDA, as long as this lasts."""
    with FakeTensorMode(allow_non_fake_inputs=True) as mode, FakeGpu() as gpu:
        gpu.fake_mode = mode
        yield gpu


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    with unset_fake_temporarily():
        return tensor.numpy()


def _get(tensor: torch.Tensor, index: object) -> torch.Tensor:
    axis, lists = 0, []
    for part in index if isinstance(index, tuple) else (index,):
        if part is None:
            tensor = torch.ops.aten.unsqueeze(tensor, axis)
        elif isinstance(part, int):
            tensor = torch.ops.aten.select.int(tensor, axis, part)
            continue
        elif isinstance(part, slice):
            tensor = torch.ops.aten.slice.Tensor(tensor, axis, *part.indices(tensor.shape[axis]))
        elif part is not Ellipsis:
            lists += [None] * (axis - len(lists)) + [part]
        axis = tensor.ndim - 1 if part is Ellipsis else axis + 1
    return torch.ops.aten.index.Tensor(tensor, lists) if lists else tensor


def _set(tensor: torch.Tensor, index: object, value: object) -> None:
    if isinstance(index, torch.Tensor):
        if not isinstance(value, torch.Tensor):
            value = torch.full((), value, dtype=tensor.dtype, device=tensor.device)
        torch.ops.aten.index_put_(tensor, [index], value)
    else:
        _copy(_get(tensor, index), value)


def _copy(tensor: torch.Tensor, other: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """Another device's tensor may come, or another type, but its shape must fit."""
    torch.broadcast_shapes(tensor.shape, other.shape)
    return tensor
