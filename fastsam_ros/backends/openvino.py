# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in OpenVINO: the default on a CPU; reads .onnx and .xml."""

from __future__ import annotations

from collections import deque
import os
from pathlib import Path
from threading import Lock

import numpy as np
import openvino as ov
from openvino.preprocess import PrePostProcessor

from fastsam_ros.backends import check_outputs
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError

SHAPES = 12  # input shapes whose networks are kept; pictures of many sizes must not fill memory
_TYPES = {'fp32': 'f32', 'fp16': 'f16', 'bf16': 'bf16'}


class Compiled:
    """
    A network compiled for one input shape, and requests that wait to be used again.

    A request holds all of the network's intermediate results, so making one costs as much as a
    part of an inference; as many are made as callers run at the same time.

    :param model: compiled
    """

    def __init__(self, model: ov.CompiledModel) -> None:
        self._model = model
        self._shapes = [tuple(output.shape) for output in model.outputs[:2]]
        self._idle: deque[ov.InferRequest] = deque()  # its append and pop are atomic

    def __call__(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Run it; the network writes into fresh arrays, which nobody overwrites later."""
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._model.create_infer_request()
        outputs = tuple(np.empty(shape, np.float32) for shape in self._shapes)
        for index, output in enumerate(outputs):
            request.set_output_tensor(index, ov.Tensor(output, shared_memory=True))
        request.infer([batch], share_inputs=True, share_outputs=True)
        self._idle.append(request)
        return outputs


class OpenVinoBackend:
    """
    A network compiled once for each input shape, with normalisation inside the compiled graph.

    :param path: of the .onnx or .xml file
    :param device: an OpenVINO device name
    :param precision: what is asked for
    """

    name = 'openvino'

    def __init__(self, path: Path, device: str, precision: str) -> None:
        self._core = ov.Core()
        self._path = path
        self._model = _read(self._core, path)
        self.device = device
        self.precision = self._resolve(precision)
        self.input_shape = _fixed_shape(self._model)
        self._compiled: dict[tuple[int, ...], Compiled] = {}
        self._lock = Lock()

    def infer(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Backend.infer`."""
        try:
            return self._compile(batch.shape)(np.ascontiguousarray(batch))
        except RuntimeError as error:
            raise BackendError(f'OpenVINO could not run {self._path.name}: {error}') from error

    def close(self) -> None:
        """Free all compiled networks."""
        self._compiled.clear()

    def _resolve(self, precision: str) -> str:
        """What 'auto' means on this device; the default type of OpenVINO is the fastest there."""
        integer = any(op.get_type_name() == 'FakeQuantize' for op in self._model.get_ops())
        if precision == 'int8' and not integer:
            raise ParameterError(
                f'{self._path.name} holds no int8 network: make one with '
                '`fastsam export --to openvino --precision int8`')
        if precision not in ('auto', 'int8'):
            return precision
        if integer:
            return 'int8'
        capable = self._core.get_property(self.device, 'OPTIMIZATION_CAPABILITIES')
        return next((name for name in ('bf16', 'fp16') if name.upper() in capable), 'fp32')

    def _compile(self, shape: tuple[int, ...]) -> Compiled:
        """The network for batches of this shape; compiled when it first comes."""
        with self._lock:
            compiled = self._compiled.pop(shape, None)
            if compiled is None:
                model = _with_normalisation(self._model.clone(), shape)
                compiled = Compiled(
                    self._core.compile_model(model, self.device, self._properties()))
            self._compiled[shape] = compiled  # the last one used is the last to go
            if len(self._compiled) > SHAPES:
                del self._compiled[next(iter(self._compiled))]
            return compiled

    def _properties(self) -> dict:
        properties = {'PERFORMANCE_HINT': 'LATENCY', 'CACHE_DIR': str(_cache())}
        if self.precision in _TYPES:
            properties['INFERENCE_PRECISION_HINT'] = _TYPES[self.precision]
        return properties


def load(path: Path, device: str, precision: str) -> OpenVinoBackend:
    """See `fastsam_ros.backends.load`."""
    name = 'CPU' if device in ('auto', 'cpu') else device.upper()
    devices = ov.Core().available_devices
    if name.split('.')[0] not in {d.split('.')[0] for d in devices}:
        raise BackendError(f'OpenVINO has no device {device!r} here; it has {", ".join(devices)}')
    return OpenVinoBackend(path, name, precision)


def _read(core: ov.Core, path: Path) -> ov.Model:
    try:
        model = core.read_model(path)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ModelError(f'{path} cannot be read, it may be truncated: {reason}') from error
    shapes = [_dimensions(output) for output in model.outputs]
    check_outputs(path, *(shapes + [(), ()])[:2])
    return model


def _dimensions(port: ov.Output) -> tuple[int | None, ...]:
    return tuple(None if d.is_dynamic else d.get_length() for d in port.get_partial_shape())


def _fixed_shape(model: ov.Model) -> tuple[int, int] | None:
    """Height and width of an input whose size is fixed."""
    height, width = _dimensions(model.input(0))[2:]
    return None if height is None or width is None else (height, width)


def _with_normalisation(model: ov.Model, shape: tuple[int, ...]) -> ov.Model:
    """A network that takes (B, H, W, 3) uint8 and scales it to 0..1 itself."""
    batch, height, width, _ = shape
    model.reshape([batch, 3, height, width])
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout('NHWC'))
    steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
    steps.input().model().set_layout(ov.Layout('NCHW'))
    for i in range(2):
        steps.output(i).tensor().set_element_type(ov.Type.f32)
    return steps.build()


def _cache() -> Path:
    """Where compiled networks are kept, so that the next start is quick."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'fastsam_ros' / 'openvino'
