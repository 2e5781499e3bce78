# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments were looked at before: in this scene, and where they were in earlier frames."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING
import weakref

import numpy as np

from fastsam_ros.core.boxes import pairwise_iou
from fastsam_ros.core.run_lengths import RunLengths
from fastsam_ros.text.candidates import boxes_of
from fastsam_ros.text.crops import thumbnail

if TYPE_CHECKING:
    from fastsam_ros.core.scene import Scene

SAME_PLACE = 0.9  # a segment is followed when its boxes overlap more (IoU) and its area is alike
SAME_LOOK = 12.0  # and what its box shows differs at most so much, mean of 0 to 255
FRAMES = 64  # scenes that are remembered, of all cameras together


@dataclass(frozen=True)
class Seen:
    """
    A segment that was looked at.

    :param vector: (D,) of what it showed
    :param looks: its thumbnail when the vector was made
    :param area: of its mask then, pixels
    :param box: (4,) x0, y0, x1, y1 in its frame, pixels
    """

    vector: np.ndarray
    looks: np.ndarray
    area: int
    box: np.ndarray


@dataclass
class Frame:
    """
    What is known of one scene's segments; the scene itself is not kept alive.

    :param source: an array that the scene shares with its copies, to know it again
    :param seen: segments looked at so far, by index
    :param gates: answers of `eligible`, by what it was asked
    """

    source: weakref.ref
    seen: dict[int, Seen] = field(default_factory=dict)
    gates: dict[tuple, np.ndarray] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


class Sightings:
    """
    The newest scenes' segments that were looked at, of all cameras; safe to use from threads.

    Cameras need not be told apart: a segment is only followed when it looks the same too.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._frames: deque[Frame] = deque(maxlen=FRAMES)  # newest first
        self._lock = Lock()

    def of(self, scene: Scene) -> tuple[Frame, list[Frame]]:
        """What is known of the scene, and of those before it, newest first."""
        with self._lock:
            others = list(self._frames)
            frame = next((f for f in others if f.source() is scene.extents), None)
            if frame is None:
                frame = Frame(weakref.ref(scene.extents))
                self._frames.appendleft(frame)
        return frame, [other for other in others if other is not frame]


def follow(scene: Scene, frame: Frame, earlier: list[Frame], indices: list[int]) -> None:
    """Take over vectors of segments that are where they were and look as they did."""
    left = dict(zip(indices, scene.run_lengths(indices), strict=True))
    for before in earlier:
        known = list(before.seen.values())
        if not left or not known:
            continue
        boxes = boxes_of(list(left.values()))
        overlaps = pairwise_iou(boxes, np.stack([seen.box for seen in known]))
        nearest = overlaps.argmax(axis=1)
        near = overlaps[np.arange(len(nearest)), nearest] > SAME_PLACE
        for (index, runs), then, is_near in zip(list(left.items()), nearest, near, strict=True):
            if is_near and _alike(scene, runs, known[then]):
                frame.seen[index] = replace(known[then], box=boxes_of([runs])[0])
                del left[index]


def _alike(scene: Scene, runs: RunLengths, then: Seen) -> bool:
    """
    Whether a segment looks as one did when its vector was made.

    It is compared with that moment and not with the last frame, so small changes don't add up.
    """
    if min(runs.area, then.area) < SAME_PLACE * max(runs.area, then.area):
        return False
    return np.abs(thumbnail(scene.image, runs) - then.looks).mean() <= SAME_LOOK
