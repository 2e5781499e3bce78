# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the network found in a frame, as bytes: all that following it again needs."""

from __future__ import annotations

from dataclasses import astuple
from io import BytesIO
import zlib

import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import EMPTY
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.scene import Scene

FAST = 1  # level of compression: masks shrink to a quarter in a millisecond or two


def pack_scene(scene: Scene, masks: bool) -> bytes:
    """
    A scene as bytes, without prototypes and image.

    :param masks: whether those are kept; else all are empty afterwards
    """
    *size, resized = astuple(scene.letterbox)
    runs = scene.run_table(slice(None if masks else 0))
    buffer = BytesIO()
    np.savez(
        buffer, extents=scene.extents, scores=scene.scores, coefficients=scene.coefficients,
        names=scene.name_scores, letterbox=[*size, *resized], confident=scene.confident,
        boxes=runs.boxes, counts=runs.counts)
    return zlib.compress(buffer.getvalue(), FAST)


def unpack_scene(data: bytes) -> Scene:
    """The scene that `pack_scene` was given."""
    with np.load(BytesIO(zlib.decompress(data))) as arrays:
        *size, height, width = arrays['letterbox'].tolist()
        scores, runs = arrays['scores'], RunTable(arrays['boxes'].reshape(-1, 6), arrays['counts'])
        return Scene(
            arrays['extents'], scores, arrays['coefficients'], None,
            Letterbox(*size, (height, width)), runs if len(runs) else [EMPTY] * len(scores),
            int(arrays['confident']), arrays['names'])
