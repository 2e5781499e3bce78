# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A GPU made ready for the sizes of images that the cameras send."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastsam_ros.fastsam import FastSam

MOST = 8  # sizes; a camera that changes its size all the time must not stop the node


class WarmUp:
    """
    Lets a GPU record its kernels for each size of image before the first one goes through.

    A recording is made for each size and each number of cameras whose images come at once, and
    takes as long as some frames. It cannot be made beside them, as the network keeps tensors for
    the size that it sees. So all are made when a size comes first, which is when a robot starts,
    and no frame waits later on. A processor has nothing to record.

    :param model: the network
    :param cameras: that may send at the same time
    """

    def __init__(self, model: FastSam, cameras: int) -> None:
        self._model, self._cameras = model, cameras
        self._most = MOST if model.device.startswith('cuda') else 0
        self._sizes: set[tuple[int, int]] = set()

    def __call__(self, images: Sequence[np.ndarray]) -> None:
        """
        Warm up for images that come.

        :param images: each (H, W, 3) uint8 RGB
        """
        if len(self._sizes) >= self._most:
            return
        for size in {image.shape[:2] for image in images} - self._sizes:
            self._sizes.add(size)
            self._model.warm_up(*size, cameras=self._cameras)
