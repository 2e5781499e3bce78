# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Batches for one epoch, the same ones whenever that epoch is run with that seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from training.data.augment import Jitter, Placed, place
from training.data.samples import Sample


@dataclass(frozen=True)
class Batch:
    """B examples; labels of all of them in one list."""

    images: torch.Tensor  # (B, 3, H, W) uint8 RGB
    owners: torch.Tensor  # (N,) int64, the example that a label belongs to
    boxes: torch.Tensor  # (N, 4) float32, x0, y0, x1, y1 in pixels
    masks: torch.Tensor  # (N, H / 2, W / 2) bool
    complete: torch.Tensor  # (B,) bool
    names: torch.Tensor  # (N,) int64, which of the names that are learned; -1: of no known name

    def to(self, device: torch.device) -> Batch:
        """Copy the batch to another device."""
        return Batch(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


class Epoch(Dataset):
    """
    The examples of one epoch; each draws its changes from seed, epoch and index alone.

    :param samples: all pictures
    :param size: longer side of the canvas, pixels, a multiple of 32; see `canvas_of`
    :param jitter: how much pictures are changed
    :param seed: of the whole training
    :param names: that are learned, in their order
    """

    def __init__(
        self, samples: Sequence[Sample], size: int, jitter: Jitter, seed: int,
        names: Sequence[str] = (),
    ) -> None:
        self.samples, self.size, self.jitter, self.seed = samples, size, jitter, seed
        self.names = tuple(names)
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> Placed:
        sample = self.samples[index]
        random = np.random.default_rng((self.seed, self.epoch, index))
        return place(sample, canvas_of(sample, self.size), self.jitter, random)

    def plan(self, batch: int) -> list[list[int]]:
        """
        Shuffle pictures into batches of one orientation each; every picture is in exactly one.

        :param batch: pictures a batch; the last of an orientation may have fewer
        :return: indices, batch by batch
        """
        random = np.random.default_rng((self.seed, self.epoch))
        order = random.permutation(len(self.samples))
        batches = []
        for upright in (False, True):
            chosen = [int(i) for i in order if self.samples[i].upright == upright]
            batches += [chosen[i:i + batch] for i in range(0, len(chosen), batch)]
        return [batches[i] for i in random.permutation(len(batches))]


def canvas_of(sample: Sample, size: int) -> tuple[int, int]:
    """
    Choose an upright or a lying canvas, so that little of it is padding.

    :param sample: the picture
    :param size: longer side in pixels, a multiple of 32
    :return: height and width, multiples of 32
    """
    short = -(-size * 3 // 4 // 32) * 32
    return (size, short) if sample.upright else (short, size)


def collate(examples: Sequence[Placed], names: Sequence[str] = ()) -> Batch:
    """
    Join examples of one canvas size.

    :param examples: at least one
    :param names: that are learned, in their order
    :return: the batch
    """
    images = np.stack([e.image for e in examples]).transpose(0, 3, 1, 2)
    numbers = {name: number for number, name in enumerate(names)}
    owners = np.repeat(np.arange(len(examples)), [len(e.boxes) for e in examples])
    return Batch(
        torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(owners),
        torch.from_numpy(np.concatenate([e.boxes for e in examples])),
        torch.from_numpy(np.concatenate([e.masks for e in examples])),
        torch.tensor([e.complete for e in examples]),
        torch.tensor([numbers.get(n, -1) for e in examples for n in e.names], dtype=torch.int64))


def loader(
    dataset: Epoch, batch: int, workers: int, plan: Sequence[Sequence[int]] | None = None
) -> DataLoader:
    """
    Load the batches of one epoch.

    :param dataset: the examples; its `epoch` says which ones
    :param batch: pictures a batch
    :param workers: processes that prepare pictures; 0: this one
    :param plan: indices, batch by batch, where not all of the epoch is wanted
    :return: an iterable of `Batch`
    """
    return DataLoader(
        dataset, batch_sampler=dataset.plan(batch) if plan is None else plan,
        collate_fn=partial(collate, names=dataset.names), num_workers=workers,
        worker_init_fn=_one_thread)


def _one_thread(_: int) -> None:
    cv2.setNumThreads(1)
