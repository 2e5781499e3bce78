# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What runs on a GPU, on one that is not there: devices, types, and where the host waits."""

from fake_cuda import CUDA, fake_gpu
import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensor

from fastsam_ros.backends.cuda import decode, nms, preprocess
from fastsam_ros.backends.cuda.backend import DeviceOutput
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.cuda.streams import InOrder
from fastsam_ros.backends.processing import Inference, Thresholds
from fastsam_ros.backends.torch import TorchBackend
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.fading import Fading

LETTERBOX = Letterbox.fit(1080, 1920, 640)
ANCHORS, NAMES = 5040, 3
THRESHOLDS = Thresholds(0.4, 0.9, 300)


@pytest.fixture(autouse=True)
def fresh_constants():
    """What is sent once, and is not there afterwards."""
    from fastsam_ros.backends.cuda import transfer

    for cached in (transfer.constant, transfer.device_axes):
        cached.cache_clear()
    yield
    for cached in (transfer.constant, transfer.device_axes):
        cached.cache_clear()


def on_gpu(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device=CUDA)


def test_the_fake_gpu_notices_what_it_is_for():
    with fake_gpu() as gpu:
        with pytest.raises(Exception, match='_local_scalar_dense'):
            on_gpu(3).sum().item()
        with pytest.raises(Exception, match='same device'):
            on_gpu(3) + torch.empty(3)
        with pytest.raises(RuntimeError):
            on_gpu(4)[:2].copy_(on_gpu(3))
        assert gpu.waits == []
        assert on_gpu(5, 4)[1:, None, 2].shape == (4, 1)
        assert on_gpu(5, 4)[torch.empty(7, dtype=torch.int64, device=CUDA)].shape == (7, 4)
        on_gpu(3).cpu()
        assert gpu.waits == ['cpu']
        assert gpu.doubles == []
        on_gpu(3).double()
        assert gpu.doubles == ['double']


@pytest.mark.parametrize('dtype', [torch.float16, torch.float32])
def test_suppression_waits_for_nothing(dtype):
    """So that a graph can hold it; and nothing of its N x N work is in float64."""
    with fake_gpu() as gpu:
        found = nms.detect_all(on_gpu(2, 37 + NAMES, ANCHORS, dtype=dtype), on_gpu(2))
        assert gpu.waits == []
        assert [tuple(field.shape) for field in found] == [
            (2, nms.CANDIDATES, 37 + NAMES), (2,), (2,)]
        assert all(field.device == CUDA and field.dtype == torch.float32 for field in found)
        assert nms.too_close(on_gpu(9, 4), on_gpu(2)[1]).dtype == torch.bool
        assert gpu.doubles == []


@pytest.mark.parametrize('size', [(1080, 1920), (360, 640)])
def test_the_letterbox_waits_for_nothing(size):
    letterbox = Letterbox.fit(*size, 640)
    with fake_gpu() as gpu:
        out = on_gpu(letterbox.input_height, letterbox.input_width, 3, dtype=torch.uint8)
        preprocess.fit(on_gpu(*size, 3, dtype=torch.uint8), letterbox, out)
        assert gpu.waits == []


@pytest.mark.parametrize('fades', [False, True])
@pytest.mark.parametrize('dtype', [torch.float16, torch.float32])
def test_masks_wait_twice(dtype, fades):
    """For how many runs there are, and for these."""
    extents = np.float32([[0, 0, 1920, 1080], [10, 10, 90, 70]])
    fading = Fading.of(extents, LETTERBOX) if fades else None
    with fake_gpu() as gpu:
        coefficients, prototypes = on_gpu(2, 32), on_gpu(32, 96, 160, dtype=dtype)
        list(decode.decode_passes(coefficients, prototypes, extents, LETTERBOX, fading))
        assert gpu.waits == ['upload'] * 6 + ['nonzero']  # a camera's axes, once
        gpu.waits.clear()
        list(decode.decode_passes(coefficients, prototypes, extents, LETTERBOX, fading))
        assert gpu.waits == ['nonzero']
        boxes = decode.tight_boxes(2, decode.Toggles(*on_gpu(4, 6, dtype=torch.int64)))
        counts, stops = decode.count_runs(boxes, decode.Toggles(*on_gpu(4, 6, dtype=torch.int64)))
        assert gpu.waits == ['nonzero']
        assert counts.device == stops.device == CUDA


@pytest.mark.parametrize('shaping', [False, True])
def test_an_image_waits_once_before_its_masks(monkeypatch, shaping):
    """For boxes, scores and coefficients, all in one transfer."""
    monkeypatch.setattr('fastsam_ros.backends.cuda.masks.decode', no_masks)
    thresholds = Thresholds(0.4, 0.9, 300, grow=shaping, clean=shaping)
    with fake_gpu() as gpu:
        output = DeviceOutput(
            on_gpu(37, ANCHORS), on_gpu(32, 96, 160), on_gpu(nms.CANDIDATES, 37), on_gpu(),
            on_gpu())
        processing = TorchProcessing(None, CUDA, streams=InOrder())
        processing.scene(Inference(None, LETTERBOX, thresholds, output))
        assert gpu.waits == ['cpu']


def no_masks(coefficients, prototypes, extents, letterbox, fading):
    """Stands for `decode`: looks at what it is given alone."""
    assert isinstance(coefficients, FakeTensor)
    assert coefficients.device == prototypes.device == CUDA
    assert coefficients.shape == (len(extents), 32)
    from fastsam_ros.core.masks.run_lengths import EMPTY

    return [EMPTY] * len(extents)


def test_a_batch_is_queued_without_waiting():
    """Letterbox, network and suppression of two cameras; limits are sent once."""
    images = [np.zeros((1080, 1920, 3), np.uint8)] * 2
    with fake_gpu() as gpu:
        def network(batch, limits):
            assert (batch.shape, batch.device) == ((2, 384, 640, 3), CUDA)
            assert limits.device == CUDA
            predictions = on_gpu(2, 37, ANCHORS, dtype=torch.float16)
            prototypes = on_gpu(2, 32, 96, 160, dtype=torch.float16)
            return DeviceOutput(predictions, prototypes, *nms.detect_all(predictions, limits))

        processing = TorchProcessing(network, CUDA, streams=InOrder())
        processing._upload = lambda image: on_gpu(*image.shape, dtype=torch.uint8)
        processing.infer(images, [LETTERBOX] * 2, THRESHOLDS)
        assert gpu.waits == ['upload']  # of the limits, once
        found = processing.infer(images, [LETTERBOX] * 2, THRESHOLDS)
        assert gpu.waits == ['upload']
        assert [one.output.table.shape for one in found] == [(nms.CANDIDATES, 37)] * 2


@pytest.mark.parametrize(('dtype', 'rounded'), [(torch.float32, False), (torch.float16, True)])
def test_float32_is_not_rounded_to_tf32(dtype, rounded):
    """As cuDNN does unless told otherwise; the setting of the process is left as it was."""
    class Network(torch.nn.Module):
        def forward(self, images):
            seen.append(torch.backends.cudnn.allow_tf32)
            assert (images.dtype, images.device) == (dtype, CUDA)
            return on_gpu(1, 37, 84), on_gpu(1, 32, 16, 16)

    seen, backend = [], TorchBackend.__new__(TorchBackend)
    backend._type, backend._module, backend.names = dtype, Network(), 0
    with fake_gpu() as gpu:
        backend._forward(on_gpu(1, 64, 64, 3, dtype=torch.uint8))
        assert gpu.waits == []
    assert seen == [rounded]
    assert torch.backends.cudnn.allow_tf32
