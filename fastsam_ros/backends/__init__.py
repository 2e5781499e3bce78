# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Who runs the network: one small protocol, and a runtime chosen by the model file and the device.

Adding a runtime is one module with a `load(path, device, precision, streams)` and one line in
`_RUNTIMES`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
import logging
from pathlib import Path
from types import ModuleType

from fastsam_ros.backends import integer
from fastsam_ros.backends.protocol import Backend
from fastsam_ros.core.errors import BackendError, FastSamError, ModelError, ParameterError

PRECISIONS = ('auto', 'fp32', 'fp16', 'bf16', 'int8')

TWIN = ('torch', 'safetensors', 'ultralytics')  # what a .safetensors beside an .onnx needs

# File ending -> runtimes that read it, best first; each is a module here, imported when used.
_RUNTIMES = {
    '.onnx': ('openvino', 'onnxruntime'),
    '.xml': ('openvino',),
    '.pt': ('torch',),
    '.safetensors': ('torch',),
    '.torchscript': ('torch',),
    '.engine': ('tensorrt',),
}


def load(
    path: Path, *, device: str = 'auto', precision: str = 'auto', streams: int = 1
) -> Backend:
    """
    Load a model file with the first runtime that reads it and is installed.

    A GPU takes precedence: the .onnx that ships runs in torch on `cuda` through the .safetensors
    beside it. Where int8 is faster on the processor, the int8 network beside it runs.

    :param path: of the model
    :param device: auto, cpu, cuda, cuda:N or a name that the runtime knows
    :param precision: one of `PRECISIONS`
    :param streams: inferences to run side by side, each on its share of the cores, where the
        runtime can; 0: as many as suit a camera on this processor
    :raises ModelError: when the file is broken, of an unknown kind or not a FastSAM network
    :raises BackendError: when no runtime for it is installed, or the device is not there
    :raises ParameterError: for an unknown precision
    """
    if precision not in PRECISIONS:
        raise ParameterError(
            f'precision must be one of {", ".join(PRECISIONS)}, not {precision!r}')
    path, runtimes = choose(path, device, precision)
    missing = []
    for runtime in runtimes:
        try:
            module = import_module(f'{__name__}.{runtime}')
        except ImportError as error:  # not installed, or built for another numpy or Python
            missing.append(f'{runtime} ({error})')
            continue
        return _load(module, path, device, precision, streams)
    raise BackendError(
        f'{path.name} needs one of these runtimes and none works here: {", ".join(missing)}; '
        f'install one, for example: pip install {runtimes[0]}')


def _load(
    module: ModuleType, path: Path, device: str, precision: str, streams: int
) -> Backend:
    """Whatever a runtime raises while it loads, the caller gets one of this package's errors."""
    try:
        return module.load(path, device, precision, streams)
    except FastSamError:
        raise
    except Exception as error:
        raise BackendError(f'{path.name} cannot be loaded on {device}: {error}') from error


def choose(path: Path, device: str, precision: str) -> tuple[Path, tuple[str, ...]]:
    """The file to load, and the runtimes that can."""
    if path.suffix not in _RUNTIMES:
        raise ModelError(
            f'{path} is of no known kind: expected a file that ends in '
            f'{", ".join(_RUNTIMES)}')
    weights = path.with_suffix('.safetensors')
    if path.suffix == '.onnx' and weights.is_file() and means_cuda(device):
        missing = [name for name in TWIN if find_spec(name) is None]
        if not missing:
            return weights, _RUNTIMES['.safetensors']
        logging.getLogger(__name__).warning(
            'torch would run %s on the GPU, but %s is not installed: pip install %s',
            path.stem, ' and '.join(missing), ' '.join(missing))
    if path.suffix == '.onnx' and device.startswith('cuda'):
        return path, ('onnxruntime',)
    if integer.usable(path, device, precision):
        return integer.twin(path), _RUNTIMES['.xml']
    return path, _RUNTIMES[path.suffix]


def means_cuda(device: str) -> bool:
    """Whether a device's name stands for a GPU of torch; torch is imported only to find out."""
    if device != 'auto':
        return device.startswith('cuda')
    # Where there is no driver there is no GPU, and importing torch takes seconds.
    drivers = [*Path('/dev').glob('nvidia*'), *Path('/dev').glob('nvmap')]  # nvmap: a Jetson
    if find_spec('torch') is None or not drivers:
        return False
    return import_module('torch').cuda.is_available()
