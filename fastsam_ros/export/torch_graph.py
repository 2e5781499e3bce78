# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A torch network as ONNX and TorchScript files that take pictures of any size.

ultralytics' own head remembers its anchors for one size, and its exporter imports torchvision,
which many machines lack; so the head is run part by part and decoded here.
"""

from __future__ import annotations

import json
from pathlib import Path
import warnings

import onnx
import torch
from torch import nn

from fastsam_ros.core.errors import BackendError, ModelError
from fastsam_ros.export.onnx_files import halve_weights, save_onnx

OPSET = 17
EXAMPLE = (1, 3, 480, 640)  # a shape to trace with; all but the 3 stay free
CELLS = 512  # a side of the finest grid, of the largest input: 4096 pixels, 8 a cell
INPUT, OUTPUTS = 'images', ['output0', 'output1', 'output2']


class FreeSize(nn.Module):
    """
    A YOLOv8-seg network whose outputs are decoded for whatever size comes.

    :param model: ultralytics' SegmentationModel with one class, and maybe names besides
        (`checkpoints.add_names`); its layers are shared, not copied
    :raises ModelError: when it has another head or more classes
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        head, known = model.model[-1], getattr(model, 'known_names', 0)
        parts = ('cv2', 'cv3', 'cv4', 'proto', 'stride')
        if any(getattr(head, part, None) is None for part in parts) or head.nc != 1 + known:
            raise ModelError(
                f'the network ends in a {type(head).__name__} with {getattr(head, "nc", "no")} '
                'classes; expected YOLOv8-seg with one class, as FastSAM is'
            )
        self.layers = model.model
        self.known_names = known
        self.strides = [float(stride) for stride in head.stride]
        # Buffers and not made when they are needed: a traced network would make them on the device
        # where it was traced, wherever it runs.
        self.register_buffer('cells', torch.arange(CELLS) + 0.5)  # middles; exact in float16
        self.register_buffer('bins', torch.arange(float(head.reg_max)))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """
        Run and decode.

        :param images: (B, 3, H, W) float, 0 to 1, H and W multiples of 32
        :return: (B, 37, A) centre x, y, width, height in pixels, score 0 to 1, 32 coefficients;
            the prototypes (B, 32, H / 4, W / 4); and of a network that knows names how likely
            each is, (B, names, A)
        """
        levels = self._levels(images)
        head = self.layers[-1]
        sides, logits, coefficients = (
            torch.cat([part(level).flatten(2) for part, level in zip(branch, levels)], 2)
            for branch in (head.cv2, head.cv3, head.cv4)
        )
        boxes = self._boxes(sides, levels)
        scores = logits.sigmoid()
        predictions = torch.cat([boxes, scores[:, :1], coefficients], 1)
        names = (scores[:, 1:],) if self.known_names else ()
        return predictions, head.proto(levels[0]), *names

    def _levels(self, images: torch.Tensor) -> list[torch.Tensor]:
        """What the head reads: the network runs layer by layer, as ultralytics does it."""
        outputs: list[torch.Tensor] = []
        x = images
        for layer in self.layers[:-1]:
            if isinstance(layer.f, int):
                x = x if layer.f == -1 else outputs[layer.f]
            else:
                x = [x if index == -1 else outputs[index] for index in layer.f]
            x = layer(x)
            outputs.append(x)
        return [outputs[index] for index in self.layers[-1].f]

    def _boxes(self, sides: torch.Tensor, levels: list[torch.Tensor]) -> torch.Tensor:
        """
        Decode distances to the four sides, each the mean of a distribution over bins.

        :param sides: (B, 4 x bins, A) logits
        :param levels: (B, C, h, w) each, for the grids
        :return: (B, 4, A) centre x, y, width, height, pixels
        """
        # In float32 also in a network of less: float16 would round edges to half a pixel.
        shares = sides.float().reshape(sides.shape[0], 4, len(self.bins), -1).softmax(2)
        distances = (shares * self.bins.float().view(1, 1, -1, 1)).sum(2)  # (B, 4, A), cells
        points, strides = self._anchors(levels)
        low, high = points - distances[:, :2], points + distances[:, 2:]
        return torch.cat([(low + high) / 2, high - low], 1) * strides

    def _anchors(self, levels: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """One in the middle of every cell: (2, A) x, y in cells, and (1, A) pixels a cell."""
        points, strides = [], []
        for level, stride in zip(levels, self.strides):
            y, x = self.cells[: level.shape[2]], self.cells[: level.shape[3]]
            rows, columns = torch.meshgrid(y, x, indexing='ij')
            points.append(torch.stack([columns, rows]).flatten(1))
            strides.append(points[-1][:1] * 0 + stride)
        return torch.cat(points, 1), torch.cat(strides, 1)


def write_onnx(
    network: nn.Module, path: Path, metadata: dict[str, str], half: bool = False
) -> None:
    """
    Write an ONNX file with free batch, height and width.

    :param network: takes pictures, gives predictions and prototypes, and names if it has
        `known_names`, as `FreeSize`
    :param path: of the file
    :param metadata: kept in the file
    :param half: keep the weights in float16; arithmetic stays float32
    :raises BackendError: when torch cannot export it
    """
    axes = {0: 'batch', 2: 'height', 3: 'width'}
    small = {0: 'batch', 2: 'rows', 3: 'columns'}
    outputs = OUTPUTS if network.known_names else OUTPUTS[:2]
    rows = {0: 'batch', 2: 'anchors'}
    free = {INPUT: axes, **dict(zip(outputs, (rows, small, rows)))}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # torch's advice to its own developers
            torch.onnx.export(
                network.eval(),
                (torch.zeros(EXAMPLE),),
                str(path),
                dynamo=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=outputs,
                dynamic_axes=free,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise BackendError(f'torch could not export the network to ONNX: {error}') from error
    model = onnx.load(str(path))
    save_onnx(halve_weights(model) if half else model, path, metadata)


def write_torchscript(network: nn.Module, path: Path, metadata: dict[str, str]) -> None:
    """
    Write a TorchScript file with free batch, height and width.

    :param network: takes pictures, gives predictions and prototypes, as `FreeSize`
    :param path: of the file
    :param metadata: kept in the file, as `metadata.json`
    """
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter('ignore')
        traced = torch.jit.trace(network.eval(), torch.zeros(EXAMPLE), check_trace=False)
    extra = {'metadata.json': json.dumps(metadata)}
    torch.jit.save(traced, str(path), _extra_files=extra)
