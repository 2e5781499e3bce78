# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in ONNX Runtime: where OpenVINO is not there, or for a GPU without torch."""

from __future__ import annotations

from pathlib import Path
import re

import cv2
import numpy as np
import onnxruntime

from fastsam_ros.backends.protocol import ANY_BATCH, NetworkOutput, check_outputs
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError

CUDA = 'CUDAExecutionProvider'


class OnnxRuntimeBackend:
    """
    A network in an ONNX Runtime session; computes in what the file holds.

    :param path: of the .onnx file
    :param device: auto, cpu, cuda or cuda:N
    """

    name = 'onnxruntime'
    streams = 1

    def __init__(self, path: Path, device: str) -> None:
        self._path = path
        self._session = open_session(path, device)
        source = self._session.get_inputs()[0]
        self._input = source.name
        self._half = source.type == 'tensor(float16)'
        self.device = device if device.startswith('cuda') else 'cpu'
        self.precision = 'fp16' if self._half else 'fp32'
        shapes = [_dimensions(output.shape) for output in self._session.get_outputs()]
        check_outputs(path, *(shapes if len(shapes) > 1 else [*shapes, ()])[:3])
        count, _, height, width = _dimensions(source.shape)
        self.batch = ANY_BATCH if count is None else (count, count)
        self.input_shape = None if height is None or width is None else (height, width)

    def infer(self, batch: np.ndarray) -> NetworkOutput:
        """See `Backend.infer`."""
        tensor = cv2.dnn.blobFromImages(list(batch), 1 / 255)
        tensor = tensor.astype(np.float16) if self._half else tensor
        try:
            outputs = self._session.run(None, {self._input: tensor})
        except Exception as error:
            raise BackendError(f'ONNX Runtime could not run {self._path.name}: {error}') from error
        outputs = [np.asarray(output, np.float32) for output in outputs[:3]]
        names = len(outputs) == 3  # they follow the predictions
        predictions = np.concatenate(outputs[::2], axis=1) if names else outputs[0]
        return NetworkOutput(predictions, outputs[1])

    def close(self) -> None:
        """Free the session."""
        del self._session


def load(path: Path, device: str, precision: str, streams: int = 1) -> OnnxRuntimeBackend:
    """See `fastsam_ros.backends.load`."""
    backend = OnnxRuntimeBackend(path, device)
    if precision not in ('auto', backend.precision):
        raise ParameterError(
            f'ONNX Runtime computes in what {path.name} holds, {backend.precision}, '
            f'not in {precision}')
    return backend


def _dimensions(shape: list) -> tuple[int | None, ...]:
    return tuple(d if isinstance(d, int) else None for d in shape)


def open_session(path: Path, device: str) -> onnxruntime.InferenceSession:
    """
    A graph made ready to run.

    :param path: of the .onnx file
    :param device: auto, cpu, cuda or cuda:N
    :raises ModelError: when the file is broken
    :raises BackendError: for another device, or a GPU that cannot be used
    """
    providers = _providers(device)
    try:
        session = onnxruntime.InferenceSession(str(path), providers=providers)
    except Exception as error:  # its errors share no base but this one
        reason = (str(error).strip() or repr(error)).splitlines()[-1]
        raise ModelError(f'{path} cannot be read, it may be truncated: {reason}') from error
    # What it has no libraries for it leaves out, with no more than a line in the log.
    if device.startswith('cuda') and CUDA not in session.get_providers():
        raise BackendError(
            f'device {device!r} was asked for and ONNX Runtime {onnxruntime.__version__} cannot '
            'use CUDA here, the reason is in the log above: install the CUDA and cuDNN that it '
            'was built for, or use device cpu')
    return session


def _providers(device: str) -> list:
    """ONNX Runtime's execution providers for a device, best first."""
    if device in ('auto', 'cpu'):
        return ['CPUExecutionProvider']
    known = re.fullmatch(r'cuda(?::(\d+))?', device)
    if known is None:
        raise BackendError(
            f'ONNX Runtime knows no device {device!r}: use auto, cpu, cuda or cuda:N')
    if CUDA not in onnxruntime.get_available_providers():
        raise BackendError(
            f'device {device!r} was asked for and this ONNX Runtime has no CUDA: '
            'pip install onnxruntime-gpu, or use device cpu')
    return [(CUDA, {'device_id': int(known[1] or 0)}), 'CPUExecutionProvider']
