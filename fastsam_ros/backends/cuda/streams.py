# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A device's streams: images to it, the network, and what follows the network.

With one stream in order, the few kernels that follow a network wait for the whole next network,
and the age of a result is three networks instead of one. So each kind of work has a stream of its
own, tied to the others by events that travel with the result, and what follows the network goes
first when both want the device.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

import torch

UPLOAD, NETWORK, RESULTS = 'upload', 'network', 'results'
PRIORITY = {UPLOAD: 0, NETWORK: 0, RESULTS: -1}  # the lower number goes first


class Streams(Protocol):
    """Where work is queued; see `CudaStreams`."""

    def on(self, name: str, *after: Any) -> AbstractContextManager:
        """
        Queue what follows on a stream, behind some events of others.

        :param after: from `mark`; None is no event
        """

    def mark(self, name: str) -> Any:
        """An event: all that was queued on the stream until now is done."""

    def finish(self, event: Any) -> None:
        """Let the host wait for an event; None has happened."""

    def hold(self, tensor: torch.Tensor, name: str) -> None:
        """Keep a tensor's memory until the stream has used it, though it is of another one."""


class CudaStreams:
    """
    The streams of a GPU.

    :param device: the GPU
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.streams = {
            name: torch.cuda.Stream(device, priority=priority)
            for name, priority in PRIORITY.items()}

    @contextmanager
    def on(self, name: str, *after: torch.cuda.Event | None) -> Iterator[None]:
        """See `Streams`."""
        stream = self.streams[name]
        with torch.cuda.device(self._device), torch.cuda.stream(stream):
            for event in after:
                if event is not None:
                    stream.wait_event(event)
            yield

    def mark(self, name: str) -> torch.cuda.Event:
        """See `Streams`."""
        event = torch.cuda.Event(blocking=True)  # who waits for it leaves the core to others
        event.record(self.streams[name])
        return event

    def finish(self, event: torch.cuda.Event | None) -> None:
        """See `Streams`."""
        if event is not None:
            event.synchronize()

    def hold(self, tensor: torch.Tensor, name: str) -> None:
        """See `Streams`."""
        tensor.record_stream(self.streams[name])


class InOrder:
    """A processor does everything at once, in the order in which it is asked."""

    def on(self, name: str, *after: None) -> AbstractContextManager:
        """See `Streams`."""
        return nullcontext()

    def mark(self, name: str) -> None:
        """See `Streams`."""

    def finish(self, event: None) -> None:
        """See `Streams`."""

    def hold(self, tensor: torch.Tensor, name: str) -> None:
        """See `Streams`."""


def streams_of(device: torch.device) -> Streams:
    """The streams of a device."""
    return CudaStreams(device) if device.type == 'cuda' else InOrder()
