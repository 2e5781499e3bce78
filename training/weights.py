# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Networks from files and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save_file
import torch

from fastsam_ros import models
from fastsam_ros.backends.checkpoints import ARCHITECTURE, load_module
from training.network import Network

VARIANCE = 1 - 1e-3  # with a batch norm's epsilon of 1e-3: exactly one
EXACT = '.running_var'  # in float16 it would scale every layer by a hundred-thousandth


def load(path: Path, trust: bool = False) -> Network:
    """
    Load a network to train, to average or to export.

    :param path: a .safetensors file of `save`, or a .pt checkpoint of ultralytics or FastSAM
    :param trust: load a .pt, which is a pickle, though its SHA-256 is not a published one
    :return: on the CPU, in float32
    :raises ModelError: when it is missing, broken or another kind of network
    :raises UntrustedModelError: for a .pt that is neither published nor trusted
    """
    path = models.resolve(path)
    models.check_trust(path, trust)
    return Network(load_module(path))


def save(network: Network, path: Path, metadata: Mapping[str, str]) -> None:
    """
    Write float16 weights in the layout of ultralytics' model, with batch norms that only add.

    A file that is there is replaced by the whole new one, or stays as it is.

    :param network: what to save
    :param path: a .safetensors file
    :param metadata: further text for the file's header
    :raises ValueError: when the header could not say how to build the network again
    """
    name = Path(network.model.yaml.get('yaml_file', 'yolov8n-seg.yaml')).name
    if not ARCHITECTURE.fullmatch(name):
        raise ValueError(
            f'the network is a {name} and .safetensors files are read as YOLOv8-seg alone; export '
            'it to ONNX instead')
    header = {
        'yaml': name, 'nc': str(network.classes), 'known_names': str(network.names),
        'reg_max': str(network.head.reg_max),
        'license': 'AGPL-3.0-only', **metadata}
    state = {
        name: value.contiguous().cpu() if name.endswith(EXACT) else _half(value)
        for name, value in unfused(network.model.state_dict()).items()}
    part = path.with_name(f'{path.name}.part')
    save_file(state, str(part), header)
    part.chmod(0o644)  # safetensors writes for the owner's eyes only
    part.replace(path)


def unfused(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """
    Turn a fused state_dict into that of the model before it was fused.

    :param state: holds names such as model.0.conv.weight and model.0.conv.bias
    :return: holds names such as model.0.conv.weight and model.0.bn.bias, the norms being neutral
    """
    result = {}
    for name, value in state.items():
        if not name.endswith('.conv.bias'):
            result[name] = value
            continue
        norm = name.removesuffix('conv.bias') + 'bn.'
        result[norm + 'weight'] = torch.ones_like(value)
        result[norm + 'bias'] = value
        result[norm + 'running_mean'] = torch.zeros_like(value)
        result[norm + 'running_var'] = torch.full_like(value, VARIANCE)
        result[norm + 'num_batches_tracked'] = torch.tensor(0)
    return result


def _half(value: torch.Tensor) -> torch.Tensor:
    return value.half().contiguous().cpu() if value.is_floating_point() else value.cpu()
