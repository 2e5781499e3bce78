# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Thresholds and non-maximum suppression on a device, without the host waiting for any box."""

from __future__ import annotations

from typing import NamedTuple

import torch

from fastsam_ros.backends.processing import Thresholds
from fastsam_ros.core.decoding import SCORE_ROW

ROUNDS = 8  # chains of boxes that suppress one another are rarely longer


def suppress(
    boxes: torch.Tensor, valid: torch.Tensor, iou: float
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
    rival = (overlaps(boxes) > iou).triu_(1).float()  # [j, i]: j would suppress i
    keep = previous = valid
    for _ in range(ROUNDS):
        previous = keep
        keep = valid & (keep.float() @ rival == 0)
    return keep, (keep == previous).all()


def overlaps(boxes: torch.Tensor) -> torch.Tensor:
    """Intersection over union of all pairs: (N, N) float64, as OpenCV computes it."""
    x0, y0, x1, y1 = boxes.double().T
    width = torch.minimum(x1[:, None], x1) - torch.maximum(x0[:, None], x0)
    height = torch.minimum(y1[:, None], y1) - torch.maximum(y0[:, None], y0)
    shared = width.clamp_(min=0) * height.clamp_(min=0)
    area = (x1 - x0) * (y1 - y0)
    return shared / (area[:, None] + area - shared).clamp_(min=1e-12)


class Survivors(NamedTuple):
    """
    What is left of one image's predictions, on the device, padded to a fixed number.

    :param boxes: (K, 4) float32 x0, y0, x1, y1, network pixels
    :param scores: (K,) float32
    :param rest: (K, 32 + names) float32, coefficients and how likely each name is
    :param count: () int64, how many of them there are
    :param complete: () bool, whether every candidate was compared to the end
    """

    boxes: torch.Tensor
    scores: torch.Tensor
    rest: torch.Tensor
    count: torch.Tensor
    complete: torch.Tensor


def detect(predictions: torch.Tensor, thresholds: Thresholds, candidates: int) -> Survivors:
    """
    `core.decoding.detect` on the device.

    :param predictions: (37, A)
    :param candidates: at most N boxes are compared, most confident first
    """
    scores = predictions[SCORE_ROW].float()
    above = (scores > thresholds.floor) & predictions[:SCORE_ROW].isfinite().all(dim=0)
    order = torch.where(above, scores, -1.0).argsort(descending=True, stable=True)[:candidates]
    rows = predictions[:, order].T.float()  # (K, 37)
    boxes = torch.cat([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], dim=1)
    keep, settled = suppress(boxes, above[order], thresholds.iou)
    best = keep.logical_not().to(torch.uint8).argsort(stable=True)[: thresholds.max_segments]
    return Survivors(
        boxes[best], rows[best, SCORE_ROW], rows[best, SCORE_ROW + 1 :],
        keep.sum().clamp(max=len(best)), settled & (above.sum() <= len(order)))
