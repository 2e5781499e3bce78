# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an engine is given by torch on a GPU that is not there: addresses, types, the stream."""

import sys
from unittest import mock

from fake_cuda import CUDA, fake_gpu
import fake_tensorrt
import pytest
import torch

from fastsam_ros.backends.tensorrt.note import note_of

SHAPE, ANCHORS, NAMES, STREAM = (2, 64, 96, 3), 126, 5, 4711


@pytest.mark.parametrize('half', [False, True])
def test_an_engine_writes_into_what_torch_reads(tmp_path, monkeypatch, half):
    memory, launched = {}, []

    def address(tensor):
        memory[id(tensor)] = tensor
        return id(tensor)

    def launch(stream, work):
        launched.append(stream)

    path = tmp_path / 'network.engine'
    path.write_bytes(b'engine')
    note_of(path).touch()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, 'tensorrt', fake_tensorrt.make(
            None, NAMES, half, launch))
        for part in ('engine', 'through_torch'):
            patch.delitem(
                sys.modules, f'fastsam_ros.backends.tensorrt.{part}', raising=False)
        from fastsam_ros.backends.tensorrt.through_torch import TorchEngine

        backend = TorchEngine(path, torch.device('cpu'), 'fp16')
        patch.setattr(torch.Tensor, 'data_ptr', address)
        patch.setattr(
            torch.cuda, 'current_stream', lambda device: mock.Mock(
                cuda_stream=STREAM if device == CUDA else 0))
        with fake_gpu() as gpu:
            batch = torch.empty(SHAPE, dtype=torch.uint8, device=CUDA)
            predictions, prototypes = backend._forward(batch)
            assert gpu.waits == []
    assert launched == [STREAM]
    context = backend._held()
    given = {name: memory[at] for name, at in context.addresses.items()}
    kind = torch.float16 if half else torch.float32
    assert given['pictures'] is batch
    assert given['output1'] is prototypes
    assert {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in given.items()} == {
        'pictures': (SHAPE, torch.uint8), 'output0': ((2, 37, ANCHORS), torch.float32),
        'output1': ((2, 32, 16, 24), kind), 'output2': ((2, NAMES, ANCHORS), kind)}
    assert (tuple(predictions.shape), predictions.dtype) == (
        (2, 37 + NAMES, ANCHORS), torch.float32)
