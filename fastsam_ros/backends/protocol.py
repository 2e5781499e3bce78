# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a runtime offers: one small protocol, and the shape of what its network says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from fastsam_ros.core.errors import ModelError

ANY_BATCH = 1, 64  # more images than one node has cameras


class NetworkOutput(NamedTuple):
    """
    What the network says of one image, or of a batch of B; arrays of the runtime's own kind.

    :param predictions: ([B,] 37 + K, A) a column an anchor: centre x, centre y, width, height in
        network pixels, score 0 to 1, 32 mask coefficients, and how likely each of K names is, 0
        to 1, where the network knows names
    :param prototypes: ([B,] 32, H/4, W/4), maybe a view: OpenVINO leaves them pixel by pixel
    """

    predictions: Any
    prototypes: Any


class NamedOutput(NamedTuple):
    """
    A `NetworkOutput` whose names lie apart, for the anchors that survive suppression.

    :param predictions: ([B,] 37, A)
    :param prototypes: ([B,] 32, H/4, W/4)
    :param names: [for each image] a `core.masks.decoding.NameScores`
    """

    predictions: Any
    prototypes: Any
    names: Any


class Backend(Protocol):
    """
    A loaded network.

    A runtime that keeps its outputs on a device may have an attribute `processing` as well, a
    `Processing` that does all work around the network there.
    """

    name: str  # of the runtime
    device: str  # what it runs on
    precision: str  # what it computes in
    streams: int  # inferences that it runs side by side
    batch: tuple[int, int]  # fewest and most images in a run, where several come sooner in one
    input_shape: tuple[int, int] | None  # height and width where the file fixes them, pixels

    def infer(self, batch: np.ndarray) -> NetworkOutput | NamedOutput:
        """
        Run the network; may be called from several threads.

        :param batch: (B, H, W, 3) uint8 RGB, letterboxed
        :return: of the whole batch, in fresh arrays
        :raises BackendError: when the runtime fails
        """

    def close(self) -> None:
        """Free the network."""


def check_outputs(
    path: Path, predictions: tuple, prototypes: tuple, names: tuple = (None, None, None)
) -> None:
    """
    Compare a network's outputs with FastSAM's.

    :param path: of the model, for the message
    :param predictions: shape of the first output, None where it is free
    :param prototypes: shape of the second output
    :param names: shape of the third, which a network need not have
    :raises ModelError: unless the shapes are FastSAM's
    """
    right = len(predictions) == 3 and len(prototypes) == 4 and len(names) == 3
    if not right or predictions[1] not in (None, 37) or prototypes[1] not in (None, 32):
        raise ModelError(
            f'{path.name} is not a FastSAM network: its outputs are {predictions}, {prototypes} '
            f'and {names}, expected (batch, 37, anchors) and (batch, 32, height/4, width/4), a '
            'YOLOv8-seg network with one class, and maybe (batch, names, anchors)')
