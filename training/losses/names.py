# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the network learns about names: from labels that have one, and from a teacher of many."""

from __future__ import annotations

import torch
from torch.nn import functional

from training.data.batches import Batch
from training.losses.matching import Matches
from training.network import Output

LEAST_BELIEF = 0.005  # teacher's highest score from which an anchor's names are worth learning


def name_loss(
    student: Output, teacher: Output | None, matches: Matches, batch: Batch
) -> torch.Tensor:
    """
    Cross entropy of the names where something is known of them, and nowhere else.

    Where an anchor answers for a label with a name, the target is the mean of that name and of
    what the teacher says; else it is what the teacher says (https://arxiv.org/abs/1503.02531).

    :param student: raw outputs
    :param teacher: raw outputs of a network that knows the names, or whose classes they are;
        another's are ignored
    :param matches: the assignment
    :param batch: the labels
    :return: a scalar, summed over names, the mean over anchors weighted by what is believed
    """
    logits = student.names.transpose(1, 2)  # (B, A, names)
    taught = _names_of(teacher, logits.shape[2])
    teaches = taught is not None
    wanted = taught.sigmoid().transpose(1, 2) if teaches else torch.zeros_like(logits)
    belief = wanted.amax(2)
    weight = belief.sqrt() * (belief > LEAST_BELIEF)
    if len(batch.names):
        name = batch.names[matches.labels.clamp(max=len(batch.names) - 1)]
        named = matches.chosen & (name >= 0)
        quality = torch.maximum(matches.quality, belief)
        label = functional.one_hot(name.clamp(min=0), logits.shape[2]) * quality[..., None]
        wanted = torch.where(named[..., None], (label + wanted) / 2 if teaches else label, wanted)
        weight = torch.where(named, quality, weight)
    counted = weight > 0
    loss = functional.binary_cross_entropy_with_logits(
        logits[counted], wanted[counted], reduction='none').sum(1)
    return (loss * weight[counted]).sum() / weight.sum().clamp(min=1)


def _names_of(teacher: Output | None, count: int) -> torch.Tensor | None:
    """Logits (B, names, A) of a teacher that has as many names, or classes."""
    told = (teacher.names, teacher.logits) if teacher else ()
    return next((logits for logits in told if logits.shape[1] == count), None)
