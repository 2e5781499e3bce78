# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in ONNX Runtime: where OpenVINO is not there, or for a GPU without torch."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from fastsam_ros.backends import check_outputs
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError


class OnnxRuntimeBackend:
    """
    A network in an ONNX Runtime session; computes in what the file holds.

    :param path: of the .onnx file
    :param providers: execution providers, best first
    """

    name = 'onnxruntime'
    streams = 1

    def __init__(self, path: Path, providers: list[str]) -> None:
        self._path = path
        try:
            self._session = onnxruntime.InferenceSession(str(path), providers=providers)
        except Exception as error:  # its errors share no base but this one
            raise ModelError(f'{path} cannot be read, it may be truncated: {error}') from error
        source = self._session.get_inputs()[0]
        self._input = source.name
        self._half = source.type == 'tensor(float16)'
        self.device = 'cuda' if 'CUDAExecutionProvider' in self._session.get_providers() else 'cpu'
        self.precision = 'fp16' if self._half else 'fp32'
        shapes = [_dimensions(output.shape) for output in self._session.get_outputs()]
        check_outputs(path, *(shapes + [(), ()])[:2])
        height, width = _dimensions(source.shape)[2:]
        self.input_shape = None if height is None or width is None else (height, width)

    def infer(self, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Backend.infer`."""
        tensor = cv2.dnn.blobFromImages(list(batch), 1 / 255)
        tensor = tensor.astype(np.float16) if self._half else tensor
        try:
            outputs = self._session.run(None, {self._input: tensor})[:2]
        except Exception as error:
            raise BackendError(f'ONNX Runtime could not run {self._path.name}: {error}') from error
        return tuple(np.asarray(output, np.float32) for output in outputs)

    def close(self) -> None:
        """Free the session."""
        del self._session


def load(path: Path, device: str, precision: str, streams: int = 1) -> OnnxRuntimeBackend:
    """See `fastsam_ros.backends.load`."""
    providers = ['CPUExecutionProvider']
    if device.startswith('cuda'):
        if 'CUDAExecutionProvider' not in onnxruntime.get_available_providers():
            raise BackendError(
                f'device {device!r} was asked for and this ONNX Runtime has no CUDA: '
                'pip install onnxruntime-gpu, or use device cpu')
        index = int(device.partition(':')[2] or 0)
        providers = [('CUDAExecutionProvider', {'device_id': index}), *providers]
    backend = OnnxRuntimeBackend(path, providers)
    if precision not in ('auto', backend.precision):
        raise ParameterError(
            f'ONNX Runtime computes in what {path.name} holds, {backend.precision}, '
            f'not in {precision}')
    return backend


def _dimensions(shape: list) -> tuple[int | None, ...]:
    return tuple(d if isinstance(d, int) else None for d in shape)
