# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Text models: who turns texts and images into vectors.

Nothing here is fetched from anywhere: a model is a file or a folder on this machine, brought by
`fastsam models get` or made by `fastsam export --text-model`.
"""

from __future__ import annotations

from collections.abc import Callable
import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from fastsam_ros.core.errors import HOW_TO_GET_A_TEXT_MODEL, BackendError, TextError
from fastsam_ros.text.card import CARD
from fastsam_ros.text.weights import find

if TYPE_CHECKING:
    from fastsam_ros.text.matcher import Encoder

__all__ = ['export_text_model', 'load_encoder', 'register_encoder']

_FACTORIES: dict[str, Callable[[str], Encoder]] = {}


def register_encoder(name: str, factory: Callable[[str], Encoder]) -> None:
    """
    Make an encoder of your own known by a name that `load_encoder` takes.

    :param name: the name; it comes before published models and files of that name
    :param factory: makes the encoder, given the device that the user asked for
    """
    _FACTORIES[name] = factory


def load_encoder(name: str, device: str = 'auto') -> Encoder:
    """
    Who turns texts and images into vectors.

    :param name: a folder that `export_text_model` made; a published text model's name; an
        open_clip model's name and a file of weights, 'ViT-B-16/weights.safetensors'; a folder
        with open_clip_config.json and weights; or a registered encoder's name
    :param device: auto, cpu, cuda, cuda:N, or a device of OpenVINO's naming
    :raises TextError: when no name is given, or the model cannot be used
    :raises ModelError: when the file or folder is missing or broken
    :raises BackendError: when the runtime or the device is not there
    """
    if not name:
        raise TextError(HOW_TO_GET_A_TEXT_MODEL)
    if name in _FACTORIES:
        return _FACTORIES[name](device)
    folder = Path(name).expanduser()
    if (folder / CARD).is_file():
        return _room('exported').load(folder, device)
    weights = find(name)  # before anything is asked to be installed
    return _room('clip').load(weights, name, device)


def export_text_model(name: str, folder: str | Path, to: str = 'openvino') -> Path:
    """
    Write a text model so that it runs without torch.

    :param name: as for `load_encoder`, but not an exported folder
    :param folder: made if need be; gets two graphs, tokenizer.json and model.json
    :param to: 'openvino' or 'onnx'
    :return: the folder
    :raises TextError: when the model cannot be exported
    :raises ModelError: when the file or folder is missing or broken
    :raises BackendError: when torch, open_clip, onnx or OpenVINO is missing
    """
    weights = find(name)
    encoder = _room('clip').load(weights, name, 'cpu')
    return _room('export').write(encoder, Path(folder).expanduser(), to)


def _room(name: str) -> ModuleType:
    """A module of this package; what it needs is only needed by those who use it."""
    try:
        return importlib.import_module(f'{__name__}.{name}')
    except ImportError as error:
        raise BackendError(
            f'this text model needs {error.name}, which is not installed: '
            f'pip install {_PACKAGES.get(error.name, error.name)}'
        ) from error


_PACKAGES = {'open_clip': 'open_clip_torch', 'PIL': 'pillow'}
