# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The sources of the kernels, run by the CPU: see cpu_cuda.hpp."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
import subprocess
import tempfile

from fastsam_ros.backends.tensorrt.nvrtc import SOURCES

HERE = Path(__file__).parent
MOST = 32  # arguments
_FOLDER = tempfile.TemporaryDirectory(prefix='fastsam-kernels-')


@cache
def library() -> ctypes.CDLL:
    """Built once a process."""
    path = Path(_FOLDER.name) / 'kernels.so'
    subprocess.run(
        ['c++', '-std=c++17', '-O2', '-ffp-contract=off', '-Wall', '-Wextra', '-Wpedantic',
         '-shared', '-fPIC', f'-I{HERE}', f'-I{SOURCES}',
         str(HERE / 'kernels_on_cpu.cpp'), '-o', str(path)], check=True)
    found = ctypes.CDLL(str(path))
    found.widened_half.restype = ctypes.c_float
    return found


@cache
def argument_sizes(name: str) -> list[int]:
    """Bytes of each argument of a kernel; fails for one that is not there."""
    sizes = (ctypes.c_size_t * MOST)()
    count = library().arguments(name.encode(), sizes)
    assert count >= 0, f'there is no kernel {name}'
    return sizes[:count]


class Launch:
    """
    A kernel with its arguments, as they are now.

    :param name: of the kernel
    :param grid: blocks in x and y
    :param threads: of a block
    :param pointers: address of an array of the arguments' addresses
    """

    def __init__(self, name: str, grid: tuple[int, int], threads: int, pointers: int) -> None:
        sizes = argument_sizes(name)
        places = (ctypes.c_void_p * len(sizes)).from_address(pointers)
        self.values = [ctypes.string_at(place, size) for place, size in zip(places, sizes)]
        self.name, self._grid, self._threads = name, grid, threads
        self.backwards = False  # its blocks and threads from the last to the first

    def addresses(self) -> list[int]:
        """Those among the arguments."""
        return [int.from_bytes(value, 'little') for value in self.values if len(value) == 8]

    def __call__(self) -> None:
        """Run it."""
        kept = [ctypes.create_string_buffer(value, len(value)) for value in self.values]
        places = (ctypes.c_void_p * len(kept))(*map(ctypes.addressof, kept))
        library().launch(
            self.name.encode(), *self._grid, self._threads, places, self.backwards)
