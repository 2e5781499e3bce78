# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pre- and post-processing without torch: by kernels, on the GPU that the engine runs on."""

from __future__ import annotations

from collections.abc import Sequence
import logging
from math import prod
from pathlib import Path
from typing import NamedTuple

from cachetools import LRUCache
import numpy as np

from fastsam_ros.backends.decoders import DecodeThere
from fastsam_ros.backends.processing import (
    Fitted,
    Inference,
    Masks,
    Thresholds,
    scene_of,
    split,
    survivors,
    table_of,
)
from fastsam_ros.backends.tensorrt import nvrtc
from fastsam_ros.backends.tensorrt.cuda import Buffer
from fastsam_ros.backends.tensorrt.decoding import CudaDecoder
from fastsam_ros.backends.tensorrt.detection import FIELDS, Detection, Outputs
from fastsam_ros.backends.tensorrt.driver import Kernels, LoadError
from fastsam_ros.backends.tensorrt.gpu import compute_capability
from fastsam_ros.backends.tensorrt.growing import BoxGrower
from fastsam_ros.backends.tensorrt.letterboxing import Letterboxing, Stored
from fastsam_ros.backends.tensorrt.prototypes import DevicePrototypes, Pool
from fastsam_ros.backends.tensorrt.recording import Recordings
from fastsam_ros.backends.tensorrt.through_cuda import CudaEngine
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.scene import Scene

BOX = 4  # columns of a row: where the box ends, and the score is
LETTERBOXES = 64  # of which tables are kept on the GPU


class CudaOutput(NamedTuple):
    """
    What is left of the network's output for an image.

    :param rows: (N, 37 + K) float32, most confident first: box in network pixels, score,
        coefficients, names
    :param prototypes: (32, h, w), on the GPU
    """

    rows: np.ndarray
    prototypes: DevicePrototypes


class CudaProcessing:
    """
    See `Processing`.

    An image crosses the bus once, as it came; its segments' boxes, scores and coefficients come
    back in one transfer, and their runs in another. From the upload to the first transfer all is
    one CUDA graph.

    :param engine: that runs the network
    :param kernels: of its GPU, which is the current one
    """

    def __init__(self, engine: CudaEngine, kernels: Kernels) -> None:
        self._engine, self._kernels, self._stream = engine, kernels, engine.stream
        self._images: list[Buffer] = []  # one for each place in a batch
        self._swapped = Buffer()  # whether each is BGR: no other recording is needed for it
        self._letterboxings: LRUCache[tuple, Letterboxing] = LRUCache(LETTERBOXES)
        self._detection = Detection(kernels, engine.stream)
        self._decoder = CudaDecoder(kernels, engine.index, engine.title)
        self._grower = BoxGrower(kernels, engine.index, engine.title)
        self._pool = Pool()
        self._newest: list[Letterboxing] = []
        self._recordings = Recordings(
            engine.stream, lambda: (engine.release_context(), self._newest))

    def infer(
        self,
        images: Sequence[np.ndarray],
        letterboxes: Sequence[Letterbox],
        thresholds: Thresholds,
    ) -> list[Inference]:
        """
        See `Processing`.

        :raises BackendError: when the GPU fails, or the engine takes no such input
        """
        return [
            inference for part in split(images, letterboxes, self._engine.batch[1])
            for inference in self._run(part, thresholds)]

    def scene(self, inference: Inference) -> Scene:
        """See `Processing`."""
        rows, prototypes = inference.output
        coefficients = rows[:, BOX + 1 : FIELDS].copy()
        boxes = inference.letterbox.boxes_to_image(rows[:, :BOX])
        masks = Masks(
            DecodeThere(self._decoder, self._grower), boxes, coefficients, prototypes,
            inference.letterbox, inference.thresholds)
        return scene_of(
            inference, boxes, rows[:, BOX].copy(), coefficients, rows[:, FIELDS:].copy(), masks)

    def _run(self, part: Sequence[Fitted], thresholds: Thresholds) -> list[Inference]:
        """One run of the network."""
        first = part[0][1]
        count = max(len(part), self._engine.batch[0])
        shape = count, first.input_height, first.input_width, 3
        with self._engine.ready_for(shape):
            outputs = self._engine.resize(shape)
            self._detection.prepare(outputs, thresholds)
            stored = [Stored.of(image) for image, _ in part]
            self._fill(stored)
            like = [(one.pixels.shape, box) for one, (_, box) in zip(stored, part)]
            self._newest = [self._letterboxing(*one) for one in like]
            self._recordings(
                (shape, *like, self._detection.most), self._addresses(),
                lambda: self._queue(shape, outputs))
            kept = [self._prototypes(outputs, number) for number in range(len(part))]
            self._stream.wait()
            rows = [
                self._rows(outputs, number, prototypes, thresholds)
                for number, prototypes in enumerate(kept)]
        return [
            Inference(image, letterbox, thresholds, CudaOutput(*output))
            for (image, letterbox), output in zip(part, zip(rows, kept))]

    def _fill(self, stored: Sequence[Stored]) -> None:
        """Copy images to page-locked memory."""
        self._images += [Buffer() for _ in stored[len(self._images) :]]
        self._swapped.resize((len(stored),), np.int32)
        self._swapped.array[:] = [one.bgr for one in stored]
        for one, buffer in zip(stored, self._images):
            buffer.resize(one.pixels.shape, np.uint8)
            np.copyto(buffer.array, one.pixels)

    def _addresses(self) -> tuple[int, ...]:
        """Of all memory that a recording uses."""
        memory = *self._engine.memory, *self._detection.memory, self._swapped, *self._images
        return tuple(address for piece in memory for address in piece.addresses)

    def _letterboxing(self, shape: tuple[int, ...], letterbox: Letterbox) -> Letterboxing:
        key = shape[2], letterbox
        if key not in self._letterboxings:
            self._letterboxings[key] = Letterboxing(*key)
        return self._letterboxings[key]

    def _queue(self, shape: tuple[int, ...], outputs: Outputs) -> None:
        """All that is done for a batch whose images are in page-locked memory."""
        size, item = prod(shape[1:]), self._swapped.array.itemsize
        self._swapped.upload(self._stream)
        for place in range(shape[0]):
            number = min(place, len(self._newest) - 1)  # a network of a fixed batch
            image = self._images[number]
            if number == place:
                image.upload(self._stream)
            self._newest[number].queue(
                self._kernels, self._stream, image, self._swapped.address + number * item,
                self._engine.pictures.address + place * size)
        self._engine.queue(shape)
        self._detection.queue(outputs)

    def _prototypes(self, outputs: Outputs, number: int) -> DevicePrototypes:
        """An image's own: the next batch overwrites those of the engine."""
        batch = outputs.prototypes
        kept = DevicePrototypes(
            self._engine.index, self._pool, batch.array.shape[1:], batch.array.dtype)
        kept.fill(self._stream, batch.address + number * kept.nbytes)
        return kept

    def _rows(
        self, outputs: Outputs, number: int, prototypes: DevicePrototypes, thresholds: Thresholds
    ) -> np.ndarray:
        """
        The table of an image.

        With too many boxes for the GPU, and where masks are compared, the host makes it.
        """
        rows = None if thresholds.compares_masks else self._detection.rows(number)
        if rows is not None:
            return rows
        predictions = self._engine.download(outputs)[number]
        return table_of(survivors(predictions, prototypes, thresholds))

    def close(self) -> None:
        """Free all of it; whoever calls it has the engine for himself."""
        self._recordings.clear()
        self._newest = []
        self._letterboxings.clear()
        self._pool.close()
        self._decoder.close()
        self._grower.close()
        for memory in (self._detection, *self._images, self._swapped, self._kernels):
            memory.close()


class CudaBackend(CudaEngine):
    """
    An engine with all work around it on its GPU; on the host where kernels cannot be had.

    :param path: of the .engine file
    :param index: of the GPU
    :param precision: what it was built to compute in
    """

    def __init__(self, path: Path, index: int, precision: str) -> None:
        super().__init__(path, index, precision)
        self.processing = self._processing()

    def _processing(self) -> CudaProcessing | None:
        try:
            return CudaProcessing(self, _kernels(compute_capability(self.index)))
        except (OSError, RuntimeError) as error:
            logging.getLogger(__name__).warning(
                '%s: letterbox, suppression and masks run on the processor, as there are no '
                "kernels for this GPU: %s. They need NVRTC, of JetPack, CUDA's toolkit, or pip "
                'install nvidia-cuda-nvrtc', self.title, error)
            return None

    def _free(self) -> None:
        if self.processing is not None:
            self.processing.close()
        super()._free()


def _kernels(capability: str) -> Kernels:
    """Those that were kept, or new ones where the GPU does not take them: a file may be broken."""
    try:
        return Kernels(nvrtc.cubin(capability))
    except LoadError:
        return Kernels(nvrtc.cubin(capability, anew=True))
