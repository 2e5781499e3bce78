# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Depth of a sensor that sees from elsewhere, as an image's own: a depth camera's, or a LiDAR's.

Each of its points falls on one pixel, the nearest of a pixel wins, and no hole is filled. Nearer
things come as points with gaps between them; so that nothing behind shows through, a point is
left out as well when one lies before it in the same cell, which is as large as the gaps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.errors import DepthError
from fastsam_ros.core.native import library
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.transforms import Transform

SLACK = 0.05  # share of its depth by which a point may lie behind the nearest in its cell
LIDAR_CELL = 8  # pixels
NEARBY = 3  # pixels around a point that is asked about, in which its own surface has a depth


@dataclass(frozen=True, eq=False)
class Registered:
    """
    Depth as an image's camera sees it.

    :param depth: of the image's size
    :param pixels: (N,) int64, for each point of the sensor the pixel of the image where it is
        seen, in the sensor's order; -1: nowhere. None: the sensor's pixels are the image's
    """

    depth: DepthImage
    pixels: np.ndarray | None = None

    def inside(self, mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """
        A mask of the image as the sensor sees it.

        :param mask: (H, W) bool, of the image
        :param shape: height and width of the sensor's depth image
        :return: bool, of that shape; what the image's camera does not see is outside
        """
        if self.pixels is None:
            return mask
        found = mask.ravel()[np.maximum(self.pixels, 0)] & (self.pixels >= 0)
        return found.reshape(shape)


def register(
    depth: DepthImage, frames: tuple[str, str], image_camera: CameraModel,
    depth_camera: Callable[[], CameraModel], transform: Callable[[], Transform],
) -> Registered:
    """
    Bring depth onto an image, if it does not lie there already.

    Drivers are known to let unregistered frames through on a registered topic, so this looks at
    each of them.

    :param depth: as the sensor gave it
    :param frames: frame_id of the depth and of the image
    :param image_camera: of the image
    :param depth_camera: gives that of the depth, if it is needed
    :param transform: gives what leads from the depth's frame to the image's, if it is needed
    :raises DepthError: when the depth cannot be brought there
    """
    size, wanted = (depth.width, depth.height), (image_camera.width, image_camera.height)
    if frames[0] == frames[1] and size == wanted:
        return Registered(depth)
    there = Transform(np.eye(3), np.zeros(3)) if frames[0] == frames[1] else transform()
    return project_depth(depth, depth_camera(), image_camera, there)


def points_of(depth: DepthImage, camera: CameraModel) -> np.ndarray:
    """
    Where the pixels of a depth image are: (H * W, 3) float32, metres; z 0 without depth.

    :param depth: of the camera's size
    :param camera: of the depth
    """
    check_size(depth, camera)
    x, y = camera.rays()
    z = depth.metres
    offset = [np.float32(v) for v in camera.offset]
    return np.stack([x * z + offset[0], y * z + offset[1], z], axis=-1).reshape(-1, 3)


def check_size(depth: DepthImage, camera: CameraModel) -> None:
    """:raises DepthError: when the depth is not of the camera's size."""
    if (depth.width, depth.height) != (camera.width, camera.height):
        raise DepthError(
            f'the depth image has {depth.width}x{depth.height} pixels, but its camera has '
            f'{camera.width}x{camera.height}')


def project_depth(
    depth: DepthImage, camera: CameraModel, image_camera: CameraModel, transform: Transform
) -> Registered:
    """
    A depth image as another camera sees it.

    :param depth: of the depth camera
    :param camera: the depth camera
    :param image_camera: of the image
    :param transform: from the depth camera's frame to the image's
    """
    points = points_of(depth, camera)
    missing = points[:, 2] <= 0
    moved = transform(points)
    moved[missing, 2] = 0
    apart = max(i / d for i, d in zip(image_camera.focal, camera.focal))
    return _project(moved, image_camera, max(1, int(np.ceil(apart))))


def project_points(
    points: np.ndarray, image_camera: CameraModel, transform: Transform
) -> Registered:
    """
    A LiDAR's points as a camera sees them.

    :param points: (N, 3) float32, metres; those that are not finite are left out
    :param image_camera: of the image
    :param transform: from the points' frame to the image's
    """
    with np.errstate(invalid='ignore', over='ignore'):
        moved = transform(points)
    moved[~np.isfinite(moved).all(axis=1)] = 0
    return _project(moved, image_camera, LIDAR_CELL)


def _project(points: np.ndarray, camera: CameraModel, cell: int) -> Registered:
    columns, rows = camera.project(points)
    depth = np.zeros((camera.height, camera.width), np.float32)
    pixels = np.empty(len(points), np.int64)
    metres = np.ascontiguousarray(points[:, 2], np.float32)
    library().fastsam_project(
        len(points), columns, rows, metres, camera.height, camera.width, cell, SLACK, depth,
        pixels)
    return Registered(DepthImage(depth), pixels)


def pixel_of(
    point: np.ndarray, camera: CameraModel, depth: DepthImage | None = None
) -> tuple[int, int]:
    """
    Where a point in space is seen.

    :param point: (3,) float x, y, z, metres, in the camera's frame
    :param camera: of the image
    :param depth: registered to the image; None: nobody knows whether anything hides the point
    :return: column, row
    :raises DepthError: when it is behind the camera, outside of the image, hidden or not finite
    """
    where = ', '.join(f'{value:.2f}' for value in point)
    if not np.isfinite(point).all():
        raise DepthError(f'the point at {where} m is nowhere: x, y and z have to be finite')
    if not point[2] > 0:
        raise DepthError(f'the point at {where} m is behind the camera')
    columns, rows = camera.project(point[None])
    if not (np.isfinite(columns[0]) and -0.5 <= columns[0] < camera.width - 0.5
            and -0.5 <= rows[0] < camera.height - 0.5):
        raise DepthError(f'the point at {where} m is outside of the image')
    column, row = int(columns[0] + 0.5), int(rows[0] + 0.5)
    if depth is not None:
        _check_visible(float(point[2]), column, row, depth)
    return column, row


def _check_visible(distance: float, column: int, row: int, depth: DepthImage) -> None:
    window = np.s_[max(row - NEARBY, 0) : row + NEARBY + 1,
                   max(column - NEARBY, 0) : column + NEARBY + 1]
    around = depth.metres[window][depth.valid[window]]
    if len(around) and around.max() < distance * (1 - SLACK):
        raise DepthError(
            f'the point is {distance:.2f} m away, but something {np.median(around):.2f} m away '
            'hides it')
