# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Text models as two exported graphs, in OpenVINO or ONNX Runtime: no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import BackendError, ModelError
from fastsam_ros.text.card import TOKENIZER, Card
from fastsam_ros.text.pictures import resized
from fastsam_ros.text.tokens import Tokenizer

Graph = Callable[[np.ndarray], np.ndarray]
GRAPHS = ('image', 'text')


class ExportedEncoder:
    """
    Two graphs: (K, S, S, 3) uint8 and (T, context) int64 to unit vectors.

    :param card: what they expect
    :param tokenizer: of the folder
    :param image: the image network
    :param text: the text network
    :param device: what they run on
    """

    def __init__(
        self, card: Card, tokenizer: Tokenizer, image: Graph, text: Graph, device: str
    ) -> None:
        self.card, self.device = card, device
        self.name, self.scale = card.name, card.scale
        self._tokenizer, self._image, self._text = tokenizer, image, text

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder.encode_text`."""
        return self._text(self._tokenizer(texts))

    def encode_images(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See `Encoder.encode_images`."""
        return self._image(resized(crops, self.card))


def load(folder: Path, device: str = 'auto') -> ExportedEncoder:
    """
    Load a folder that `export_text_model` made.

    :raises ModelError: when a file is missing or broken
    :raises BackendError: when no runtime or no such device is there
    """
    card = Card.read(folder)
    tokenizer = Tokenizer.read(folder / TOKENIZER, card)
    suffix = '.xml' if (folder / 'image.xml').is_file() else '.onnx'
    paths = [folder / f'{graph}{suffix}' for graph in GRAPHS]
    for path in paths:
        if not path.is_file():
            raise ModelError(f'{path} is missing: make the folder again with `fastsam export`')
    compile_graph, used = _runtime(suffix, device)
    return ExportedEncoder(card, tokenizer, *map(compile_graph, paths), used)


def _runtime(suffix: str, device: str) -> tuple[Callable[[Path], Graph], str]:
    """How a graph is made ready to run, and on what it will."""
    if suffix == '.onnx' and device.startswith('cuda'):
        return _onnxruntime(device)
    try:
        return _openvino(device)
    except ImportError as error:
        if suffix == '.onnx':
            return _onnxruntime(device)
        raise BackendError(
            "this text model is in OpenVINO's format and OpenVINO is not installed: "
            'pip install openvino'
        ) from error


def _openvino(device: str) -> tuple[Callable[[Path], Graph], str]:
    import openvino as ov

    core = ov.Core()
    name = 'CPU' if device in ('auto', 'cpu') else device.upper()
    if name.split('.')[0] not in {known.split('.')[0] for known in core.available_devices}:
        raise BackendError(
            f'OpenVINO has no device {device!r} here; it has {", ".join(core.available_devices)}'
        )

    def compile_graph(path: Path) -> Graph:
        try:
            compiled = core.compile_model(path, name, {'PERFORMANCE_HINT': 'LATENCY'})
        except RuntimeError as error:
            raise ModelError(f'{path} cannot be read: {_first_line(error)}') from error

        def run(batch: np.ndarray) -> np.ndarray:
            request = compiled.create_infer_request()
            try:
                request.infer([batch])
            except RuntimeError as error:
                raise BackendError(f'OpenVINO could not run {path}: {error}') from error
            return np.array(request.get_output_tensor(0).data, np.float32)

        return run

    return compile_graph, name


def _onnxruntime(device: str) -> tuple[Callable[[Path], Graph], str]:
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendError(
            'this text model needs OpenVINO or ONNX Runtime: pip install openvino'
        ) from error
    providers = ['CPUExecutionProvider']
    if device.startswith('cuda'):
        if 'CUDAExecutionProvider' not in onnxruntime.get_available_providers():
            raise BackendError(f'text device {device!r}: this ONNX Runtime has no CUDA')
        index = int(device.partition(':')[2] or 0)
        providers = [('CUDAExecutionProvider', {'device_id': index}), *providers]

    def compile_graph(path: Path) -> Graph:
        try:
            session = onnxruntime.InferenceSession(str(path), providers=providers)
        except Exception as error:  # its errors share no base but this one
            raise ModelError(f'{path} cannot be read: {_first_line(error)}') from error
        source = session.get_inputs()[0].name

        def run(batch: np.ndarray) -> np.ndarray:
            try:
                return np.asarray(session.run(None, {source: batch})[0], np.float32)
            except Exception as error:  # its errors share no base but this one
                raise BackendError(f'ONNX Runtime could not run {path}: {error}') from error

        return run

    return compile_graph, 'cuda' if device.startswith('cuda') else 'cpu'


def _first_line(error: Exception) -> str:
    return (str(error).strip() or repr(error)).splitlines()[-1]
