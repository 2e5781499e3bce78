# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""As much of TensorRT as the backend asks for, computing on the CPU: no machine of ours has it."""

import ctypes
from enum import Enum
from importlib.machinery import ModuleSpec
import types
from weakref import WeakSet

import numpy as np

INPUT = 'pictures'
WORKSPACE = 4096  # bytes
_TYPES = {'float': np.float32, 'half': np.float16, 'uint8': np.uint8}


class TensorIOMode(Enum):
    INPUT = 0
    OUTPUT = 1


class ExecutionContextAllocationStrategy(Enum):
    USER_MANAGED = 2


class Logger:
    WARNING = 2

    def __init__(self, level):
        self.level = level


class Context:
    """Runs the function that stands for the network, on memory by address as TensorRT does."""

    def __init__(self, engine):
        engine.alive.add(self)
        self.engine, self.addresses, self.shape = engine, {}, None
        self.recorded, self.is_fresh, self.workspace = False, True, 0

    def set_input_shape(self, name, shape):
        assert name == INPUT
        assert not self.recorded, 'a recorded context keeps its shape'
        assert shape != self.shape, 'it prepares anew, which cannot be recorded'
        self.shape, self.is_fresh = shape, True
        return True

    def set_device_memory(self, memory, size):
        assert size == WORKSPACE
        self.workspace = memory

    def get_tensor_shape(self, name):
        if self.shape is None:
            return self.engine.get_tensor_shape(name)
        batch, height, width, _ = self.shape
        anchors = sum((height // stride) * (width // stride) for stride in (8, 16, 32))
        shapes = {INPUT: self.shape, 'output0': (batch, 37, anchors),
                  'output2': (batch, self.engine.names, anchors),
                  'output1': (batch, 32, height // 4, width // 4)}
        return shapes[name]

    def set_tensor_address(self, name, address):
        self.addresses[name] = address
        return self.engine.takes_memory

    def execute_async_v3(self, stream):
        assert self.workspace, 'it has no memory to work in'
        if self.engine.fails or (self.is_fresh and self.engine.is_recording()):
            return False
        self.is_fresh = False
        self.engine.launch(stream, lambda: self._run(dict(self.addresses)))
        return True

    def _run(self, addresses):
        predictions, prototypes = self.engine.network(self._array(INPUT, addresses).copy())
        outputs = predictions[:, :37], prototypes, predictions[:, 37:]
        for name, output in zip(('output0', 'output1', 'output2'), outputs):
            if name in addresses:
                self._array(name, addresses)[:] = output

    def _array(self, name, addresses):
        shape, kind = self.get_tensor_shape(name), _TYPES[self.engine.get_tensor_dtype(name)]
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        memory = (ctypes.c_uint8 * size).from_address(addresses[name])
        return np.frombuffer(memory, kind).reshape(shape)


class Engine:
    def __init__(self, network, names, half, launch, is_recording):
        self.network, self.names, self.half, self.launch = network, names, half, launch
        self.num_io_tensors = 4 if names else 3
        self.is_recording, self.device_memory_size_v2 = is_recording, WORKSPACE
        self.alive: WeakSet[Context] = WeakSet()
        self.contexts, self.input_type = 0, 'uint8'
        self.fails, self.takes_memory = False, True

    def get_tensor_name(self, index):
        # In no order that one may rely on.
        return ('output1', INPUT, 'output0', 'output2')[:self.num_io_tensors][index - 1]

    def get_tensor_mode(self, name):
        return TensorIOMode.INPUT if name == INPUT else TensorIOMode.OUTPUT

    def get_tensor_dtype(self, name):
        half = 'half' if self.half else 'float'
        return {INPUT: self.input_type, 'output0': 'float'}.get(name, half)

    def get_tensor_shape(self, name):
        return {INPUT: (-1, -1, -1, 3), 'output0': (-1, 37, -1),
                'output2': (-1, self.names, -1),
                'output1': (-1, 32, -1, -1)}[name]

    def get_tensor_profile_shape(self, name, profile):
        return (1, 64, 64, 3), (1, 480, 640, 3), (8, 640, 640, 3)

    def create_execution_context(self, strategy):
        assert strategy is ExecutionContextAllocationStrategy.USER_MANAGED
        self.contexts += 1
        return Context(self) if self.takes_memory else None


def make(network, names=0, half=False, launch=lambda stream, work: work(),
         version='10.3.0', is_recording=lambda: False):
    """
    A module that stands for `tensorrt`.

    :param network: pictures (B, H, W, 3) uint8 -> predictions, prototypes; the engine of every
        file that starts with b'engine'
    :param names: that it knows, rows of the predictions after the 37th
    :param half: whether prototypes and names are float16
    :param launch: takes a stream's handle, and work to do on it
    :param is_recording: whether work is recorded now
    """
    module = types.ModuleType('tensorrt')
    module.__version__, module.__spec__ = version, ModuleSpec('tensorrt', None)  # torch asks
    module.Logger, module.TensorIOMode, module.IExecutionContext = Logger, TensorIOMode, Context
    module.ExecutionContextAllocationStrategy = ExecutionContextAllocationStrategy
    module.float32, module.float16, module.uint8 = 'float', 'half', 'uint8'
    module.engines = []

    class Runtime:
        def __init__(self, logger):
            self.logger = logger

        def deserialize_cuda_engine(self, data):
            if not data.startswith(b'engine'):
                return None
            module.engines.append(Engine(network, names, half, launch, is_recording))
            return module.engines[-1]

    module.Runtime = Runtime
    return module
