# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth images of solids whose place and size are known, by casting a ray through each pixel."""

from __future__ import annotations

import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.transforms import Transform

CAMERA = CameraModel(640, 480, (560.0, 560.0), (320.0, 240.0))
BEHIND = 3.0  # metres to the wall


def turn_about(axis: str, degrees: float) -> np.ndarray:
    """A rotation about x, y or z: (3, 3)."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = {'x': (1, 2), 'y': (2, 0), 'z': (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = cos
    matrix[first, second], matrix[second, first] = -sin, sin
    return matrix


def see_box(camera: CameraModel, size: tuple, pose: Transform) -> np.ndarray:
    """
    Distance along the axis to a box: (H, W), infinite beside it.

    :param size: of the box, metres
    :param pose: from the box's frame, whose origin is its middle, to the camera's
    """
    rays = np.concatenate([camera.rays(), np.ones((1, camera.height, camera.width))])
    directions = np.moveaxis(rays, 0, -1) @ pose.rotation  # in the box's frame
    origin = -pose.rotation.T @ pose.translation
    with np.errstate(divide='ignore', invalid='ignore'):
        one = (-np.array(size) / 2 - origin) / directions
        other = (np.array(size) / 2 - origin) / directions
    near, far = np.minimum(one, other).max(axis=-1), np.maximum(one, other).min(axis=-1)
    return np.where((near <= far) & (near > 0), near, np.inf)


def see_sphere(camera: CameraModel, radius: float, centre: tuple) -> np.ndarray:
    """Distance along the axis to a sphere: (H, W), infinite beside it."""
    x, y = camera.rays().astype(float)
    a = x * x + y * y + 1
    b = x * centre[0] + y * centre[1] + centre[2]
    root = b * b - a * (np.dot(centre, centre) - radius**2)
    with np.errstate(invalid='ignore'):
        return np.where(root >= 0, (b - np.sqrt(root)) / a, np.inf)


def take(distance: np.ndarray, encoding: str, spoil: bool = True, seed: int = 0):
    """
    What a depth camera makes of it: the solid's mask, and its depth before a wall.

    :param distance: (H, W), infinite beside the solid
    :param spoil: lose a fifth of all pixels, and let a twentieth of the solid's, on its edge, lie
        anywhere between it and the wall
    :return: mask and depth
    """
    rng = np.random.default_rng(seed)
    mask = np.isfinite(distance)
    depth = np.where(mask, distance, BEHIND)
    if spoil:
        edge = np.argwhere(mask & ~_eroded(mask, 2))
        number = min(mask.sum() // 20, len(edge) // 2)
        rows, columns = edge[rng.choice(len(edge), number, replace=False)].T
        depth[rows, columns] += rng.random(number) * (BEHIND - depth[rows, columns])
        depth[rng.random(depth.shape) < 0.2] = np.nan
    if encoding == '32FC1':
        return RunLengths.from_mask(mask), DepthImage(depth.astype(np.float32))
    millimetres = np.nan_to_num(np.rint(depth * 1000)).astype(np.uint16)
    return RunLengths.from_mask(mask), DepthImage(millimetres)


def _eroded(mask: np.ndarray, pixels: int) -> np.ndarray:
    result = mask.copy()
    for step in range(1, pixels + 1):
        for axis in (0, 1):
            for way in (step, -step):
                result &= np.roll(mask, way, axis)
    return result
