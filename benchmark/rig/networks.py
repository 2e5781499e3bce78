# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The networks that are measured: the one that ships, and FastSAM's graphs with random weights."""

from __future__ import annotations

from dataclasses import dataclass
import os
from pathlib import Path

import numpy as np
from safetensors.torch import save_file
import torch

from benchmark import oracle
from benchmark.rig.pictures import frames
from fastsam_ros import models
from fastsam_ros.backends.checkpoints import build, load_module
from fastsam_ros.export.torch_graph import FreeSize, write_onnx

GRAPHS = {'FastSAM-s': 'yolov8s-seg.yaml', 'FastSAM-x': 'yolov8x-seg.yaml'}
DRAWING = 2  # in the names of the files that are kept; raise it when `draw` changes
SPREAD = 2.0  # standard deviation of what goes into the last sigmoid
FILLED = 7.0  # mean of a mask coefficient, in standard deviations


@dataclass(frozen=True)
class Network:
    """
    One network in all its files.

    :param name: as in the table
    :param weights: .safetensors, for torch
    :param onnx: for OpenVINO and ONNX Runtime
    :param checkpoint: .pt, for ultralytics
    :param note: where its weights are from
    """

    name: str
    weights: Path
    onnx: Path
    checkpoint: Path
    note: str


def get(name: str) -> Network:
    """
    A network by its name; what has to be made is made once and kept in a cache folder.

    :param name: fastsam-n, or one of `GRAPHS`
    """
    folder = _folder()
    if name in GRAPHS:
        weights, onnx, note = *_random(name, folder), 'random weights'
    else:
        weights, onnx = (models.shipped(f'{name}.{kind}') for kind in ('safetensors', 'onnx'))
        note = 'the model that ships'
    checkpoint = folder / f'{weights.stem}.pt'
    if not checkpoint.is_file() or checkpoint.stat().st_mtime < weights.stat().st_mtime:
        oracle().write_checkpoint(weights, checkpoint)
    return Network(name, weights, onnx, checkpoint, note)


def _folder() -> Path:
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    folder = Path(base) / 'fastsam_ros' / 'benchmark'
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _random(name: str, folder: Path) -> tuple[Path, Path]:
    weights, onnx = (folder / f'{name}-{DRAWING}.{kind}' for kind in ('safetensors', 'onnx'))
    if not weights.is_file():
        draw(GRAPHS[name], weights)
    if not onnx.is_file():
        write_onnx(FreeSize(load_module(weights).fuse(verbose=False)), onnx, {'source': name})
    return weights, onnx


def draw(yaml: str, path: Path, seed: int = 0) -> None:
    """
    Write a network with weights drawn at random whose outputs differ from place to place.

    Batch norms take their statistics from pictures, so that nothing dies out on the way. Scores
    are spread out, so that a threshold can tell them apart. Masks mostly fill their boxes: of
    plain random ones each pixel would be an outline, which no picture has. As they are drawn, an
    outline passes through about 150 cells of prototypes, where those of the network that ships
    pass through 70 on the same pictures.

    :param yaml: ultralytics' name of the architecture
    :param path: of the .safetensors file
    :param seed: of the drawing
    """
    torch.manual_seed(seed)
    model = build(yaml, 1)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    head = model.model[-1]
    images = torch.from_numpy(np.stack(frames(320, 320))).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        for conv in (head.proto.cv1.conv, head.proto.cv2.conv):  # what is even does not flicker
            conv.weight.copy_(conv.weight.mean((2, 3), keepdim=True).expand_as(conv.weight))
        model.train()(images)
        _set_outputs(model.eval(), head.cv3, images, 0.0, SPREAD)
        _set_outputs(model, head.cv4, images, FILLED, 1.0)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path, {'yaml': yaml})


def _set_outputs(
    model: torch.nn.Module,
    branches: torch.nn.ModuleList,
    images: torch.Tensor,
    mean: float,
    spread: float,
) -> None:
    """Scale the last layers of some branches so that what they give has a mean and a spread."""
    outputs: dict[int, torch.Tensor] = {}
    last = [branch[-1] for branch in branches]
    hooks = [layer.register_forward_hook(lambda _, __, out, i=i: outputs.update({i: out}))
             for i, layer in enumerate(last)]
    model(images)
    for hook in hooks:
        hook.remove()
    for index, layer in enumerate(last):
        scale = spread / outputs[index].std().clamp(min=1e-6)
        layer.bias.copy_((layer.bias - outputs[index].mean()) * scale + mean)
        layer.weight.mul_(scale)
