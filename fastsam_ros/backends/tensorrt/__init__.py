# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The network in TensorRT: .engine files that `fastsam export --to tensorrt` built on this GPU.

With a torch that sees the GPU all work around the network is done there too. Without one, as on a
Jetson with no more than JetPack, cuda-python moves images in and results out, and the host does
the rest as it does for a network on a processor.
"""

from __future__ import annotations

from pathlib import Path
import re

from fastsam_ros.backends.protocol import Backend
from fastsam_ros.backends.tensorrt.gpu import find_gpu
from fastsam_ros.backends.tensorrt.note import check_note, read_note
from fastsam_ros.backends.tensorrt.parity import verify
from fastsam_ros.core.errors import BackendError, ParameterError


def load(path: Path, device: str, precision: str, streams: int = 1) -> Backend:
    """See `fastsam_ros.backends.load`."""
    index = _index(path, device)
    try:
        import tensorrt as trt
    except ImportError as error:
        raise BackendError(
            f'{path.name} needs TensorRT, which cannot be imported ({error}): pip install '
            'tensorrt, or on a Jetson apt install python3-libnvinfer') from error
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


def _index(path: Path, device: str) -> int:
    """The GPU's number."""
    known = re.fullmatch(r'auto|cuda(?::(\d+))?', device)
    if known is None:
        raise BackendError(
            f'{path.name} is a TensorRT engine and runs on a GPU alone, not on {device!r}: use '
            'auto, cuda or cuda:N')
    return int(known[1] or 0)
