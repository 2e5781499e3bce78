# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Masks compared inside their boxes, for a random choice of anchors: all would take too long.

They are compared at random points, as PointRend does (https://arxiv.org/abs/1912.08193), where
logits are interpolated between prototype pixels as the decoder does it. So outlines are learned
finer than the prototypes are, and a small thing counts at as many points as a large one.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from training.data.augment import MASK_STRIDE
from training.data.batches import Batch
from training.losses.matching import Matches
from training.network import Output

POINTS = 768  # a mask
PROTOTYPE_STRIDE = 4  # pixels of the input a prototype pixel
MARGIN = 0.1  # of a label's box, on each side, where its mask must end too
LEAST_MARGIN = 4.0  # pixels
MARGIN_WEIGHT = 0.5  # of a point there; 1 is that of one inside


def label_masks(student: Output, matches: Matches, batch: Batch, pairs: int) -> torch.Tensor:
    """
    Cross entropy and lacking IoU with the labels' masks, a little beyond their boxes too.

    A mask that would go on beyond a box ends at a straight edge wherever the box is too small.

    :param student: raw outputs
    :param matches: the assignment
    :param batch: the labels
    :param pairs: anchors a picture, on average
    :return: a scalar
    """
    image, anchor = choose(matches.chosen.float(), pairs)
    if not len(image):
        return student.prototypes.sum() * 0
    label = matches.labels[image, anchor]
    boxes = batch.boxes[label]
    points = draw_points(_grown(boxes))
    weight = torch.where(_inside(points, boxes), 1.0, MARGIN_WEIGHT)
    logits = logits_at(student, image, anchor, points)
    targets = _masks_at(batch, label, points)
    return _cross_entropy(logits, targets, weight) + _lacking_iou(logits, targets, weight)


def teacher_masks(
    student: Output, teacher: Output, weight: torch.Tensor, pairs: int
) -> torch.Tensor:
    """
    Cross entropy with the teacher's soft masks in its boxes.

    :param student: raw outputs
    :param teacher: raw outputs
    :param weight: (B, A) how likely an anchor is compared; 0: never
    :param pairs: anchors a picture, on average
    :return: a scalar
    """
    image, anchor = choose(weight, pairs)
    if not len(image):
        return student.prototypes.sum() * 0
    with torch.no_grad():
        points = draw_points(teacher.boxes()[image, anchor])
        targets = logits_at(teacher, image, anchor, points).sigmoid()
    logits = logits_at(student, image, anchor, points)
    return _cross_entropy(logits, targets, torch.ones_like(logits))


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


def draw_points(boxes: torch.Tensor) -> torch.Tensor:
    """
    Draw points anywhere in boxes.

    :param boxes: (M, 4) x0, y0, x1, y1 in pixels of the input
    :return: (M, POINTS, 2) x and y in the same pixels
    """
    near, far = boxes[:, None].split(2, -1)
    return near + torch.rand(len(boxes), POINTS, 2, device=boxes.device) * (far - near)


def logits_at(
    output: Output, image: torch.Tensor, anchor: torch.Tensor, points: torch.Tensor
) -> torch.Tensor:
    """
    Decode masks at points, between prototype pixels linearly; beyond the input as at its border.

    :param output: raw outputs
    :param image: (M,) ascending
    :param anchor: (M,)
    :param points: (M, P, 2) x and y in pixels of the input
    :return: (M, P)
    """
    counts = torch.bincount(image, minlength=len(output.prototypes)).tolist()
    rows = output.coefficients[image, :, anchor].split(counts)
    grids = (points / _canvas(output)[:, 2:] * 2 - 1).split(counts)
    return torch.cat([
        torch.einsum('mc,cmp->mp', row, functional.grid_sample(
            prototypes[None], grid[None], padding_mode='border', align_corners=False)[0])
        for row, grid, prototypes in zip(rows, grids, output.prototypes) if len(row)])


def _masks_at(batch: Batch, label: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Whether points (M, P, 2) lie in the masks of labels (M,): (M, P) float, 0 or 1."""
    height, width = batch.masks.shape[-2:]
    x, y = (points / MASK_STRIDE).long().unbind(-1)
    return batch.masks[
        label[:, None], y.clamp(0, height - 1), x.clamp(0, width - 1)].float()


def _cross_entropy(
    logits: torch.Tensor, targets: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Mean over masks of their points' weighted mean."""
    loss = functional.binary_cross_entropy_with_logits(logits, targets, weight, reduction='none')
    return (loss.sum(1) / weight.sum(1).clamp(min=1)).mean()


def _lacking_iou(
    logits: torch.Tensor, targets: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Mean over masks of 1 - IoU, probabilities counting as parts of points."""
    masks = logits.sigmoid() * weight
    both = (masks * targets).sum(1)
    either = masks.sum(1) + (targets * weight).sum(1) - both
    return (1 - both / either.clamp(min=1)).mean()


def _inside(points: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """Which points (M, P, 2) lie in their box (M, 4): (M, P) bool."""
    near, far = boxes[:, None].split(2, -1)
    return ((points >= near) & (points < far)).all(-1)


def _canvas(output: Output) -> torch.Tensor:
    """The whole input as a box (1, 4)."""
    height, width = output.prototypes.shape[-2:]
    return output.prototypes.new_tensor([[0, 0, width, height]]) * PROTOTYPE_STRIDE


def _grown(boxes: torch.Tensor) -> torch.Tensor:
    """Boxes with their margin."""
    more = (boxes[:, 2:] - boxes[:, :2]) * MARGIN + LEAST_MARGIN
    return torch.cat((boxes[:, :2] - more, boxes[:, 2:] + more), 1)
