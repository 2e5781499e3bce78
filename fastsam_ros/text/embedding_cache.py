# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Image embeddings of segments: of this scene, and of earlier frames that showed the same."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
import weakref

import numpy as np

from fastsam_ros.core.boxes import pairwise_iou
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.scene import Scene
from fastsam_ros.text.candidates import boxes_of
from fastsam_ros.text.crops import thumbnail

SAME_PLACE = 0.9  # a segment is the same when its boxes overlap more (IoU), its area is alike,
SAME_LOOK = 12.0  # and what its box shows differs by no more than this, mean of 0 to 255
FRAMES = 64  # scenes that are remembered, of all cameras together


@dataclass(frozen=True)
class CachedEmbedding:
    """
    The embedding of a segment, and how to know the segment again.

    :param vector: (D,) of what it showed
    :param thumbnail: what its box showed when the vector was made
    :param area: of its mask then, pixels
    :param box: (4,) x0, y0, x1, y1 in its frame, pixels
    """

    vector: np.ndarray
    thumbnail: np.ndarray
    area: int
    box: np.ndarray


@dataclass
class FrameEmbeddings:
    """
    What is known of one scene's segments; the scene itself is not kept alive.

    :param source: an array that the scene shares with its copies, to know it again
    :param embeddings: so far, by the segment's index
    :param candidates: answers of `eligible`, by what it was asked
    """

    source: weakref.ref
    embeddings: dict[int, CachedEmbedding] = field(default_factory=dict)
    candidates: dict[tuple, np.ndarray] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


class EmbeddingCache:
    """
    Embeddings of the newest scenes, of all cameras; safe to use from several threads.

    Cameras need not be told apart: an embedding is only reused where the image looks the same.
    """

    def __init__(self) -> None:
        self._frames: deque[FrameEmbeddings] = deque(maxlen=FRAMES)  # newest first
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._frames)

    def of(self, scene: Scene) -> tuple[FrameEmbeddings, list[FrameEmbeddings]]:
        """What is known of the scene, and of those before it, newest first."""
        with self._lock:
            others = list(self._frames)
            frame = next((f for f in others if f.source() is scene.extents), None)
            if frame is None:
                frame = FrameEmbeddings(weakref.ref(scene.extents))
                self._frames.appendleft(frame)
        return frame, [other for other in others if other is not frame]


def reuse(
    scene: Scene, frame: FrameEmbeddings, earlier: list[FrameEmbeddings], indices: list[int]
) -> None:
    """Take over the embeddings of segments that are where they were and look as they did."""
    left = dict(zip(indices, scene.run_lengths(indices), strict=True))

    @cache  # a frame after a change of light is compared with all earlier ones
    def look(index: int) -> np.ndarray:
        return thumbnail(scene.image, left[index])

    for before in earlier:
        known = list(before.embeddings.values())
        if not left or not known:
            continue
        boxes = boxes_of(list(left.values()))
        overlaps = pairwise_iou(boxes, np.stack([cached.box for cached in known]))
        nearest = overlaps.argmax(axis=1)
        near = overlaps[np.arange(len(nearest)), nearest] > SAME_PLACE
        for index, box, then, is_near in zip(list(left), boxes, nearest, near, strict=True):
            if is_near and _alike_in_size(left[index], known[then]) and _alike(
                    look(index), known[then]):
                frame.embeddings[index] = replace(known[then], box=box)
                del left[index]


def _alike_in_size(runs: RunLengths, cached: CachedEmbedding) -> bool:
    return min(runs.area, cached.area) >= SAME_PLACE * max(runs.area, cached.area)


def _alike(look: np.ndarray, cached: CachedEmbedding) -> bool:
    """Compared with the moment when the vector was made, so that small changes don't add up."""
    return np.abs(look - cached.thumbnail).mean() <= SAME_LOOK
