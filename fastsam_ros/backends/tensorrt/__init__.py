# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The network in TensorRT: .engine files that `fastsam export --to tensorrt` built on this GPU.

All work around the network is done on the GPU too: in torch where it sees the GPU; else, as on a
Jetson with no more than JetPack, by CUDA kernels that NVRTC compiles, through cuda-python. Where
there is no NVRTC the host does it, as it does for a network on a processor.
"""

from __future__ import annotations

from pathlib import Path
import re

from fastsam_ros.backends.protocol import Backend
from fastsam_ros.backends.tensorrt.gpu import find_gpu
from fastsam_ros.backends.tensorrt.note import check_note, read_note
from fastsam_ros.backends.tensorrt.parity import verify
from fastsam_ros.core.errors import BackendError, ParameterError

# Of TensorRT: engines compute in the types of their graph, and in memory that they are given.
LEAST_VERSION = 10, 1


def load(path: Path, device: str, precision: str, streams: int = 1) -> Backend:
    """See `fastsam_ros.backends.load`."""
    index = _index(path, device)
    try:
        import tensorrt as trt
    except ImportError as error:
        raise BackendError(
            f'{path.name} needs TensorRT, which cannot be imported ({error}): pip install '
            'tensorrt, or on a Jetson apt install python3-libnvinfer') from error
    check_version(trt.__version__)
    gpu, note = find_gpu(index), read_note(path)
    check_note(path, note, {'tensorrt': trt.__version__, **gpu.described()})
    if precision not in ('auto', note['precision']):
        raise ParameterError(
            f'{path.name} was built to compute in {note["precision"]}, not in {precision}: '
            f'export it again with --precision {precision}')
    if gpu.in_torch:
        from fastsam_ros.backends.tensorrt.through_torch import TorchEngine as Runner
    else:
        from fastsam_ros.backends.tensorrt.processing import CudaBackend as Runner
    backend = Runner(path, index, note['precision'])
    verify(backend.infer, path, note)
    return backend


def check_version(version: str) -> None:
    """
    Refuse a TensorRT that lacks what engines need.

    :param version: such as 10.3.0
    :raises BackendError: when it is too old
    """
    if tuple(map(int, version.split('.')[:2])) < LEAST_VERSION:
        raise BackendError(
            f'TensorRT {version} is too old: {".".join(map(str, LEAST_VERSION))} or newer is '
            'needed, on a Jetson JetPack 6.1')


def _index(path: Path, device: str) -> int:
    """The GPU's number."""
    known = re.fullmatch(r'auto|cuda(?::(\d+))?', device)
    if known is None:
        raise BackendError(
            f'{path.name} is a TensorRT engine and runs on a GPU alone, not on {device!r}: use '
            'auto, cuda or cuda:N')
    return int(known[1] or 0)
