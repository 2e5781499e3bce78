# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which GPU this is, and who talks to it: torch where it can, else cuda-python."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from fastsam_ros.core.errors import BackendError


class Gpu(NamedTuple):
    """
    A GPU that an engine is built for or runs on.

    :param name: as its driver calls it
    :param compute_capability: such as 8.7
    :param in_torch: whether torch sees it
    """

    name: str
    compute_capability: str
    in_torch: bool

    def described(self) -> dict[str, str]:
        """What the note of an engine says of it."""
        return {'gpu': self.name, 'compute_capability': self.compute_capability}


def find_gpu(index: int) -> Gpu:
    """
    A GPU by its number.

    :raises BackendError: when neither torch nor cuda-python is there, or neither sees it
    """
    reasons = []
    for look in (_by_torch, _by_cuda):
        try:
            return look(index)
        except ImportError as error:
            reasons.append(f'{error.name} cannot be imported ({error})')
        except (OSError, RuntimeError, ValueError) as error:  # a torch that misses its libraries
            reasons.append(str(error))
    raise BackendError(
        f'there is no GPU {index}: {"; ".join(reasons)}. Check the driver '
        "(nvidia-smi), and install a torch that was built for it, or pip install 'cuda-bindings' "
        'of its CUDA version')


def _by_torch(index: int) -> Gpu:
    torch = import_module('torch')
    if index >= torch.cuda.device_count():
        raise RuntimeError(f'torch {torch.__version__} sees {torch.cuda.device_count()} GPUs')
    major, minor = torch.cuda.get_device_capability(index)
    return Gpu(torch.cuda.get_device_name(index), f'{major}.{minor}', True)


def _by_cuda(index: int) -> Gpu:
    cuda = import_module('fastsam_ros.backends.tensorrt.cuda')
    properties = cuda.call('cudaGetDeviceProperties', index)
    name = properties.name.split(b'\0')[0].decode()  # of a fixed length in C
    return Gpu(name, f'{properties.major}.{properties.minor}', False)


def compute_capability(index: int) -> str:
    """
    Of a GPU that cuda-python sees, such as 8.7.

    :raises RuntimeError: when it sees none
    """
    return _by_cuda(index).compute_capability
