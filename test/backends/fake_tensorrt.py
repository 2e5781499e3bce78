# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""As much of TensorRT as the backend asks for, computing on the CPU: no machine of ours has it."""

import ctypes
from enum import Enum
import types

import numpy as np
import torch


class TensorIOMode(Enum):
    INPUT = 0
    OUTPUT = 1


class Logger:
    WARNING = 2

    def __init__(self, level):
        self.level = level


class Context:
    """Runs the function that stands for the network, on memory by address as TensorRT does."""

    def __init__(self, engine):
        self.engine, self.addresses, self.shape = engine, {}, None
        self.recorded = False

    def set_input_shape(self, name, shape):
        assert name == 'images'
        assert not self.recorded, 'a recorded context keeps its shape'
        self.shape = shape
        return True

    def get_tensor_shape(self, name):
        if self.shape is None:
            return self.engine.get_tensor_shape(name)
        batch, _, height, width = self.shape
        anchors = sum((height // stride) * (width // stride) for stride in (8, 16, 32))
        shapes = {'images': self.shape, 'output0': (batch, 37, anchors),
                  'output2': (batch, self.engine.names, anchors),
                  'output1': (batch, 32, height // 4, width // 4)}
        return shapes[name]

    def set_tensor_address(self, name, address):
        self.addresses[name] = address

    def execute_async_v3(self, stream):
        size = int(np.prod(self.shape))
        pointer = (ctypes.c_float * size).from_address(self.addresses['images'])
        images = torch.from_numpy(np.ctypeslib.as_array(pointer).reshape(self.shape).copy())
        outputs = self.engine.network(images)
        if outputs is None:
            return False
        predictions, prototypes = outputs
        parts = predictions[:, :37], prototypes, predictions[:, 37:]
        for name, output in zip(('output0', 'output1', 'output2'), parts):
            if not output.numel():  # it knows no names
                continue
            array = np.ascontiguousarray(output.numpy(), np.float32)
            assert array.shape == self.get_tensor_shape(name)
            ctypes.memmove(self.addresses[name], array.ctypes.data, array.nbytes)
        return True


class Engine:
    def __init__(self, network, names):
        self.network, self.names, self.contexts = network, names, 0
        self.num_io_tensors = 4 if names else 3

    def get_tensor_name(self, index):
        # In no order that one may rely on.
        return ('output1', 'images', 'output0', 'output2')[:self.num_io_tensors][index - 1]

    def get_tensor_mode(self, name):
        return TensorIOMode.INPUT if name == 'images' else TensorIOMode.OUTPUT

    def get_tensor_dtype(self, name):
        return 'float'

    def get_tensor_shape(self, name):
        return {'images': (-1, 3, -1, -1), 'output0': (-1, 37, -1),
                'output2': (-1, self.names, -1),
                'output1': (-1, 32, -1, -1)}[name]

    def get_tensor_profile_shape(self, name, profile):
        return (1, 3, 64, 64), (1, 3, 480, 640), (8, 3, 640, 640)

    def create_execution_context(self):
        self.contexts += 1
        return Context(self)


def make(network, names=0, version='10.3.0'):
    """
    A module that stands for `tensorrt`.

    :param network: images (B, 3, H, W) float32 -> predictions, prototypes; the engine of every
        file that starts with b'engine'
    :param names: that it knows, rows of the predictions after the 37th
    """
    module = types.ModuleType('tensorrt')
    module.__version__ = version
    module.Logger, module.TensorIOMode, module.IExecutionContext = Logger, TensorIOMode, Context
    module.float32, module.float16 = 'float', 'half'

    class Runtime:
        def __init__(self, logger):
            self.logger = logger

        def deserialize_cuda_engine(self, data):
            return Engine(network, names) if data.startswith(b'engine') else None

    module.Runtime = Runtime
    return module
