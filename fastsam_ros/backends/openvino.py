# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in OpenVINO: the default on a CPU; reads .onnx and .xml."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
import os
from pathlib import Path
from threading import Lock

from cachetools import LRUCache
import numpy as np
import openvino as ov
from openvino.preprocess import PrePostProcessor

from fastsam_ros.backends.openvino_cache import alone, cache_folder, prune
from fastsam_ros.backends.openvino_names import with_features
from fastsam_ros.backends.openvino_requests import Requests
from fastsam_ros.backends.protocol import ANY_BATCH, NamedOutput, NetworkOutput, check_outputs
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError
from fastsam_ros.core.masks.names import Head, name_scores
from fastsam_ros.core.memory import empty

SMALL = 4  # cores; with no more, the work around the network takes a good part of them
OUTPUTS = 3  # predictions, prototypes, and names where the network knows some
SHAPES = 12  # input shapes whose networks are kept; pictures of many sizes must not fill memory
_TYPES = {'fp32': ov.Type.f32, 'fp16': ov.Type.f16, 'bf16': ov.Type.bf16}
_HINT = 'INFERENCE_PRECISION_HINT'


class Compiled:
    """
    A network for one input shape, compiled at its first run.

    :param compile: gives the compiled network; may take seconds
    :param heads: of `with_features`, where its outputs are those
    """

    def __init__(
        self, compile: Callable[[], ov.CompiledModel], heads: Sequence[Head] = ()
    ) -> None:
        self._compile = compile
        self._heads = heads
        self._requests: Requests | None = None
        self._lock = Lock()

    def __call__(self, batch: np.ndarray) -> NetworkOutput | NamedOutput:
        """Run it; the network writes into arrays of their own, which nobody overwrites."""
        requests = self._ready()
        ports = requests.model.outputs
        outputs = [empty(tuple(port.shape), _array_type(port)) for port in ports]
        with requests.one() as request:
            for output, port in zip(outputs, ports):
                request.set_tensor(port, ov.Tensor(output, port.shape, port.element_type))
            request.set_input_tensor(ov.Tensor(batch, shared_memory=True))
            request.start_async()  # `infer` would wrap the outputs anew for its caller
            request.wait()
        predictions, prototypes, *names = outputs
        prototypes = prototypes.transpose(0, 3, 1, 2)
        if self._heads:
            levels = [level.reshape(len(level), -1, level.shape[-1]) for level in names]
            return NamedOutput(predictions, prototypes, [
                partial(name_scores, one, self._heads) for one in zip(*levels)])
        return NetworkOutput(np.concatenate([predictions, *names], 1), prototypes)

    def _ready(self) -> Requests:
        with self._lock:
            if self._requests is None:
                self._requests = Requests(self._compile())
            return self._requests


class OpenVinoBackend:
    """
    A network compiled once for each input shape, with normalisation inside the compiled graph.

    :param path: of the .onnx or .xml file
    :param device: an OpenVINO device name
    :param precision: what is asked for
    :param streams: inferences that run side by side; 0: as suits a camera
    """

    name = 'openvino'

    def __init__(self, path: Path, device: str, precision: str, streams: int = 1) -> None:
        self._core = ov.Core()
        self.path = path
        model = _read(self._core, path)
        self.device = device
        self.precision = self._resolve(model, precision)
        self._model, self._heads = with_features(model, self._features_type())
        self.streams = streams or self._suitable()
        # A processor gains a few percent by a batch. To compile a network for each size of it,
        # when several cameras send at the same time at last, would stop them all for a second.
        count, self.input_shape = _fixed_sizes(self._model)
        free = (1, 1) if self.device == 'CPU' else ANY_BATCH
        self.batch = free if count is None else (count, count)
        self.compiled: LRUCache[tuple[int, ...], Compiled] = LRUCache(SHAPES)
        self._lock = Lock()

    def infer(self, batch: np.ndarray) -> NetworkOutput | NamedOutput:
        """See `Backend.infer`."""
        try:
            return self._network(batch.shape)(np.ascontiguousarray(batch))
        except RuntimeError as error:
            raise BackendError(f'OpenVINO could not run {self.path.name}: {error}') from error

    def close(self) -> None:
        """Free all compiled networks."""
        self.compiled.clear()

    def _resolve(self, model: ov.Model, precision: str) -> str:
        """What 'auto' means on this device; the default type of OpenVINO is the fastest there."""
        integer = any(op.get_type_name() == 'FakeQuantize' for op in model.get_ops())
        if precision == 'int8' and not integer:
            raise ParameterError(
                f'{self.path.name} holds no int8 network: make one with '
                '`fastsam export --to openvino --precision int8`')
        if precision not in ('auto', 'int8'):
            return precision
        if integer:
            return 'int8'
        capable = self._core.get_property(self.device, 'OPTIMIZATION_CAPABILITIES')
        return next((name for name in ('bf16', 'fp16') if name.upper() in capable), 'fp32')

    def _suitable(self) -> int:
        """
        How many inferences side by side suit a camera.

        All threads of an inference wait for each other at each layer. Where the work around the
        network takes a good part of the few cores, they wait long, and two inferences of half
        the threads give more frames a second. With cores to spare, one gives its frame sooner.
        """
        return 2 if self.device == 'CPU' and 1 < cores() <= SMALL else 1

    def _network(self, shape: tuple[int, ...]) -> Compiled:
        """The network for batches of this shape; others run on while it is compiled."""
        with self._lock:
            if shape not in self.compiled:
                self.compiled[shape] = Compiled(
                    partial(self.compile_for, shape), self._heads)
            return self.compiled[shape]

    def compile_for(self, shape: tuple[int, ...]) -> ov.CompiledModel:
        """The network as OpenVINO runs it for batches (B, H, W, 3) of one shape; takes seconds."""
        model = _with_normalisation(self._model.clone(), shape)
        with alone(cache_folder()):
            compiled = self._core.compile_model(model, self.device, self.properties())
            prune(cache_folder())
        return compiled

    def properties(self) -> dict:
        """What networks are compiled with."""
        properties = {'CACHE_DIR': str(cache_folder())}
        if self.streams > 1:
            properties['NUM_STREAMS'] = str(self.streams)
        else:
            properties['PERFORMANCE_HINT'] = 'LATENCY'
        if self.precision in _TYPES:
            properties[_HINT] = _TYPES[self.precision]
        return properties

    def _features_type(self) -> ov.Type:
        """That in which the network computes what it does not quantize."""
        return _TYPES.get(self.precision) or self._core.get_property(self.device, _HINT)


def load(path: Path, device: str, precision: str, streams: int = 1) -> OpenVinoBackend:
    """See `fastsam_ros.backends.load`."""
    name = 'CPU' if device in ('auto', 'cpu') else device.upper()
    devices = ov.Core().available_devices
    if name.split('.')[0] not in {d.split('.')[0] for d in devices}:
        raise BackendError(f'OpenVINO has no device {device!r} here; it has {", ".join(devices)}')
    return OpenVinoBackend(path, name, precision, streams)


def _read(core: ov.Core, path: Path) -> ov.Model:
    try:
        model = core.read_model(path)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ModelError(f'{path} cannot be read, it may be truncated: {reason}') from error
    shapes = [_dimensions(output) for output in model.outputs]
    check_outputs(path, *(shapes if len(shapes) > 1 else [*shapes, ()])[:OUTPUTS])
    return ov.Model(model.get_results()[:OUTPUTS], model.get_parameters(), model.get_name())


def _dimensions(port: ov.Output) -> tuple[int | None, ...]:
    return tuple(None if d.is_dynamic else d.get_length() for d in port.get_partial_shape())


def _array_type(port: ov.Output) -> type:
    """Of arrays for an output: numpy knows no bfloat16."""
    return np.uint16 if port.element_type == ov.Type.bf16 else np.float32


def _fixed_sizes(model: ov.Model) -> tuple[int | None, tuple[int, int] | None]:
    """How many images an input takes, and their height and width; None where that is free."""
    count, _, height, width = _dimensions(model.input(0))
    return count, None if height is None or width is None else (height, width)


def _with_normalisation(model: ov.Model, shape: tuple[int, ...]) -> ov.Model:
    """A network that takes (B, H, W, 3) uint8 and scales it to 0..1 itself."""
    batch, height, width, _ = shape
    model.reshape([batch, 3, height, width])
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout('NHWC'))
    steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
    steps.input().model().set_layout(ov.Layout('NCHW'))
    for i, output in enumerate(model.outputs):
        if output.element_type != ov.Type.bf16:
            steps.output(i).tensor().set_element_type(ov.Type.f32)
    # Pixel by pixel, as convolutions leave them: to lay out the planes would take 4 % of the time.
    steps.output(1).tensor().set_layout(ov.Layout('NHWC'))
    steps.output(1).model().set_layout(ov.Layout('NCHW'))
    return steps.build()


def cores() -> int:
    """Of the processor, those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
