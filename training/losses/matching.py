# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which anchors answer for which label."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from fastsam_ros.backends.checkpoints import torchvision_is_optional
from training.data.batches import Batch
from training.network import Output

with torchvision_is_optional():
    from ultralytics.utils.tal import TaskAlignedAssigner

ANCHORS_A_LABEL = 10
SCORE_POWER, OVERLAP_POWER = 0.5, 6.0  # as YOLOv8 is trained


@dataclass(frozen=True)
class Matches:
    """
    The assignment for a batch of B pictures with A anchors.

    :param chosen: (B, A) bool, anchors that answer for a label
    :param labels: (B, A) int64, index into the batch's labels; means nothing where not chosen
    :param boxes: (B, A, 4) the labels' boxes, pixels
    :param quality: (B, A) the score to learn, 0 to 1; 0 where not chosen
    """

    chosen: torch.Tensor
    labels: torch.Tensor
    boxes: torch.Tensor
    quality: torch.Tensor


@torch.no_grad()
def match(student: Output, boxes: torch.Tensor, batch: Batch) -> Matches:
    """
    Assign labels to anchors by score and overlap (https://arxiv.org/abs/2108.07755).

    :param student: raw outputs with one class
    :param boxes: (B, A, 4) its boxes, pixels
    :param batch: the labels
    :return: at most ten anchors a label, each for one label
    """
    padded, valid, starts = _padded(batch)
    assigner = TaskAlignedAssigner(
        topk=ANCHORS_A_LABEL, num_classes=1, alpha=SCORE_POWER, beta=OVERLAP_POWER)
    _, target, quality, chosen, index = assigner(
        student.logits.sigmoid().transpose(1, 2), boxes, student.points,
        torch.zeros_like(padded[..., :1]), padded, valid)
    chosen = chosen.bool()
    return Matches(chosen, index + starts[:, None], target, quality[..., 0] * chosen)


def _padded(batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Boxes (B, M, 4) by picture, which exist (B, M, 1), and each picture's first label (B)."""
    size, device = len(batch.images), batch.boxes.device
    counts = torch.bincount(batch.owners, minlength=size)
    starts = counts.cumsum(0) - counts
    most = max(int(counts.max()), 1)
    padded = batch.boxes.new_zeros(size, most, 4)
    rank = torch.arange(len(batch.owners), device=device) - starts[batch.owners]
    padded[batch.owners, rank] = batch.boxes
    valid = torch.arange(most, device=device) < counts[:, None]
    return padded, valid[..., None], starts
