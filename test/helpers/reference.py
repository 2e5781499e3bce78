# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ultralytics' own FastSAM, as the oracle of the tests, with or without torchvision."""

from __future__ import annotations

import importlib
import importlib.machinery
from pathlib import Path
import sys
import types

import numpy as np

from fastsam_ros.backends.checkpoints import load_module, set_classes, torchvision_is_optional


def supply_torchvision() -> None:
    """
    Give ultralytics' predictor a torchvision where none fits the installed torch.

    The one operator it uses, `torchvision.ops.nms`, is then ultralytics' own fallback.
    """
    try:
        importlib.import_module('torchvision.ops')
        return
    except (ImportError, RuntimeError):  # not there, or compiled for another torch
        for name in [name for name in sys.modules if name.split('.')[0] == 'torchvision']:
            del sys.modules[name]
    with torchvision_is_optional():
        from ultralytics.utils.nms import TorchNMS
    package, ops = types.ModuleType('torchvision'), types.ModuleType('torchvision.ops')
    package.__spec__ = importlib.machinery.ModuleSpec('torchvision', None)
    ops.nms = TorchNMS.nms
    package.ops = ops
    sys.modules.update({'torchvision': package, 'torchvision.ops': ops})


def drop_names(model) -> None:
    """
    Leave the score alone, as ultralytics takes each output of the class branch for a class.

    :param model: changed in place
    """
    import torch

    kept = [branch[-1] for branch in model.model[-1].cv3]
    set_classes(model, 1)
    for branch, layer in zip(model.model[-1].cv3, kept):
        with torch.no_grad():
            branch[-1].weight.copy_(layer.weight[:1])
            branch[-1].bias.copy_(layer.bias[:1])


def write_checkpoint(weights: Path, path: Path) -> Path:
    """
    A .pt as ultralytics' trainer writes it, from a .safetensors file.

    :param weights: the .safetensors file
    :param path: of the .pt
    """
    import torch

    module = load_module(weights)
    drop_names(module)
    module.args = {'imgsz': 640}
    torch.save({'model': module, 'train_args': {'imgsz': 640, 'task': 'segment'}}, path)
    return path


class Reference:
    """
    Ultralytics' FastSAM with native masks.

    :param checkpoint: a .pt
    :param thresholds: conf, iou, max_det, imgsz
    """

    def __init__(self, checkpoint: Path, **thresholds: float) -> None:
        supply_torchvision()
        with torchvision_is_optional():
            from ultralytics import FastSAM
        self._model = FastSAM(str(checkpoint))
        self._arguments = {
            'retina_masks': True, 'device': 'cpu', 'verbose': False, 'save': False, **thresholds}

    def __call__(self, image: np.ndarray, **prompts: object) -> tuple[np.ndarray, np.ndarray]:
        """
        Boxes (N, 4) float32 x0, y0, x1, y1 and masks (N, H, W) bool, most confident first.

        :param image: (H, W, 3) uint8 RGB
        :param prompts: bboxes, points, labels as ultralytics takes them
        """
        bgr = np.ascontiguousarray(image[..., ::-1])
        result = self._model(bgr, **self._arguments, **prompts)[0]
        if result.masks is None:
            return np.empty((0, 4), np.float32), np.empty((0, *image.shape[:2]), bool)
        return result.boxes.xyxy.numpy(), result.masks.data.numpy().astype(bool)
