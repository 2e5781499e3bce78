# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Copies to a GPU that are made as late as it may make them."""

from unittest import mock

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from fastsam_ros.backends.cuda.transfer import STAGING, Upload, send

CUDA = torch.device('cuda', 0)


class LateCopies(TorchFunctionMode):
    """A copy happens when somebody waits for an event that was recorded behind it, or at `end`."""

    def __init__(self):
        super().__init__()
        self.pinned, self.queued, self._made = [], [], []

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function is torch.empty and kwargs.pop('pin_memory', False):
            return self._pin(function(*args, **kwargs))
        if function is torch.Tensor.pin_memory:
            return self._pin(args[0].clone())
        if function is torch.Tensor.to and CUDA in args:
            return self._copy(args[0], **kwargs)
        return function(*args, **kwargs)

    def _pin(self, tensor):
        self.pinned.append(tensor)
        return tensor

    def _copy(self, tensor, non_blocking=False):
        assert non_blocking, 'the host waits for all that is under way'
        assert any(tensor is known for known in self.pinned), 'no page-locked memory'
        self.queued.append((torch.zeros_like(tensor), tensor))
        return self.queued[-1][0]

    def end(self, copies=None):
        """Make copies that were not made yet."""
        for copy in self.queued if copies is None else copies:
            if not any(copy is made for made in self._made):
                self._made.append(copy)
                copy[0].copy_(copy[1])


class Event:
    """Stands for `torch.cuda.Event`."""

    def __init__(self, copies):
        self._copies, self._behind = copies, ()

    def record(self, stream):
        self._behind = tuple(self._copies.queued)

    def synchronize(self):
        self._copies.end(self._behind)


@pytest.fixture
def copies(monkeypatch):
    """Copies of a GPU that is not there."""
    with LateCopies() as copies:
        monkeypatch.setattr(torch.cuda, 'Event', lambda: Event(copies))
        monkeypatch.setattr(torch.cuda, 'current_stream', lambda device: mock.Mock())
        yield copies


def test_an_image_leaves_its_buffer_before_the_next_one_comes(copies):
    upload, images = Upload(CUDA), [np.full((4, 6, 3), value, np.uint8) for value in (1, 2, 3)]
    there = [upload(image) for image in images]
    copies.end()
    assert [tensor.unique().tolist() for tensor in there] == [[1], [2], [3]]
    assert len(copies.pinned) == 1


def test_images_of_other_shapes_and_strides(copies):
    upload, image = Upload(CUDA), np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    shapes = [image, image[:, ::-1], image[:2], image[..., ::-1]]
    there = [upload(one) for one in shapes]
    copies.end()
    for tensor, expected in zip(there, shapes):
        np.testing.assert_array_equal(tensor.numpy(), expected)
    assert len(copies.pinned) == 2


def test_buffers_of_many_shapes_are_not_kept(copies):
    upload = Upload(CUDA)
    for rows in range(1, STAGING + 5):
        upload(np.zeros((rows, 4, 3), np.uint8))
    assert len(upload._buffers) == STAGING


def test_a_table_is_sent_without_waiting(copies):
    there = send(np.arange(5), CUDA)
    copies.end()
    assert there.tolist() == [0, 1, 2, 3, 4]
