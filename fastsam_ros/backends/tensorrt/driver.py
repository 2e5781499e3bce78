# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The kernels on a GPU, started through CUDA's driver."""

from __future__ import annotations

import ctypes
from typing import Any, Protocol

from cuda.bindings import driver

from fastsam_ros.backends.tensorrt.cuda import Stream

BLOCK = 256  # threads, where a kernel does not say otherwise


class Addressed(Protocol):
    """Memory that kernels read or write."""

    address: int


class LoadError(RuntimeError):
    """A GPU does not take what was compiled for it."""


class Kernels:
    """
    Kernels by their names.

    :param cubin: from `nvrtc.cubin`, for the GPU that is the current one of the thread
    :raises LoadError: when the GPU does not take it
    """

    def __init__(self, cubin: bytes) -> None:
        try:
            self._module = _call('cuModuleLoadData', cubin)
        except RuntimeError as error:
            raise LoadError(str(error)) from error
        self._functions: dict[str, Any] = {}

    def launch(
        self,
        name: str,
        stream: Stream,
        grid: tuple[int, int],
        *arguments: Addressed | int,
        block: int = BLOCK,
    ) -> None:
        """
        Queue one.

        :param name: of the kernel
        :param grid: blocks in x and y
        :param arguments: memory, whose address it takes, and integers of 32 bits
        :param block: threads in a block
        """
        if not all(grid):
            return
        if name not in self._functions:
            self._functions[name] = _call('cuModuleGetFunction', self._module, name.encode())
        values = [
            ctypes.c_int32(one) if isinstance(one, int) else ctypes.c_uint64(one.address)
            for one in arguments]
        pointers = (ctypes.c_void_p * len(values))(*map(ctypes.addressof, values))
        _call('cuLaunchKernel', self._functions[name], *grid, 1, block, 1, 1, 0, stream.handle,
              ctypes.addressof(pointers), 0)

    def close(self) -> None:
        """Unload them."""
        _call('cuModuleUnload', self._module)


def blocks(threads: int, block: int = BLOCK) -> int:
    """How many blocks have that many threads."""
    return -(-threads // block)


def _call(name: str, *arguments: Any) -> Any:
    """Call a function of CUDA's driver; `cuda.call` does the runtime's."""
    error, *values = getattr(driver, name)(*arguments)
    if error != driver.CUresult.CUDA_SUCCESS:
        raise RuntimeError(f'{name}: {error.name}')
    return values[0] if values else None
