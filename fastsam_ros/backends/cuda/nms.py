# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Thresholds and non-maximum suppression on a device.

The host waits for nothing, and shapes do not depend on what is found, so a CUDA graph holds all
of it; limits come as a tensor, so that they may change without a new graph.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from fastsam_ros.core.masks.decoding import SCORE_ROW

CANDIDATES = 1024  # most confident boxes that are compared; with more, the host does it
ROUNDS = 8  # chains of boxes that suppress one another are rarely longer


class Detected(NamedTuple):
    """
    What is left of an image's predictions, or of B images', padded to a fixed number.

    :param table: ([B,] N, 37 + K) float32, most confident first: x0, y0, x1, y1 in network
        pixels, score, 32 coefficients, how likely each of K names is
    :param count: ([B]) float32, how many rows count
    :param complete: ([B]) float32, 1 where every candidate was compared to the end
    """

    table: torch.Tensor
    count: torch.Tensor
    complete: torch.Tensor


def detect(predictions: torch.Tensor, limits: torch.Tensor) -> Detected:
    """
    `core.masks.decoding.detect` on the device, of one image.

    :param predictions: (37 + K, A)
    :param limits: (2,) float32, the lowest score and the highest IoU, as in `Thresholds`
    """
    lowest, iou = limits
    scores = predictions[SCORE_ROW].float()
    above = (scores > lowest) & predictions[:SCORE_ROW].isfinite().all(dim=0)
    order = torch.where(above, scores, -1.0).argsort(descending=True, stable=True)[:CANDIDATES]
    rows = predictions[:, order].T.float()  # (N, 37 + K)
    boxes = torch.cat([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], dim=1)
    keep, settled = suppress(boxes, above[order], iou)
    best = keep.logical_not().to(torch.uint8).argsort(stable=True)
    complete = settled & (above.sum() <= len(order))
    return Detected(
        torch.cat([boxes, rows[:, 4:]], dim=1)[best], keep.sum().float(), complete.float())


def detect_all(predictions: torch.Tensor, limits: torch.Tensor) -> Detected:
    """`detect` for each image of a batch: (B, 37 + K, A)."""
    return Detected(*map(torch.stack, zip(*(detect(one, limits) for one in predictions))))


def suppress(
    boxes: torch.Tensor, valid: torch.Tensor, iou: torch.Tensor | float
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Which boxes stay, in rounds over all pairs at once.

    A box stays when no box before it that stays overlaps it too much. That rule has one solution;
    it is approached from 'all stay', and after k rounds the first k boxes at least are right. When
    a round changes nothing all are (Cluster-NMS, arXiv:2005.03572).

    :param boxes: (N, 4) float32 x0, y0, x1, y1, best first
    :param valid: (N,) bool, the others are not there
    :param iou: boxes that overlap more than this are one, 0 to 1
    :return: (N,) bool, which stay; and () bool, whether the last round changed nothing
    """
    rival = too_close(boxes, iou).triu(1).float()  # [j, i]: j would suppress i
    keep = previous = valid
    for _ in range(ROUNDS):
        previous = keep
        keep = valid & (keep.float() @ rival == 0)
    return keep, (keep == previous).all()


def too_close(boxes: torch.Tensor, iou: torch.Tensor | float) -> torch.Tensor:
    """
    Which pairs overlap more than `iou`: (N, N) bool.

    Compared without a division, in float32: float64 is 32 to 64 times as slow on most GPUs.
    """
    x0, y0, x1, y1 = boxes.T
    width = torch.minimum(x1[:, None], x1) - torch.maximum(x0[:, None], x0)
    height = torch.minimum(y1[:, None], y1) - torch.maximum(y0[:, None], y0)
    shared = width.clamp_(min=0) * height.clamp_(min=0)
    area = (x1 - x0) * (y1 - y0)
    return shared > iou * (area[:, None] + area - shared)
