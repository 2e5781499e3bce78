# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Everything around the network in torch, on the device that the network runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import interpolate

from fastsam_ros.backends.cuda.decoder import TorchDecoder
from fastsam_ros.backends.cuda.sampling import sample, send
from fastsam_ros.backends.cuda.suppression import suppress
from fastsam_ros.backends.host_stages import Found, Thresholds
from fastsam_ros.backends.recent import Recent
from fastsam_ros.core.decoding import PATTERN
from fastsam_ros.core.detections import detect
from fastsam_ros.core.detections_numpy import SCORE_ROW
from fastsam_ros.core.letterbox import GREY, Letterbox
from fastsam_ros.core.pixels import copy, packed

# Boxes that are compared on the device, all pairs at once: mostly the fewer will do. An image that
# has more goes through the host.
CANDIDATES = 1024, 2048
STAGING = 8  # image shapes of which a page-locked buffer is kept

Network = Callable[[torch.Tensor], 'tuple[torch.Tensor, torch.Tensor]']


class Segments(NamedTuple):
    """
    What one image holds, on the device, padded to a fixed number.

    :param extents: (K, 4) float32 x0, y0, x1, y1, image pixels
    :param scores: (K,) float32
    :param seen: (K,) bool, whether the mask is known to have a pixel
    :param coefficients: (K, 32)
    :param count: () int64, how many of them there are
    :param complete: () bool, whether every candidate was compared to the end
    """

    extents: torch.Tensor
    scores: torch.Tensor
    seen: torch.Tensor
    coefficients: torch.Tensor
    count: torch.Tensor
    complete: torch.Tensor


class TorchStages:
    """
    Letterbox, thresholds and suppression on the device; see `host_stages.Stages`.

    An image crosses the bus once, as it came, from page-locked memory; its segments' boxes and
    scores come back in one transfer.

    :param network: (B, H, W, 3) uint8 on the device -> predictions (B, 37, A) and prototypes
        (B, 32, h, w), which nobody overwrites later
    :param device: where all of it happens
    """

    def __init__(self, network: Network, device: torch.device) -> None:
        self.decoder = TorchDecoder()
        self._network = network
        self._device = device
        self._upload = Upload(device)

    @torch.inference_mode()
    def run(
        self, images: Sequence[np.ndarray], letterboxes: Sequence[Letterbox]
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """See `Stages`; each output is predictions (37, A) and prototypes (32, h, w)."""
        first = letterboxes[0]
        shape = len(images), first.input_height, first.input_width, 3
        batch = torch.full(shape, GREY, dtype=torch.uint8, device=self._device)
        for image, letterbox, out in zip(images, letterboxes, batch):
            fit(self._upload(image), letterbox, out)
        return list(zip(*self._network(batch)))

    @torch.inference_mode()
    def find(
        self,
        output: tuple[torch.Tensor, torch.Tensor],
        letterbox: Letterbox,
        thresholds: Thresholds,
    ) -> Found:
        """See `Stages`."""
        predictions, prototypes = output
        for candidates in CANDIDATES:
            found = find(predictions, prototypes, letterbox, thresholds, candidates)
            state = torch.stack([found.count, found.complete.long()]).float()
            table = torch.cat([found.extents, found.scores[:, None], found.seen[:, None]], dim=1)
            packed = torch.cat([state, table.flatten()]).cpu().numpy()  # one transfer
            count, complete = int(packed[0]), bool(packed[1])
            if complete:
                table = packed[2:].reshape(-1, 6)[:count].copy()
                extents, scores, shown = table[:, :4], table[:, 4], table[:, 5] > 0
                return Found(extents, scores, found.coefficients[:count], prototypes, shown)
        return _on_the_host(predictions, prototypes, letterbox, thresholds)


class Upload:
    """
    Images to the device, through page-locked memory where that is a GPU.

    :param device: where to
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._buffers: Recent[tuple[torch.Tensor, torch.cuda.Event]] = Recent(STAGING)
        self._lock = Lock()

    def __call__(self, image: np.ndarray) -> torch.Tensor:
        """
        Send one image.

        :param image: (H, W, 3) uint8, any strides
        :return: the same on the device; on a GPU it may still be under way
        """
        if self._device.type != 'cuda':
            return torch.from_numpy(packed(image)).to(self._device)
        with self._lock:
            buffer, copied = self._buffers.get(image.shape, partial(_buffer, image.shape))
            copied.synchronize()  # the last image of this shape has left the buffer
            copy(image, buffer.numpy())
            there = buffer.to(self._device, non_blocking=True)
            copied.record(torch.cuda.current_stream(self._device))
            return there


def _buffer(shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.cuda.Event]:
    """Page-locked memory for an image, and what says when the last one has left it."""
    return torch.empty(shape, dtype=torch.uint8, pin_memory=True), torch.cuda.Event()


def fit(image: torch.Tensor, letterbox: Letterbox, out: torch.Tensor) -> None:
    """
    `Letterbox.apply` on the device: the same within one grey level.

    :param image: (height, width, 3) uint8
    :param letterbox: of the image
    :param out: (input_height, input_width, 3) uint8, grey; the image is written into it
    """
    height, width = letterbox.resized
    inner = out[letterbox.top : letterbox.top + height, letterbox.left : letterbox.left + width]
    if (height, width) == tuple(image.shape[:2]):
        inner.copy_(image)
        return
    channels_first = image.permute(2, 0, 1)[None].float()
    resized = interpolate(channels_first, (height, width), mode='bilinear', align_corners=False)
    inner.copy_(resized[0].round_().clamp_(0, 255).permute(1, 2, 0))


def find(
    predictions: torch.Tensor,
    prototypes: torch.Tensor,
    letterbox: Letterbox,
    thresholds: Thresholds,
    candidates: int,
) -> Segments:
    """
    `core.detections.detect` without the host waiting for anything; what is no box is left out.

    :param predictions: (37, A)
    :param prototypes: (32, h, w)
    :param candidates: best boxes that are compared
    """
    scores = predictions[SCORE_ROW].float()
    above = (scores > thresholds.confidence) & predictions[:SCORE_ROW].isfinite().all(dim=0)
    order = torch.where(above, scores, -1.0).argsort(descending=True, stable=True)[:candidates]
    rows = predictions[:, order].T.float()  # (K, 37)
    boxes = torch.cat([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], dim=1)
    keep, settled = suppress(boxes, above[order], thresholds.iou)
    best = keep.logical_not().to(torch.uint8).argsort(stable=True)[: thresholds.max_segments]
    extents = to_image(boxes[best], letterbox)
    coefficients = rows[best, SCORE_ROW + 1 :]
    shown = seen(coefficients, prototypes, extents, letterbox)
    return Segments(
        extents, rows[best, SCORE_ROW], shown, coefficients,
        keep.sum().clamp(max=len(best)), settled & (above.sum() <= len(order)))


def to_image(boxes: torch.Tensor, letterbox: Letterbox) -> torch.Tensor:
    """`Letterbox.boxes_to_image` on the device."""
    size = letterbox.width, letterbox.height
    numbers = np.float32([(letterbox.left, letterbox.top), letterbox.gain[::-1], size])
    offset, scale, limit = send(numbers, boxes.device).repeat(1, 2)
    return ((boxes - offset) / scale).clamp(min=0).minimum(limit)


def seen(
    coefficients: torch.Tensor,
    prototypes: torch.Tensor,
    extents: torch.Tensor,
    letterbox: Letterbox,
) -> torch.Tensor:
    """`core.decoding.seen` on the device."""
    low, high = extents[:, None, :2], extents[:, None, 2:]
    places = (low + (high - low) * send(PATTERN, extents.device)).nan_to_num()
    x, y = places.long().unbind(dim=2)  # of what is no number a GPU makes an index out of range
    x, y = x.clamp(0, letterbox.width - 1), y.clamp(0, letterbox.height - 1)
    sampled = sample(prototypes, letterbox, x.flatten(), y.flatten())
    logits = torch.einsum('nc,cnp->np', coefficients, sampled.reshape(-1, *x.shape))
    left, top, right, bottom = extents.ceil().T[..., None]
    inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
    return (inside & (logits > 0)).any(dim=1)


def _on_the_host(
    predictions: torch.Tensor,
    prototypes: torch.Tensor,
    letterbox: Letterbox,
    thresholds: Thresholds,
) -> Found:
    """The same for an image with too many candidates for the device."""
    found = detect(
        predictions.float().cpu().numpy(), thresholds.confidence, thresholds.iou,
        thresholds.max_segments)
    extents = letterbox.boxes_to_image(found.boxes)
    coefficients, boxes = (send(a, predictions.device) for a in (found.coefficients, extents))
    shown = seen(coefficients, prototypes, boxes, letterbox).cpu().numpy()
    return Found(extents, found.scores, coefficients, prototypes, shown)
