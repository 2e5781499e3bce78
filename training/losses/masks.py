# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks compared inside their boxes, for a random choice of anchors: all would take too long."""

from __future__ import annotations

import torch
from torch.nn import functional

from training.data.batches import Batch
from training.losses.matching import Matches
from training.network import Output

MASK_STRIDE = 4  # pixels of the input a prototype pixel
MARGIN = 0.1  # of a label's box, on each side, where its mask must end too
MARGIN_WEIGHT = 0.5  # of a pixel there; 1 is that of one inside


def label_masks(student: Output, matches: Matches, batch: Batch, pairs: int) -> torch.Tensor:
    """
    Cross entropy with the labels' masks, a little beyond their boxes too.

    A mask that would go on beyond a box ends at a straight edge wherever the box is too small.

    :param student: raw outputs
    :param matches: the assignment
    :param batch: the labels
    :param pairs: anchors a picture, on average
    :return: a scalar
    """
    image, anchor = choose(matches.chosen.float(), pairs)
    label = matches.labels[image, anchor]
    masks = batch.masks[label].float()
    return _compare(student, image, anchor, batch.boxes[label], masks, MARGIN)


def teacher_masks(
    student: Output, teacher: Output, weight: torch.Tensor, pairs: int
) -> torch.Tensor:
    """
    Cross entropy with the teacher's soft masks.

    :param student: raw outputs
    :param teacher: raw outputs
    :param weight: (B, A) how likely an anchor is compared; 0: never
    :param pairs: anchors a picture, on average
    :return: a scalar
    """
    image, anchor = choose(weight, pairs)
    with torch.no_grad():
        masks = mask_logits(teacher, image, anchor).sigmoid()
        boxes = teacher.boxes()[image, anchor]
    return _compare(student, image, anchor, boxes, masks)


def choose(weight: torch.Tensor, pairs: int) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Draw anchors by weight, none twice (Gumbel's top k, https://arxiv.org/abs/1903.06059).

    :param weight: (B, A), not negative
    :param pairs: anchors a picture, on average
    :return: pictures (M,) and anchors (M,) in ascending order of the pictures
    """
    keys = weight.log() - torch.empty_like(weight).exponential_().log()
    amount = min(pairs * len(weight), int((weight > 0).sum()))
    best = keys.flatten().topk(amount).indices.sort().values
    return best // weight.shape[1], best % weight.shape[1]


def mask_logits(output: Output, image: torch.Tensor, anchor: torch.Tensor) -> torch.Tensor:
    """
    Decode masks over the whole picture.

    :param output: raw outputs
    :param image: (M,) ascending
    :param anchor: (M,)
    :return: (M, H / 4, W / 4)
    """
    counts = torch.bincount(image, minlength=len(output.prototypes)).tolist()
    rows = output.coefficients[image, :, anchor].split(counts)
    return torch.cat([
        torch.einsum('nc,chw->nhw', part, prototypes)
        for part, prototypes in zip(rows, output.prototypes)])


def inside(boxes: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """
    Mark the prototype pixels whose centres lie in boxes.

    :param boxes: (M, 4) x0, y0, x1, y1 in pixels of the input
    :param height: of the prototypes
    :param width: of the prototypes
    :return: (M, height, width) bool
    """
    x = torch.arange(width, device=boxes.device) + 0.5
    y = torch.arange(height, device=boxes.device) + 0.5
    x0, y0, x1, y1 = (boxes / MASK_STRIDE)[..., None].unbind(1)
    return ((x > x0) & (x < x1))[:, None, :] & ((y > y0) & (y < y1))[:, :, None]


def _compare(student: Output, image, anchor, boxes, targets, margin=0.0) -> torch.Tensor:
    """Mean over masks of the cross entropy in each mask's box and margin, relative to the box."""
    if not len(image):
        return student.prototypes.sum() * 0
    logits = mask_logits(student, image, anchor)
    counted = inside(boxes, *logits.shape[-2:])
    weight = counted.float()
    if margin:
        around = inside(_grown(boxes, margin), *logits.shape[-2:])
        weight = torch.where(counted, 1.0, MARGIN_WEIGHT * around)
    loss = functional.binary_cross_entropy_with_logits(
        logits, targets, weight, reduction='none')
    return (loss.sum((1, 2)) / counted.sum((1, 2)).clamp(min=1)).mean()


def _grown(boxes: torch.Tensor, share: float) -> torch.Tensor:
    """Boxes with a margin of a share of their sides and a prototype pixel."""
    more = (boxes[:, 2:] - boxes[:, :2]) * share + MASK_STRIDE
    return torch.cat((boxes[:, :2] - more, boxes[:, 2:] + more), 1)
