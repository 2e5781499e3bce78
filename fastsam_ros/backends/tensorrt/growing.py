# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes of large regions grown by kernels/grow.cu, where the prototypes are."""

from __future__ import annotations

from threading import Lock

import numpy as np

from fastsam_ros.backends.tensorrt.cuda import Buffer, Stream, call, reported
from fastsam_ros.backends.tensorrt.driver import Kernels
from fastsam_ros.backends.tensorrt.prototypes import DevicePrototypes
from fastsam_ros.core.masks.shaping import move_sides

BLOCK = 128  # threads that look at a line of prototype pixels
# As in kernels/grow.cu:
GROWING = np.dtype([('sides', np.float64, 4), ('weights', np.float32, 32)])
ROOM = np.dtype([
    ('image', np.float64, 4), ('share', np.float64), ('height', np.int32), ('width', np.int32)])


class BoxGrower:
    """
    A `MoveSides` of `core.masks.shaping`; from any thread, in one at a time.

    Once it is closed the host moves them, for scenes that live on.

    :param kernels: of the GPU, which is the current one
    :param index: of the GPU
    :param name: of the engine, for messages
    """

    def __init__(self, kernels: Kernels, index: int, name: str) -> None:
        self._kernels, self._index, self._name = kernels, index, name
        self._stream = Stream(first=True)
        self._boxes, self._room = Buffer(), Buffer()
        self._lock, self._closed = Lock(), False

    def __call__(
        self,
        coefficients: np.ndarray,
        prototypes: DevicePrototypes,
        image: np.ndarray,
        share: float,
        boxes: np.ndarray,
    ) -> np.ndarray:
        """
        See `MoveSides`.

        :raises BackendError: when the GPU fails
        """
        with self._lock, reported(self._name):
            if self._closed:
                return move_sides(coefficients, np.asarray(prototypes), image, share, boxes)
            call('cudaSetDevice', self._index)
            self._boxes.resize((len(boxes),), GROWING)
            self._boxes.array['sides'], self._boxes.array['weights'] = boxes, coefficients
            self._room.resize((1,), ROOM)
            self._room.array[0] = image, share, *prototypes.shape[1:]
            for buffer in (self._boxes, self._room):
                buffer.upload(self._stream)
            self._kernels.launch(
                'grow', self._stream, (len(boxes), 1), self._boxes, self._room, prototypes,
                int(prototypes.dtype == np.float16), block=BLOCK)
            self._boxes.download(self._stream)
            self._stream.wait()
            return self._boxes.array['sides'].copy()

    def close(self) -> None:
        """Free the buffers."""
        with self._lock:
            self._closed = True
            call('cudaSetDevice', self._index)
            for memory in (self._boxes, self._room, self._stream):
                memory.close()
