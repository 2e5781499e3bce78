# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
One training run in several processes, started by torchrun on one machine or many.

Each process runs the network on its share of a batch. Outputs and labels are gathered, and every
process computes the loss of the whole batch: its sums and random choices are those of one process,
so the loss curve is as well. Each backward pass reaches the own share alone; the gradients' sum is
that of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import dataclasses
import os

import torch
from torch import distributed

from training.data.batches import Batch
from training.network import Output

SHARED = ('points', 'strides')  # fields of an output that are the same for every picture


class Ranks:
    """
    The processes of a run; without torchrun there is one, and nothing is exchanged.

    :param device: that this process trains on; with several GPUs a machine it is told which
    """

    def __init__(self, device: torch.device) -> None:
        self.count = int(os.environ.get('WORLD_SIZE', '1'))
        self.rank = int(os.environ.get('RANK', '0'))
        self.device = device
        self._words = None  # a group on the processors, for what is no tensor
        if self.count == 1:
            return
        if device.type == 'cuda' and device.index is None:
            self.device = torch.device('cuda', int(os.environ.get('LOCAL_RANK', '0')))
            torch.cuda.set_device(self.device)
        if not distributed.is_initialized():
            backend = 'nccl' if device.type == 'cuda' else 'gloo'
            distributed.init_process_group(backend)
        self._words = distributed.new_group(backend='gloo')

    @property
    def first(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0

    def shares(self, batches: Sequence[Sequence[int]]) -> list[list[int]]:
        """
        This process's pictures of each batch.

        :param batches: indices, batch by batch
        :return: a part of each; where there are fewer pictures than processes the first one, which
            then does not count
        """
        return [list(batch[self._rows(len(batch))]) or [batch[0]] for batch in batches]

    def _rows(self, size: int, rank: int | None = None) -> slice:
        rank = self.rank if rank is None else rank
        return slice(size * rank // self.count, size * (rank + 1) // self.count)

    def gather_labels(self, batch: Batch, size: int) -> Batch:
        """
        Labels of the whole batch, without its images: those have been looked at.

        :param batch: this process's share
        :param size: pictures of the whole
        """
        if self.count == 1:
            return batch
        own = self._rows(size)
        labels = dataclasses.replace(batch.to(torch.device('cpu')), images=torch.empty(0))
        if own.start == own.stop:
            labels = _without_pictures(labels)
        parts: list[Batch] = [labels] * self.count
        distributed.all_gather_object(parts, labels, group=self._words)
        starts = [self._rows(size, rank).start for rank in range(self.count)]
        owners = torch.cat([part.owners + start for part, start in zip(parts, starts)])
        joined = {
            name: torch.cat([getattr(part, name) for part in parts])
            for name in ('boxes', 'masks', 'complete', 'names')}
        return Batch(images=torch.empty(size, 0), owners=owners, **joined).to(self.device)

    def gather(self, output: Output | None, size: int) -> Output | None:
        """
        Outputs of the whole batch, of which the own rows alone have gradients.

        :param output: of this process's share
        :param size: pictures of the whole
        """
        if self.count == 1 or output is None:
            return output
        fields = {
            field.name: getattr(output, field.name) if field.name in SHARED
            else self._gather(getattr(output, field.name), size)
            for field in dataclasses.fields(output)}
        return Output(**fields)

    def _gather(self, rows: torch.Tensor, size: int) -> torch.Tensor:
        most = -(-size // self.count)
        padded = rows.new_zeros(most, *rows.shape[1:])
        padded[: min(len(rows), most)] = rows.detach()[:most]
        parts = [torch.empty_like(padded) for _ in range(self.count)]
        distributed.all_gather(parts, padded)
        for rank, part in enumerate(parts):
            span = self._rows(size, rank)
            count = span.stop - span.start
            parts[rank] = rows[:count] if rank == self.rank else part[:count]
        return torch.cat(parts)

    def sum_gradients(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Add up what the shares of all processes gave."""
        if self.count == 1:
            return
        gradients = []
        for value in parameters:
            if value.grad is None:
                value.grad = torch.zeros_like(value)
            gradients.append(value.grad)
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients])):
            gradient.copy_(part.view_as(gradient))

    def agree(self, value: float) -> float:
        """What the first process says: clocks differ."""
        return self._exchange(value, distributed.broadcast, src=0)

    def any(self, value: float) -> float:
        """The largest that a process says."""
        return self._exchange(value, distributed.all_reduce, op=distributed.ReduceOp.MAX)

    def _exchange(self, value: float, exchange, **options: object) -> float:
        if self.count == 1:
            return value
        number = torch.tensor([value], dtype=torch.float64)
        exchange(number, group=self._words, **options)
        return float(number)

    def share_weights(self, network: torch.nn.Module) -> None:
        """Begin with the first process's weights everywhere."""
        if self.count > 1:
            for value in network.state_dict().values():
                distributed.broadcast(value, src=0)

    def wait(self) -> None:
        """Wait for the others."""
        if self.count > 1:
            distributed.barrier(group=self._words)

    def close(self) -> None:
        """Leave the run."""
        if self.count > 1 and distributed.is_initialized():
            distributed.destroy_process_group()


def _without_pictures(batch: Batch) -> Batch:
    return Batch(*(getattr(batch, field.name)[:0] for field in dataclasses.fields(batch)))
