# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks decoded by kernels/masks.cu: runs of pixels alone come to the host, which joins them."""

from __future__ import annotations

from math import prod
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
import numpy as np

from fastsam_ros.backends.tensorrt.cuda import (
    Buffer,
    Memory,
    PageLocked,
    Scratch,
    Stream,
    call,
    reported,
)
from fastsam_ros.backends.tensorrt.driver import Kernels, blocks
from fastsam_ros.backends.tensorrt.prototypes import DevicePrototypes
from fastsam_ros.core.boxes import pixel_windows
from fastsam_ros.core.letterbox import Letterbox, prototype_axes
from fastsam_ros.core.masks.decoding import decode, join
from fastsam_ros.core.masks.fading import Fading
from fastsam_ros.core.masks.run_table import RunTable

ELEMENTS = 1 << 22  # logits of masks that are decoded together; bounds the memory it takes
RUNS_PER_ROW = 2  # runs a mask's image row for which there is room at first
# As in kernels/masks.cu:
TOGETHER = 8
SEGMENT = np.dtype([
    ('window', np.int32, 4), ('reach', np.int32, 4), ('rows', np.int32), ('ramp', np.float32, 6),
    ('weights', np.float32, 32)])
AXES = np.dtype([
    ('scale', np.float64), ('offset', np.float64), ('height', np.int32), ('width', np.int32)])
SIDES = 4


class DeviceAxes(NamedTuple):
    """`prototype_axes` on the GPU, as kernels take them."""

    axes: Memory
    row_cells: Memory
    row_parts: Memory
    column_cells: Memory

    @classmethod
    def of(cls, letterbox: Letterbox, height: int, width: int) -> DeviceAxes:
        """Send them; `height` and `width` are those of the prototypes."""
        rows, columns = prototype_axes(letterbox, height, width)
        return cls(
            Memory.of(np.array([(columns.scale, columns.offset, height, width)], AXES)),
            Memory.of(rows.cells.astype(np.int32)), Memory.of(rows.parts),
            Memory.of(columns.cells.astype(np.int32)))


class CudaDecoder:
    """
    `core.masks.decoding.decode` for prototypes on a GPU; from any thread, in one at a time.

    It has a stream of its own that goes first, so that masks of an image need not wait for the
    network of the next one. Once it is closed the host decodes what scenes that live on ask for.

    :param kernels: of the GPU, which is the current one
    :param index: of the GPU
    :param name: of the engine, for messages
    """

    def __init__(self, kernels: Kernels, index: int, name: str) -> None:
        self._kernels, self._index, self._name = kernels, index, name
        self._stream = Stream(first=True)
        self._segments = Buffer()
        self._logits, self._reached, self._taken = self._scratch = [Scratch() for _ in range(3)]
        self._rows, self._runs = PageLocked(), PageLocked()
        self._axes: LRUCache[tuple, DeviceAxes] = LRUCache(16)
        self._lock, self._closed = Lock(), False

    def __call__(
        self,
        coefficients: np.ndarray,
        prototypes: DevicePrototypes,
        extents: np.ndarray,
        letterbox: Letterbox,
        fading: Fading | None = None,
        clean: bool = False,
    ) -> RunTable:
        """
        See `core.masks.decoding.decode`.

        :raises BackendError: when the GPU fails
        """
        with self._lock, reported(self._name):
            if self._closed:
                return decode(
                    coefficients, np.asarray(prototypes), extents, letterbox,
                    fading is not None, clean)
            return self._decode(
                _segments(coefficients, extents, letterbox, fading), prototypes, letterbox, clean)

    def _decode(
        self, table: np.ndarray, prototypes: DevicePrototypes, letterbox: Letterbox, clean: bool
    ) -> RunTable:
        call('cudaSetDevice', self._index)
        height, width = prototypes.shape[1:]
        most = max(ELEMENTS // (height * width), 1)
        key = letterbox, height, width
        if key not in self._axes:
            self._axes[key] = DeviceAxes.of(*key)
        return RunTable.joined([
            self._part(table[first : first + most], prototypes, self._axes[key], clean)
            for first in range(0, len(table), most)])

    def _part(
        self, table: np.ndarray, prototypes: DevicePrototypes, axes: DeviceAxes, clean: bool
    ) -> RunTable:
        tops = table['reach'][:, 1].astype(np.int64)
        heights = table['reach'][:, 3] - tops
        table['rows'] = np.cumsum(heights) - heights
        self._queue_logits(table, prototypes, axes)
        room = int(RUNS_PER_ROW * heights.sum())
        while True:
            self._queue_runs(len(table), heights, axes, room)
            self._stream.wait()
            rows = self._rows.array
            needed = int(rows.sum(axis=1).max(initial=0))
            if needed <= room:
                return join(tops, heights, rows, self._runs.array, clean)
            room = needed

    def _queue_logits(
        self, table: np.ndarray, prototypes: DevicePrototypes, axes: DeviceAxes
    ) -> None:
        """Up to what masks lose beyond their boxes."""
        count, pixels = len(table), prod(prototypes.shape[1:])
        launch, stream = self._kernels.launch, self._stream
        self._segments.resize(table.shape, SEGMENT)
        self._segments.array[:] = table
        self._segments.upload(stream)
        self._logits.resize(4 * count * pixels)
        self._reached.resize(4 * count)
        stream.clear(self._reached.address, 4 * count)
        launch('multiply', stream, (blocks(pixels), -(-count // TOGETHER)), self._segments, count,
               prototypes, int(prototypes.dtype == np.float16), pixels, self._logits)
        if (table['reach'] != table['window']).any():
            launch('reach', stream, (count, SIDES), self._segments, axes.axes, axes.row_cells,
                   axes.column_cells, self._logits, self._reached)
            launch('lower', stream, (blocks(pixels), count), self._segments, axes.axes,
                   self._reached, self._logits)

    def _queue_runs(self, count: int, heights: np.ndarray, axes: DeviceAxes, room: int) -> None:
        """Kernels write them to the host's memory, so no more crosses the bus than there is."""
        self._rows.resize((int(heights.sum()), 2), np.int32)
        self._runs.resize((room, 2), np.int32)
        self._taken.resize(4)
        self._stream.clear(self._taken.address, 4)
        self._kernels.launch(
            'trace', self._stream, (blocks(int(heights.max(initial=0))), count), self._segments,
            *axes, self._logits, self._reached, self._rows, self._taken, self._runs, room)

    def close(self) -> None:
        """Free the buffers."""
        with self._lock:
            self._closed = True
            call('cudaSetDevice', self._index)
            self._axes.clear()
            for memory in (self._segments, *self._scratch, self._rows, self._runs, self._stream):
                memory.close()


def _segments(
    coefficients: np.ndarray, extents: np.ndarray, letterbox: Letterbox, fading: Fading | None
) -> np.ndarray:
    """What kernels know of each segment."""
    table = np.zeros(len(extents), SEGMENT)
    table['window'] = pixel_windows(extents, letterbox.height, letterbox.width)
    table['reach'] = table['window'] if fading is None else fading.reaches
    if fading is not None:
        table['ramp'] = fading.ramps
    table['weights'] = coefficients
    return table
