# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many class scores made one: the linear layer that comes closest to the highest of them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from fastsam_ros.backends.checkpoints import set_classes
from training.network import Network

RIDGE = 1e-3  # share of the mean square that keeps the solution small
LEAST_WEIGHT = 1e-3  # of an anchor whose score is zero


@torch.no_grad()
def collapse(network: Network, batches: Iterable[torch.Tensor]) -> None:
    """
    Replace the class branch's last layers by layers with a single output.

    Each is the least squares fit of the highest class logit to the features that the classes are
    computed from, over all anchors of some pictures. Anchors weigh as much as they score, so that
    proposals are fitted and not the empty rest.

    :param network: with many classes; changed in place
    :param batches: (B, 3, H, W) images, RGB in 0..1
    """
    sums = [(0, 0)] * len(network.head.cv3)
    for images in batches:
        parts = (normal_equations(*pair) for pair in _class_features(network, images))
        sums = [(a + c, b + d) for (a, b), (c, d) in zip(sums, parts)]
    set_classes(network.model, 1)
    for branch, (square, right) in zip(network.head.cv3, sums):
        ridge = RIDGE * square.diagonal().mean() * torch.eye(len(square), dtype=square.dtype)
        solution = torch.linalg.solve(square + ridge, right)
        branch[-1].weight.copy_(solution[:-1].view(1, -1, 1, 1))
        branch[-1].bias.copy_(solution[-1:])


def normal_equations(
    features: torch.Tensor, wanted: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Weighted least squares as a square matrix and a right side, which add up over pictures.

    :param features: (B, C, h, w)
    :param wanted: (B, h, w) logits
    :return: (C + 1, C + 1) and (C + 1), float64; the last row is that of the bias
    """
    rows = features.transpose(0, 1).flatten(1).double()  # (C, n)
    rows = torch.cat((rows, torch.ones_like(rows[:1])))
    wanted = wanted.flatten().double()
    weighted = rows * (wanted.sigmoid() + LEAST_WEIGHT)
    return weighted @ rows.T, weighted @ wanted


def _class_features(network: Network, images: torch.Tensor):
    """Features (B, C, h, w) and highest logits (B, h, w) of each level."""
    levels = network.levels(network.backbone(images))
    for level, branch in zip(levels, network.head.cv3):
        hidden = nn.Sequential(*branch[:-1])(level)
        yield hidden, branch[-1](hidden).amax(1)
