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
    runtime = _runtime(suffix, device)
    return ExportedEncoder(card, tokenizer, *map(runtime.graph, paths), runtime.device)


def _runtime(suffix: str, device: str) -> _OpenVino | _OnnxRuntime:
    """Who runs graphs of that kind on that device."""
    if suffix == '.onnx' and device.startswith('cuda'):
        return _OnnxRuntime(device)
    try:
        return _OpenVino(device)
    except ImportError as error:
        if suffix == '.onnx':
            return _OnnxRuntime(device)
        raise BackendError(
            "this text model is in OpenVINO's format and OpenVINO is not installed: "
            'pip install openvino'
        ) from error


class _OpenVino:
    """Graphs in OpenVINO."""

    def __init__(self, device: str) -> None:
        import openvino

        from fastsam_ros.backends.openvino_requests import Requests

        self._core, self._requests = openvino.Core(), Requests
        self.device = 'CPU' if device in ('auto', 'cpu') else device.upper()
        known = self._core.available_devices
        if self.device.split('.')[0] not in {name.split('.')[0] for name in known}:
            raise BackendError(
                f'OpenVINO has no device {device!r} here; it has {", ".join(known)}. A text model '
                'for a GPU of NVIDIA is exported with --to onnx'
            )

    def graph(self, path: Path) -> Graph:
        """Make a graph ready to run."""
        try:
            compiled = self._core.compile_model(
                path, self.device, {'PERFORMANCE_HINT': 'LATENCY'})
        except RuntimeError as error:
            raise ModelError(f'{path} cannot be read: {_last_line(error)}') from error
        requests = self._requests(compiled)

        def run(batch: np.ndarray) -> np.ndarray:
            with requests.one() as request:
                try:
                    request.infer([batch])
                except RuntimeError as error:
                    raise BackendError(f'OpenVINO could not run {path}: {error}') from error
                return np.array(request.get_output_tensor(0).data, np.float32)

        return run


class _OnnxRuntime:
    """Graphs in ONNX Runtime."""

    def __init__(self, device: str) -> None:
        try:
            from fastsam_ros.backends.onnxruntime import open_session
        except ImportError as error:
            raise BackendError(
                'this text model needs OpenVINO or ONNX Runtime: pip install openvino'
            ) from error
        self._open, self._asked = open_session, device
        self.device = device if device.startswith('cuda') else 'cpu'

    def graph(self, path: Path) -> Graph:
        """Make a graph ready to run."""
        session = self._open(path, self._asked)
        source = session.get_inputs()[0].name

        def run(batch: np.ndarray) -> np.ndarray:
            try:
                return np.asarray(session.run(None, {source: batch})[0], np.float32)
            except Exception as error:  # its errors share no base but this one
                raise BackendError(f'ONNX Runtime could not run {path}: {error}') from error

        return run


def _last_line(error: Exception) -> str:
    return (str(error).strip() or repr(error)).splitlines()[-1]
