# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Poses of one frame in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.errors import DepthError


@dataclass(frozen=True, eq=False)
class Transform:
    """
    What takes points of one frame to another.

    :param rotation: (3, 3) float64
    :param translation: (3,) float64, metres
    """

    rotation: np.ndarray
    translation: np.ndarray

    @classmethod
    def from_pose(cls, values: Sequence[float]) -> Transform:
        """
        The transform of a pose: of the frame of the points, in the frame where they go.

        :param values: x, y, z in metres, qx, qy, qz, qw; the quaternion need not have length 1
        :raises DepthError: when they are not 7 finite numbers, or the quaternion is 0
        """
        numbers = np.asarray(values, float).ravel()
        length = np.linalg.norm(numbers[3:])
        if len(numbers) != 7 or not np.isfinite(numbers).all() or length < 1e-6:
            raise DepthError(
                f'a pose is 7 numbers, x y z qx qy qz qw, and its quaternion is not 0: not '
                f'{numbers.tolist()}')
        return cls(_matrix(*(numbers[3:] / length)), numbers[:3])

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """
        Points in the other frame.

        :param points: (N, 3) float
        :return: (N, 3), of the points' type
        """
        rotation, translation = (
            v.astype(points.dtype, copy=False) for v in (self.rotation, self.translation))
        return points @ rotation.T + translation

    @property
    def quaternion(self) -> tuple[float, float, float, float]:
        """The rotation as x, y, z, w, w not negative."""
        # The largest of four candidates, so that nothing is divided by almost nothing.
        m = self.rotation
        products = np.array([
            [1 + m[0, 0] - m[1, 1] - m[2, 2], m[1, 0] + m[0, 1], m[0, 2] + m[2, 0],
             m[2, 1] - m[1, 2]],
            [m[1, 0] + m[0, 1], 1 - m[0, 0] + m[1, 1] - m[2, 2], m[2, 1] + m[1, 2],
             m[0, 2] - m[2, 0]],
            [m[0, 2] + m[2, 0], m[2, 1] + m[1, 2], 1 - m[0, 0] - m[1, 1] + m[2, 2],
             m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1],
             1 + m[0, 0] + m[1, 1] + m[2, 2]]])
        row = products[np.argmax(np.diag(products))]
        row = row / np.linalg.norm(row)
        return tuple((row if row[3] >= 0 else -row).tolist())

    def inverse(self) -> Transform:
        """The way back."""
        return Transform(self.rotation.T, -self.rotation.T @ self.translation)

    def after(self, first: Transform) -> Transform:
        """What does `first` and then this."""
        return Transform(
            self.rotation @ first.rotation, self.rotation @ first.translation + self.translation)


class StaticFrames:
    """How frames stand to each other that never move, as /tf_static tells."""

    def __init__(self) -> None:
        self._parents: dict[str, tuple[str, Transform]] = {}

    def add(self, parent: str, child: str, transform: Transform) -> None:
        """
        One frame in another.

        :param transform: from the child's coordinates to the parent's
        """
        self._parents[child] = parent, transform

    def lookup(self, target: str, source: str) -> Transform:
        """
        What takes points from one frame to another.

        :raises DepthError: when no chain of frames connects them
        """
        from_source, from_target = self._ways_up(source), self._ways_up(target)
        for frame, up in from_source.items():
            if frame in from_target:
                return from_target[frame].inverse().after(up)
        raise DepthError(
            f'nothing says how {source} stands to {target}: /tf_static knows '
            f'{", ".join(sorted(self._parents)) or "no frame"}')

    def _ways_up(self, frame: str) -> dict[str, Transform]:
        """The frame and all above it, and what takes its points there."""
        ways = {frame: Transform(np.eye(3), np.zeros(3))}
        while frame in self._parents:
            parent, transform = self._parents[frame]
            if parent in ways:  # a circle
                break
            ways[parent] = transform.after(ways[frame])
            frame = parent
        return ways


def _matrix(x: float, y: float, z: float, w: float) -> np.ndarray:
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
