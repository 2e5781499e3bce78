# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in torch: .pt, .safetensors and .torchscript, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from fastsam_ros.backends.cuda.backend import DeviceBackend
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.backends.protocol import NetworkOutput, check_outputs
from fastsam_ros.core.errors import BackendError, ModelError, ParameterError

_TYPES = {'fp32': torch.float32, 'fp16': torch.float16, 'bf16': torch.bfloat16}


class TorchBackend(DeviceBackend):
    """
    A network in torch, its weights and activations in channels-last order.

    On a GPU all work on images and segments is done there too, see `TorchProcessing`.

    :param path: of the model file
    :param device: to run on
    :param precision: fp32, fp16 or bf16
    """

    name = title = 'torch'

    def __init__(self, path: Path, device: torch.device, precision: str) -> None:
        super().__init__(path, device, precision)
        self._type = _TYPES[precision]
        self.input_shape = None
        module = _load(path).to(device, self._type, memory_format=torch.channels_last).eval()
        self._module, self._head = module, _head(module)
        self.names = getattr(module, 'known_names', 0)
        if self._head is not None:
            self._head.dfl = Distances(self._head.reg_max).to(device)
            self._head.stride = self._head.stride.tolist()  # else asked for at each new shape
        outputs = self.run(torch.zeros(1, 64, 64, 3, dtype=torch.uint8, device=device))
        (count, rows, anchors), prototypes = (tuple(output.shape) for output in outputs)
        check_outputs(path, (count, rows - self.names, anchors), prototypes)
        self.processing = TorchProcessing(self.detect, device) if device.type == 'cuda' else None

    def close(self) -> None:
        """Free the network and the device's memory."""
        del self._module, self._head, self._network, self._whole
        self.processing = None
        if self._device.type == 'cuda':
            torch.cuda.empty_cache()

    def _forward(self, images: torch.Tensor) -> NetworkOutput:
        """(B, H, W, 3) uint8 -> predictions and prototypes; a channels-last view, no copy."""
        rounds = self._type == torch.float32 and images.device.type == 'cuda'
        with exact_convolutions() if rounds else nullcontext():
            outputs = self._module(images.permute(0, 3, 1, 2).to(self._type) / 255)
        predictions, rest = outputs[0], outputs[1]
        if isinstance(predictions, tuple):  # ultralytics: ((predictions, prototypes), extras)
            predictions, rest = predictions
        # Older heads give (predictions, (levels, coefficients, prototypes)).
        prototypes = rest[-1] if isinstance(rest, (tuple, list)) else rest
        predictions = self._with_names_last(predictions, outputs[2:])
        return NetworkOutput(predictions, prototypes.contiguous())

    def _with_names_last(
        self, predictions: torch.Tensor, names: Sequence[torch.Tensor]
    ) -> torch.Tensor:
        """Names are an output of their own, or follow the score in an ultralytics head's."""
        if not names:
            count = self.names
            if not count:
                return predictions
            first, named, rest = predictions.split([5, count, predictions.shape[1] - 5 - count], 1)
            return torch.cat([first, rest, named], 1)
        self.names = names[0].shape[1]
        return torch.cat([predictions, *names], 1)

    def _held(self) -> tuple[torch.Tensor, ...]:
        """Tensors that ultralytics' head makes anew for each input shape."""
        return () if self._head is None else (self._head.anchors, self._head.strides)


def exact_convolutions() -> AbstractContextManager:
    """
    Let a GPU convolve float32 as float32, in the whole process as long as this lasts.

    By default cuDNN rounds it to TF32, of 10 bits, and with it the edges of boxes. torch has no
    such switch for one network alone.
    """
    cudnn = torch.backends.cudnn
    return cudnn.flags(
        enabled=cudnn.enabled, benchmark=cudnn.benchmark, deterministic=cudnn.deterministic,
        allow_tf32=False)


class Distances(torch.nn.Module):
    """
    Ultralytics' `DFL` in float32, whatever the network computes in, and without a convolution.

    Box edges come from it: float16 would round them to half a pixel and more, and so would TF32.

    :param bins: of each side's distribution
    """

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.register_buffer('bins', torch.arange(bins, dtype=torch.float32)[:, None])

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """(B, 4 x bins, A) logits -> (B, 4, A) float32, the mean of each distribution."""
        batch, _, anchors = values.shape
        shares = values.float().view(batch, 4, len(self.bins), anchors).softmax(2)
        return (shares * self.bins).sum(2)


def _head(module: torch.nn.Module) -> torch.nn.Module | None:
    """Ultralytics' detection head, where the network is theirs and not a traced one."""
    layers = getattr(module, 'model', None)
    return layers[-1] if isinstance(layers, torch.nn.Sequential) else None


def load(path: Path, device: str, precision: str, streams: int = 1) -> TorchBackend:
    """See `fastsam_ros.backends.load`."""
    chosen = _device(device)
    if precision == 'auto':
        precision = 'fp16' if chosen.type == 'cuda' else 'fp32'
    if precision not in _TYPES:
        raise ParameterError(
            f'torch computes in {", ".join(_TYPES)}, not in {precision}; '
            'for int8 export the model to OpenVINO or TensorRT')
    return TorchBackend(path, chosen, precision)


def _device(name: str) -> torch.device:
    there = torch.cuda.is_available()
    if name == 'auto':
        return torch.device('cuda' if there else 'cpu')
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BackendError(f'torch knows no device {name!r}: use auto, cpu or cuda') from error
    if device.type == 'cuda' and (device.index or 0) >= torch.cuda.device_count():
        raise BackendError(
            f'device {name!r} was asked for and torch {torch.__version__} sees '
            f'{torch.cuda.device_count()} CUDA devices: check the driver (nvidia-smi) and that '
            'torch is a CUDA build, or use device cpu')
    return device


def _load(path: Path) -> torch.nn.Module:
    if path.suffix == '.torchscript':
        try:
            return torch.jit.load(str(path), map_location='cpu')
        except (RuntimeError, ValueError) as error:
            raise ModelError(f'{path} cannot be read, it may be truncated: {error}') from error
    from fastsam_ros.backends.checkpoints import load_module  # ultralytics only when it is needed

    return load_module(path).fuse(verbose=False)
