# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segment of a frame continues which part of a thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from fastsam_ros.core import RunLengths, Scene
from fastsam_ros.following.looks import colours, histogram, likeness
from fastsam_ros.following.motion import Grid, sample
from fastsam_ros.following.thing import Part

OVERLAP = 0.2  # IoU with where it should be; below, it is another segment
LIKENESS = 0.7  # of looks; below, it is another thing
FOUND_AGAIN = 0.85  # likeness that brings back what was missing


@dataclass(eq=False)
class View:
    """
    A frame as following sees it; masks and looks are made for whom they are asked for.

    :param scene: its segments
    :param stamp: of the frame, ns
    :param grid: the shrunk picture's
    :param bins: (h, w) uint8, see `looks.colours`
    """

    scene: Scene
    stamp: int
    grid: Grid
    bins: np.ndarray
    _masks: dict[int, np.ndarray] = field(default_factory=dict)
    _looks: dict[int, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, image: np.ndarray, scene: Scene, stamp: int) -> View:
        """
        The view of a frame.

        :param image: (H, W, 3) uint8 RGB
        :param scene: what the network found in it
        :param stamp: of the frame, ns
        """
        grid = Grid(*image.shape[:2])
        return cls(scene, stamp, grid, colours(grid.shrink(image)))

    def mask(self, index: int) -> np.ndarray:
        """A segment's mask in the shrunk picture: (h, w) float32."""
        if index not in self._masks:
            (runs,) = self.scene.run_lengths([index])
            self._masks[index] = shrunk(runs, self.grid)
        return self._masks[index]

    def looks(self, index: int) -> np.ndarray:
        """What a segment looks like; see `looks.histogram`."""
        if index not in self._looks:
            self._looks[index] = histogram(self.bins, self.mask(index) > 0.5)
        return self._looks[index]


def shrunk(runs: RunLengths, grid: Grid) -> np.ndarray:
    """A mask at the size of the shrunk picture: (h, w) float32, 0 or 1."""
    small = np.zeros(grid.shape, np.float32)
    step = grid.factor
    top, left = -runs.y % step, -runs.x % step
    part = runs.mask()[top::step, left::step]
    y, x = (runs.y + top) // step, (runs.x + left) // step
    into = small[y : y + part.shape[0], x : x + part.shape[1]]
    into[:] = part[: into.shape[0], : into.shape[1]]
    return small


def part_of(view: View, index: int, id: int) -> Part:
    """A segment that is followed from this frame on, known by its id."""
    looks = view.looks(index)
    return Part(id, index, view.mask(index), looks, looks)


def follow(parts: Iterable[Part], view: View, flow: np.ndarray | None) -> None:
    """
    Look for parts in the next frame.

    :param parts: their `index` and `mask` become those of this frame
    :param view: of the frame
    :param flow: (h, w, 2) float32 from this frame to the last one; None: there was none
    """
    for part in parts:
        was_seen = part.index >= 0
        moved = part.mask if flow is None else sample(part.mask, flow)
        index, score = _best(part, moved, view, was_seen and flow is not None)
        part.index, part.likely = index, score
        if index >= 0:
            part.mask, part.last = view.mask(index), view.looks(index)
        else:
            part.mask = moved


def _best(part: Part, moved: np.ndarray, view: View, was_seen: bool) -> tuple[int, float]:
    best, index = 0.0, -1
    for candidate in range(len(view.scene)):
        overlap = _iou(moved, view.mask(candidate))
        if was_seen and overlap < OVERLAP:
            continue
        alike = max(likeness(part.first, view.looks(candidate)),
                    likeness(part.last, view.looks(candidate)))
        if alike < (LIKENESS if was_seen else FOUND_AGAIN):
            continue
        score = alike**2 * float(view.scene.scores[candidate]) ** 0.5
        score *= overlap if was_seen else 1
        if score > best:
            best, index = score, candidate
    return index, best


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    shared = float(np.minimum(one, other).sum())
    return shared / max(float(one.sum() + other.sum()) - shared, 1e-9)
