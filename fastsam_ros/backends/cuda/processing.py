# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pre- and post-processing in torch, on the device that the network runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from fastsam_ros.backends.cuda.backend import DeviceOutput
from fastsam_ros.backends.cuda.masks import DeviceMasks, decode_there, move_sides_there
from fastsam_ros.backends.cuda.preprocess import fit
from fastsam_ros.backends.cuda.streams import NETWORK, RESULTS, UPLOAD, Streams, streams_of
from fastsam_ros.backends.cuda.transfer import Upload, constant
from fastsam_ros.backends.decoders import DecodeThere
from fastsam_ros.backends.processing import (
    Fitted,
    Inference,
    Masks,
    Thresholds,
    own_outputs,
    scene_of,
    split,
    survivors,
    table_of,
)
from fastsam_ros.backends.protocol import ANY_BATCH
from fastsam_ros.core.letterbox import GREY, Letterbox
from fastsam_ros.core.scene import Scene

BOX, END = 4, 37  # columns of a detected row: where the box ends, and where names begin

Network = Callable[[torch.Tensor, torch.Tensor], DeviceOutput]


class TorchProcessing:
    """
    Pre- and post-processing on the device; see `Processing`.

    An image crosses the bus once, as it came, from page-locked memory; its segments' boxes,
    scores and coefficients come back in one transfer, and their run lengths in another.

    :param network: (B, H, W, 3) uint8 and limits, on the device -> what was found, which nobody
        overwrites later; see `DeviceBackend.detect`
    :param device: where all of it happens
    :param batch: fewest and most images in a run
    :param streams: of the device; None: its own
    """

    def __init__(
        self,
        network: Network,
        device: torch.device,
        batch: tuple[int, int] = ANY_BATCH,
        streams: Streams | None = None,
    ) -> None:
        self._network = network
        self._device = device
        self._fewest, self._most = batch
        self._streams = streams_of(device) if streams is None else streams
        self._upload = Upload(device)

    @torch.inference_mode()
    def infer(
        self,
        images: Sequence[np.ndarray],
        letterboxes: Sequence[Letterbox],
        thresholds: Thresholds,
    ) -> list[Inference]:
        """See `Processing`."""
        result: list[Inference] = []
        for part in split(images, letterboxes, self._most):
            outputs, ready = self._run(part, thresholds)
            result += [
                Inference(image, letterbox, thresholds, output, ready)
                for (image, letterbox), output in zip(part, outputs)]
        # Whoever comes next would only queue up behind it, with images that grow old meanwhile.
        self._streams.finish(result[-1].ready if result else None)
        return result

    def _run(
        self, part: Sequence[Fitted], thresholds: Thresholds
    ) -> tuple[list[DeviceOutput], object]:
        """One run of the network; images beyond those that came are grey."""
        with self._streams.on(UPLOAD):
            uploaded = [self._upload(image) for image, _ in part]
            sent = self._streams.mark(UPLOAD)
        first = part[0][1]
        shape = max(len(part), self._fewest), first.input_height, first.input_width, 3
        with self._streams.on(NETWORK, sent):
            batch = torch.full(shape, GREY, dtype=torch.uint8, device=self._device)
            for image, (_, letterbox), out in zip(uploaded, part, batch.unbind()):
                self._streams.hold(image, NETWORK)
                fit(image, letterbox, out)
            limits = constant((thresholds.floor, thresholds.iou), self._device)
            outputs = own_outputs(self._network(batch, limits), torch.clone)
            return outputs, self._streams.mark(NETWORK)

    @torch.inference_mode()
    def scene(self, inference: Inference) -> Scene:
        """See `Processing`."""
        with self._streams.on(RESULTS, inference.ready):
            for tensor in inference.output:
                self._streams.hold(tensor, RESULTS)
            rows = _survivors(inference.output, inference.thresholds)
        boxes = inference.letterbox.boxes_to_image(rows[:, :BOX])
        coefficients = rows[:, BOX + 1 : END].copy()
        masks = Masks(
            DecodeThere(decode_there, move_sides_there), boxes, coefficients,
            inference.output.prototypes, inference.letterbox, inference.thresholds)
        return scene_of(
            inference, boxes, rows[:, BOX].copy(), coefficients, rows[:, END:].copy(),
            DeviceMasks(masks, self._streams))


def _survivors(output: DeviceOutput, thresholds: Thresholds) -> np.ndarray:
    """Boxes, scores, coefficients and names side by side: (N, 37 + K)."""
    if thresholds.compares_masks:  # rare enough for the host
        return _on_host(output, thresholds)
    table = output.table[: thresholds.max_segments]
    state = torch.stack([output.count, output.complete])
    packed = torch.cat([state, table.flatten()]).cpu().numpy()  # one transfer
    count, complete = int(packed[0]), bool(packed[1])
    if complete:
        return packed[2:].reshape(table.shape)[:count]
    return _on_host(output, thresholds)


def _on_host(output: DeviceOutput, thresholds: Thresholds) -> np.ndarray:
    prototypes = output.prototypes.float().cpu() if thresholds.compares_masks else None
    return table_of(survivors(output.predictions.float().cpu().numpy(), prototypes, thresholds))
