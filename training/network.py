# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""YOLOv8-seg taken apart: a frozen backbone can serve two networks, raw outputs can be trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from fastsam_ros.backends.checkpoints import SegmentationModel

BACKBONE_LAYERS = 10  # layers 0 to 9 of every YOLOv8
Saved = list[torch.Tensor]  # what each layer gave, by its number


@dataclass(frozen=True)
class Output:
    """
    What the network says about a batch of B images, with A anchors over all three levels.

    :param sides: (B, 4 x bins, A) logits of the distances to left, top, right and bottom
    :param logits: (B, classes, A) before the sigmoid; of names none
    :param coefficients: (B, 32, A) of the prototypes
    :param prototypes: (B, 32, H / 4, W / 4)
    :param points: (A, 2) anchor centres, x and y in pixels of the input
    :param strides: (A, 1) pixels a cell
    :param names: (B, names, A) before the sigmoid
    """

    sides: torch.Tensor
    logits: torch.Tensor
    coefficients: torch.Tensor
    prototypes: torch.Tensor
    points: torch.Tensor
    strides: torch.Tensor
    names: torch.Tensor

    def distributions(self) -> torch.Tensor:
        """Logits (B, A, 4, bins) of the distances, a side a row."""
        batch, channels, anchors = self.sides.shape
        return self.sides.view(batch, 4, channels // 4, anchors).permute(0, 3, 1, 2)

    def boxes(self) -> torch.Tensor:
        """Boxes (B, A, 4) as x0, y0, x1, y1 in pixels of the input."""
        batch, channels, anchors = self.sides.shape
        bins = torch.arange(channels // 4, dtype=self.sides.dtype, device=self.sides.device)
        shares = self.sides.view(batch, 4, channels // 4, anchors).softmax(2)
        distances = (shares * bins.view(1, 1, -1, 1)).sum(2).transpose(1, 2) * self.strides
        near, far = distances.split(2, -1)
        return torch.cat((self.points - near, self.points + far), -1)

    def float(self) -> Output:
        """The same in float32, for losses after a forward pass in bfloat16."""
        return Output(*(getattr(self, name).float() for name in self.__dataclass_fields__))


class Network(nn.Module):
    """
    A YOLOv8-seg whose batch norms are folded into its convolutions.

    Folded weights are what is trained: the batches that fit a CPU are too small for statistics.

    :param model: fused in place; its parameters are shared
    """

    def __init__(self, model: SegmentationModel) -> None:
        super().__init__()
        self.model = model.float().eval().fuse(verbose=False)
        self.strides = tuple(self.head.stride.tolist())  # pixels a cell, by level

    @property
    def head(self) -> nn.Module:
        """The last layer: boxes (cv2), scores (cv3), mask coefficients (cv4), prototypes."""
        return self.model.model[-1]

    @property
    def names(self) -> int:
        """How many names it knows: outputs of the class branch after the score."""
        return self.model.known_names

    @property
    def classes(self) -> int:
        """How many scores an anchor has, names aside."""
        return self.head.cv3[0][-1].out_channels - self.names

    def forward(self, images: torch.Tensor) -> Output:
        """
        Run all of it.

        :param images: (B, 3, H, W) RGB in 0..1, H and W multiples of 32
        """
        return self.heads(self.levels(self.backbone(images)))

    def backbone(self, images: torch.Tensor) -> Saved:
        """
        Run the first ten layers.

        :param images: (B, 3, H, W) RGB in 0..1, H and W multiples of 32
        """
        return _run(self.model.model[:BACKBONE_LAYERS], images, [])

    def levels(self, features: Saved) -> Saved:
        """
        Run the neck.

        :param features: what `backbone` gave, of this network or of one with the same backbone
        :return: the head's three inputs (B, C, H / s, W / s), s being 8, 16 and 32
        """
        neck = self.model.model[BACKBONE_LAYERS:-1]
        saved = _run(neck, features[-1], list(features))
        return [saved[i] for i in self.head.f]

    def heads(self, levels: Saved) -> Output:
        """
        Run the head.

        :param levels: what `levels` gave, of this network or of one with the same neck
        """
        head = self.head
        branches = (_joined(branch, levels) for branch in (head.cv2, head.cv3, head.cv4))
        sides, scores, coefficients = branches
        return Output(
            sides, scores[:, :self.classes], coefficients, head.proto(levels[0]),
            *anchors_of(levels, self.strides), scores[:, self.classes:])


def anchors_of(levels: Saved, strides: Sequence[float]) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Place one anchor in the middle of every cell.

    :param levels: feature maps (B, C, h, w), finest first
    :param strides: pixels a cell, by level
    :return: points (A, 2), x and y in pixels of the input; and strides (A, 1)
    """
    points, all_strides = [], []
    for level, stride in zip(levels, strides):
        height, width = level.shape[-2:]
        y, x = torch.meshgrid(
            torch.arange(height, device=level.device), torch.arange(width, device=level.device),
            indexing='ij')
        points.append((torch.stack((x, y), -1).view(-1, 2).float() + 0.5) * stride)
        all_strides.append(torch.full_like(points[-1][:, :1], stride))
    return torch.cat(points), torch.cat(all_strides)


def _run(layers: nn.Sequential, value: torch.Tensor, saved: Saved) -> Saved:
    """Run layers one after another; each names the earlier ones that it reads."""
    for layer in layers:
        if isinstance(layer.f, int):
            value = layer(value if layer.f == -1 else saved[layer.f])
        else:
            value = layer([value if i == -1 else saved[i] for i in layer.f])
        saved.append(value)
    return saved


def _joined(branch: nn.ModuleList, levels: Saved) -> torch.Tensor:
    return torch.cat([part(level).flatten(2) for part, level in zip(branch, levels)], 2)
