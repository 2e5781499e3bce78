# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the network learns: to find the labels, and not to forget what its teacher finds."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from fastsam_ros.backends.checkpoints import torchvision_is_optional
from training.data.batches import Batch
from training.losses.masks import label_masks, teacher_masks
from training.losses.matching import Matches, match
from training.losses.names import name_loss
from training.network import Output

with torchvision_is_optional():
    from ultralytics.utils.metrics import bbox_iou

LEAST_BELIEF = 0.005  # teacher's score from which an anchor is worth remembering


@dataclass(frozen=True)
class Weights:
    """
    How much each part of the loss counts; box, sides and mask are YOLOv8's own.

    :param box: overlap of boxes with labels
    :param sides: distributions of the distances to the labels' sides
    :param score: all scores
    :param mask: masks of labels
    :param teacher_box: distributions of distances, against the teacher's
    :param teacher_mask: masks, against the teacher's
    :param teacher_score: the teacher's score is the least that an anchor should get
    :param background: of an anchor's score without label, in completely labelled pictures
    :param unknown: the same where what has no label may be something nevertheless
    :param names: of what things are called, from labels and from the teacher
    """

    box: float = 7.5
    sides: float = 1.5
    score: float = 1.0
    mask: float = 7.5
    teacher_box: float = 5.0
    teacher_mask: float = 4.0
    teacher_score: bool = True
    background: float = 0.5
    unknown: float = 0.1
    names: float = 1.0


def total(
    student: Output, teacher: Output | None, batch: Batch, weights: Weights, pairs: int
) -> tuple[torch.Tensor, dict[str, float]]:
    """
    Add up all losses.

    :param student: raw outputs of the network that learns, with one class
    :param teacher: raw outputs of the frozen one, with one class or many; None: labels only
    :param batch: the labels
    :param weights: how much each part counts
    :param pairs: masks a picture compared with labels, and half as many with the teacher's
    :return: the sum, and each part as a number
    """
    boxes = student.boxes()
    matches = match(student, boxes, batch)
    amount = matches.quality.sum().clamp(min=1)
    belief = teacher.logits.amax(1).sigmoid() if teacher else torch.zeros_like(matches.quality)
    target = torch.maximum(matches.quality, belief) if weights.teacher_score else matches.quality
    parts = {
        'box': weights.box * box_loss(boxes, matches) / amount,
        'sides': weights.sides * side_loss(student, matches) / amount,
        'score': weights.score * score_loss(student, matches, target, batch, weights),
        'mask': weights.mask * label_masks(student, matches, batch, pairs)}
    if student.names.shape[1]:
        parts['names'] = weights.names * name_loss(student, teacher, matches, batch)
    if teacher:
        free = belief.sqrt() * (belief > LEAST_BELIEF) * ~matches.chosen
        parts['teacher box'] = weights.teacher_box * teacher_boxes(student, teacher, free)
        parts['teacher mask'] = weights.teacher_mask * teacher_masks(
            student, teacher, free, pairs // 2)
    return sum(parts.values()), {name: float(part.detach()) for name, part in parts.items()}


def box_loss(boxes: torch.Tensor, matches: Matches) -> torch.Tensor:
    """
    Sum of what boxes lack in complete IoU with their labels' (https://arxiv.org/abs/1911.08287).

    :param boxes: (B, A, 4) pixels
    :param matches: the assignment
    :return: a scalar, each box weighted by its quality
    """
    chosen = matches.chosen
    iou = bbox_iou(boxes[chosen], matches.boxes[chosen], xywh=False, CIoU=True)
    return ((1 - iou[:, 0]) * matches.quality[chosen]).sum()


def side_loss(student: Output, matches: Matches) -> torch.Tensor:
    """
    Sum of the distribution focal losses (https://arxiv.org/abs/2006.04388).

    :param student: raw outputs
    :param matches: the assignment
    :return: a scalar, each box weighted by its quality
    """
    chosen = matches.chosen
    logs = student.distributions()[chosen].log_softmax(-1)  # (M, 4, bins)
    near, far = matches.boxes.split(2, -1)
    distances = torch.cat((student.points - near, far - student.points), -1) / student.strides
    wanted = distances[chosen].clamp(0, logs.shape[-1] - 1.01)  # (M, 4) cells
    low = wanted.long()[..., None]
    share = wanted - low[..., 0]
    logs_low, logs_high = logs.gather(2, low)[..., 0], logs.gather(2, low + 1)[..., 0]
    loss = -(logs_low * (1 - share) + logs_high * share)
    return (loss.mean(1) * matches.quality[chosen]).sum()


def score_loss(
    student: Output, matches: Matches, target: torch.Tensor, batch: Batch, weights: Weights
) -> torch.Tensor:
    """
    Cross entropy of scores; an anchor without label counts the more, the higher it should score.

    :param student: raw outputs
    :param matches: the assignment
    :param target: (B, A) scores to learn
    :param batch: says which pictures are completely labelled
    :param weights: of anchors without label
    :return: a scalar, relative to the sum of targets
    """
    empty = torch.where(batch.complete, weights.background, weights.unknown)[:, None]
    weight = torch.where(matches.chosen, 1, empty + (1 - empty) * target)
    loss = functional.binary_cross_entropy_with_logits(
        student.logits[:, 0], target, weight, reduction='sum')
    return loss / target.sum().clamp(min=1)


def teacher_boxes(student: Output, teacher: Output, weight: torch.Tensor) -> torch.Tensor:
    """
    Divergence of the sides' distributions from the teacher's.

    :param student: raw outputs
    :param teacher: raw outputs, with as many distances a side
    :param weight: (B, A) of each anchor
    :return: a scalar, the weighted mean
    """
    counted = weight > 0
    ours = student.distributions()[counted].log_softmax(-1)
    theirs = teacher.distributions()[counted].log_softmax(-1)
    loss = (theirs.exp() * (theirs - ours)).sum(-1).mean(-1)
    return (loss * weight[counted]).sum() / weight.sum().clamp(min=1)
