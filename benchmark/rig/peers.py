# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The programs that this package is compared with."""

from __future__ import annotations

from pathlib import Path
import shutil

import numpy as np
import torch
from torch.nn.functional import interpolate

from benchmark import oracle
from fastsam_ros.backends.checkpoints import torchvision_is_optional
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.fastsam import FastSam


class Ultralytics:
    """
    Ultralytics' FastSAM, made once and called with each picture.

    :param checkpoint: a .pt, or what `exported` gives
    :param retina: masks at the picture's size; else at the network's
    :param confidence, iou, max_segments, image_size: as `FastSam` has them; of an exported one
        the size is height and width
    :param device: as ultralytics names it
    :param half: compute in float16, which ultralytics does on a GPU alone
    """

    def __init__(
        self,
        checkpoint: Path,
        *,
        retina: bool,
        confidence: float,
        iou: float = 0.9,
        max_segments: int = 300,
        image_size: int | tuple[int, int] = 640,
        device: str = 'cpu',
        half: bool = False,
    ) -> None:
        make = _fastsam()
        with torchvision_is_optional():
            from ultralytics.utils import DEFAULT_CFG_DICT
        halved = {'quantize': 16} if 'quantize' in DEFAULT_CFG_DICT else {'half': True}
        self._model = make(str(checkpoint))
        self._arguments = {
            'retina_masks': retina, 'conf': confidence, 'iou': iou, 'max_det': max_segments,
            'imgsz': image_size, 'device': device, 'verbose': False, 'save': False,
            **(halved if half else {})}

    @property
    def precision(self) -> str:
        """What it computes in; known from the first picture on."""
        return 'fp16' if self._model.predictor.model.fp16 else 'fp32'

    def __call__(self, image: np.ndarray) -> int:
        """
        All masks of a picture, in memory.

        :param image: (H, W, 3) uint8 BGR
        :return: how many
        """
        result = self._model(image, **self._arguments)[0]
        if result.masks is None:
            return 0
        if result.masks.data.device.type == 'cuda':
            torch.cuda.synchronize()
        return len(result.masks.data)


def _fastsam() -> type:
    oracle().supply_torchvision()
    with torchvision_is_optional():
        from ultralytics import FastSAM
    return FastSAM


def exported(checkpoint: Path, height: int, width: int) -> Path:
    """
    A network in OpenVINO as ultralytics exports it, made once.

    :param height, width: of its input, pixels
    :return: a folder, for `Ultralytics`
    """
    folder = checkpoint.parent / f'{checkpoint.stem}-{width}x{height}'
    made = folder / f'{checkpoint.stem}_openvino_model'
    if not made.is_dir() or made.stat().st_mtime < checkpoint.stat().st_mtime:
        folder.mkdir(exist_ok=True)
        copy = Path(shutil.copy(checkpoint, folder))
        _fastsam()(str(copy)).export(format='openvino', imgsz=(height, width), verbose=False)
    return made


class Casia:
    """
    What CASIA's original does with a network's outputs, where it differs from ultralytics today.

    Masks are made as in its `process_mask_native`: each is upsampled to the picture's size as a
    float, cut to its box, and compared with a threshold, all at once. Its letterbox and network
    are those of this package in torch, and its habit of building a new predictor for each call
    is left out: the original is slower than this.

    :param model: in torch, on the CPU
    """

    def __init__(self, model: FastSam) -> None:
        self._model = model

    @torch.inference_mode()
    def __call__(self, image: np.ndarray) -> int:
        """
        All masks of a picture, in memory.

        :param image: (H, W, 3) uint8 RGB
        :return: how many
        """
        scene = self._model(image)
        if not len(scene):
            return 0
        coefficients, prototypes, boxes = (
            torch.from_numpy(np.ascontiguousarray(array)) for array in (
                scene.coefficients, scene.prototypes, scene.extents))
        return len(native_masks(coefficients, prototypes, boxes, scene.letterbox))


def native_masks(
    coefficients: torch.Tensor,
    prototypes: torch.Tensor,
    boxes: torch.Tensor,
    letterbox: Letterbox,
) -> torch.Tensor:
    """CASIA's `process_mask_native`: (N, H, W) float32, 0 or 1."""
    channels, height, width = prototypes.shape
    masks = (coefficients @ prototypes.reshape(channels, -1)).sigmoid().view(-1, height, width)
    gain = min(height / letterbox.height, width / letterbox.width)
    left, top = (width - letterbox.width * gain) / 2, (height - letterbox.height * gain) / 2
    masks = masks[:, int(top) : int(height - top), int(left) : int(width - left)]
    size = letterbox.height, letterbox.width
    masks = interpolate(masks[None], size, mode='bilinear', align_corners=False)[0]
    x0, y0, x1, y1 = boxes[:, :, None, None].unbind(1)
    x, y = torch.arange(size[1])[None, None], torch.arange(size[0])[None, :, None]
    return (masks * ((x >= x0) & (x < x1) & (y >= y0) & (y < y1))).gt_(0.5)
