# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Boxes around what is seen of things: the extent that one view shows, not what lies behind.

In the camera's frame boxes are axis-aligned. In a frame whose z is up (REP 103: every frame but
those of cameras) a thing stands on the ground, so its box turns about z alone: that is what
grasping and navigation take, and it does not flip from frame to frame as one that is fitted to
all three axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fastsam_ros.space.points import TRIM, Measurements
from fastsam_ros.space.transforms import Transform

OPTICAL = 'optical'  # in the names of frames whose z is forward (REP 103); in others it is up


@dataclass(frozen=True, eq=False)
class Box:
    """
    A box in space.

    :param centre: (3,) float64 x, y, z, metres
    :param size: (3,) float64 along its own axes, metres
    :param yaw: about z, radians, from -pi/4 on and below pi/4: at a quarter turn x and y of the
        size change places
    """

    centre: np.ndarray
    size: np.ndarray
    yaw: float = 0.0

    @property
    def quaternion(self) -> tuple[float, float, float, float]:
        """The orientation as x, y, z, w."""
        return 0.0, 0.0, float(np.sin(self.yaw / 2)), float(np.cos(self.yaw / 2))


def boxes(
    measurements: Measurements, transform: Transform | None = None, upright: bool = True
) -> list[Box | None]:
    """
    A box for each segment; None for those of which too little is seen.

    :param measurements: with samples if there is a transform
    :param transform: from the camera's frame to that of the boxes; None: they stay in it
    :param upright: whether z is up there
    """
    rows = zip(measurements.reliable.tolist(), measurements.low, measurements.high)
    aligned = [Box((low + high) / 2, high - low) if good else None for good, low, high in rows]
    if transform is None:
        return aligned
    turn = turned if upright else enclosing
    pairs = zip(aligned, measurements.samples)
    return [box and turn(transform(points)) for box, points in pairs]


def enclosing(points: np.ndarray) -> Box:
    """
    The axis-aligned box around points, a few of the outermost left out.

    :param points: (N, 3) float, metres
    """
    low, high = _trimmed(points)
    return Box((low + high) / 2, high - low)


def turned(points: np.ndarray) -> Box:
    """
    The box around points that stands upright and is turned so that its ground is smallest.

    :param points: (N, 3) float, metres, z up
    """
    ground = cv2.convexHull(np.ascontiguousarray(points[:, :2], np.float32))
    yaw = _to_quarter(np.radians(cv2.minAreaRect(ground)[2]))
    cos, sin = np.cos(yaw), np.sin(yaw)
    back = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    low, high = _trimmed(points @ back.T)
    return Box(back.T @ ((low + high) / 2), high - low, yaw)


def _trimmed(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both ends along each axis, without the TRIM outermost points."""
    skip = int(TRIM * len(points))
    ends = np.partition(points, (skip, len(points) - 1 - skip), axis=0)
    return ends[skip].astype(float), ends[len(points) - 1 - skip].astype(float)


def _to_quarter(angle: float) -> float:
    """The same rectangle's angle from -pi/4 on and below pi/4."""
    return float((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)
