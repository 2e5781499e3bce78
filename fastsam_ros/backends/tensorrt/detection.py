# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Thresholds and suppression on the GPU: of each image of a batch a table comes to the host."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastsam_ros.backends.processing import Thresholds
from fastsam_ros.backends.tensorrt.cuda import Buffer, Scratch, Stream
from fastsam_ros.backends.tensorrt.driver import Kernels, blocks

FIELDS = 37  # columns: box, score, coefficients; then those of names
# As in kernels/suppress.cu:
CANDIDATES = 2048
HEADER = 2
LIMITS = np.dtype([('iou', np.float64), ('lowest', np.float32), ('segments', np.int32)])
SWEEP = 1024  # threads of the one block that strikes boxes out


class Outputs(NamedTuple):
    """
    What the engine writes.

    :param predictions: (B, 37, A) float32
    :param prototypes: (B, 32, h, w) float32 or float16
    :param names: (B, K, A) likewise; None where the network knows none
    """

    predictions: Buffer
    prototypes: Buffer
    names: Buffer | None

    def shapes(self) -> tuple[int, int, int]:
        """Images, anchors, and names that the network knows."""
        count, _, anchors = self.predictions.array.shape
        return count, anchors, 0 if self.names is None else self.names.array.shape[1]


class Detection:
    """
    Buffers and kernels of `core.masks.decoding.detect`.

    :param kernels: of the GPU
    :param stream: of the network
    """

    def __init__(self, kernels: Kernels, stream: Stream) -> None:
        self._kernels, self._stream = kernels, stream
        self.most = 0  # rows of a table
        self._limits, self._tables = Buffer(), Buffer()
        self._counts, self._keys, self._order, self._boxes, self._kept = self._scratch = [
            Scratch() for _ in range(5)]
        self.memory = self._limits, self._tables, *self._scratch

    def prepare(self, outputs: Outputs, thresholds: Thresholds) -> None:
        """Get ready for a batch."""
        count, anchors, names = outputs.shapes()
        most = self.most = min(thresholds.max_segments, anchors, CANDIDATES)
        room = count * CANDIDATES
        self._limits.resize((1,), LIMITS)
        self._limits.array[0] = thresholds.iou, thresholds.floor, most
        self._tables.resize((count, HEADER + most * (FIELDS + names)), np.float32)
        sizes = 4 * count, 8 * room, 4 * room, 16 * room, 4 * count * most
        for memory, size in zip(self._scratch, sizes):
            memory.resize(size)

    def queue(self, outputs: Outputs) -> None:
        """Queue all of it, behind the network."""
        count, anchors, names = outputs.shapes()
        launch, stream, columns = self._kernels.launch, self._stream, FIELDS + names
        known = outputs.prototypes if outputs.names is None else outputs.names
        half = int(known.array.dtype == np.float16)
        self._limits.upload(stream)
        stream.clear(self._counts.address, 4 * count)
        launch('gather', stream, (blocks(anchors), count), outputs.predictions, anchors,
               self._limits, self._counts, self._keys)
        launch('rank', stream, (blocks(CANDIDATES), count), outputs.predictions, anchors,
               self._counts, self._keys, self._order, self._boxes)
        launch('suppress', stream, (count, 1), self._counts, self._boxes, self._limits,
               self._kept, columns, self._tables, block=SWEEP)
        launch('pack', stream, (self.most, count), outputs.predictions, anchors, known, half,
               self._order, self._boxes, self._kept, self._limits, columns, self._tables)
        self._tables.download(stream)

    def rows(self, number: int) -> np.ndarray | None:
        """
        What stays of an image's boxes, once the stream was waited for.

        :param number: of the image in the batch
        :return: (N, 37 + K) float32, most confident first: box in network pixels, score,
            coefficients, names; None where there were more boxes than are compared here
        """
        table = self._tables.array[number]
        kept, found = table[:HEADER].astype(int)
        if found > CANDIDATES:
            return None
        return table[HEADER:].reshape(self.most, -1)[:kept].copy()

    def close(self) -> None:
        """Free the buffers."""
        for memory in self.memory:
            memory.close()
