# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Greedy non-maximum suppression on a device, without the host waiting for any box."""

from __future__ import annotations

import torch

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
