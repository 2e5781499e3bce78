# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pre- and post-processing in torch, on the device that the network runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from fastsam_ros.backends.cuda.decode import decode
from fastsam_ros.backends.cuda.nms import detect
from fastsam_ros.backends.cuda.preprocess import fit
from fastsam_ros.backends.cuda.transfer import Upload, send
from fastsam_ros.backends.processing import (
    Inference,
    Thresholds,
    own_outputs,
    scene_of,
    split,
)
from fastsam_ros.backends.protocol import ANY_BATCH, NetworkOutput
from fastsam_ros.core import decoding
from fastsam_ros.core.letterbox import GREY, Letterbox
from fastsam_ros.core.scene import Scene

CANDIDATES = 1024, 2048  # boxes compared on the device; with more the host helps

Network = Callable[[torch.Tensor], NetworkOutput]


class TorchProcessing:
    """
    Pre- and post-processing on the device; see `Processing`.

    An image crosses the bus once, as it came, from page-locked memory; its segments' boxes,
    scores and coefficients come back in one transfer, and their run lengths in another.

    :param network: (B, H, W, 3) uint8 on the device -> its outputs, which nobody overwrites later
    :param device: where all of it happens
    :param batch: fewest and most images in a run
    """

    def __init__(
        self, network: Network, device: torch.device, batch: tuple[int, int] = ANY_BATCH
    ) -> None:
        self._network = network
        self._device = device
        self._fewest, self._most = batch
        self._upload = Upload(device)

    @torch.inference_mode()
    def infer(
        self, images: Sequence[np.ndarray], letterboxes: Sequence[Letterbox]
    ) -> list[Inference]:
        """See `Processing`."""
        result = []
        for part in split(len(images), self._most):
            outputs = self._run([(images[i], letterboxes[i]) for i in part])
            result += [
                Inference(images[i], letterboxes[i], output) for i, output in zip(part, outputs)]
        return result

    def _run(self, fitted: Sequence[tuple[np.ndarray, Letterbox]]) -> list[NetworkOutput]:
        """One run of the network; images beyond those that came are grey."""
        first = fitted[0][1]
        shape = max(len(fitted), self._fewest), first.input_height, first.input_width, 3
        batch = torch.full(shape, GREY, dtype=torch.uint8, device=self._device)
        for (image, letterbox), out in zip(fitted, batch):
            fit(self._upload(image), letterbox, out)
        return own_outputs(self._network(batch), torch.clone)

    @torch.inference_mode()
    def scene(self, inference: Inference, thresholds: Thresholds) -> Scene:
        """See `Processing`."""
        predictions, prototypes = inference.output
        rows, device_rows = self._detect(predictions, thresholds)
        extents = inference.letterbox.boxes_to_image(rows[:, :4])
        runs = decode(device_rows[:, 5:37], prototypes, extents, inference.letterbox)
        return scene_of(
            inference, thresholds, extents, rows[:, 4].copy(), rows[:, 5:37].copy(), runs)

    def _detect(
        self, predictions: torch.Tensor, thresholds: Thresholds
    ) -> tuple[np.ndarray, torch.Tensor]:
        """Boxes, scores, coefficients and names side by side: (N, 37 + K), on host and device."""
        for candidates in CANDIDATES:
            found = detect(predictions, thresholds, candidates)
            table = torch.cat([found.boxes, found.scores[:, None], found.rest], dim=1)
            state = torch.stack([found.count, found.complete.long()]).float()
            packed = torch.cat([state, table.flatten()]).cpu().numpy()  # one transfer
            count, complete = int(packed[0]), bool(packed[1])
            if complete:
                return packed[2:].reshape(table.shape)[:count], table[:count]
        found = decoding.detect(
            predictions.float().cpu().numpy(), thresholds.floor, thresholds.iou,
            thresholds.max_segments)
        rows = np.concatenate(
            [found.boxes, found.scores[:, None], found.coefficients, found.names],
            axis=1)
        return rows, send(rows, self._device)
