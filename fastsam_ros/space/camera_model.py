# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Where a camera's pixels look.

What is taken is anything with the fields of sensor_msgs/CameraInfo; what they mean is said in the
comments of that message. As in image_geometry, the offset of a region of interest is subtracted
before binning divides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.lens import FISHEYE, PLUMB_BOB, RATIONAL, bend, straighten

COEFFICIENTS = {PLUMB_BOB: (4, 5), RATIONAL: (8, 12, 14), FISHEYE: (4,), 'fisheye': (4,)}
OFF = 0.5  # pixels that a ray may miss its pixel by
BEYOND = 1.1  # how much farther from the axis than any pixel, squared, a lens is believed
CACHED = 8  # tables of rays; 3 MB each at 848x480


class Region(Protocol):
    """What sensor_msgs/RegionOfInterest has."""

    x_offset: int
    y_offset: int
    height: int
    width: int


class CameraInfo(Protocol):
    """What sensor_msgs/CameraInfo has."""

    height: int
    width: int
    distortion_model: str
    d: object
    k: object
    p: object
    binning_x: int
    binning_y: int
    roi: Region


@dataclass(frozen=True)
class CameraModel:
    """
    A pinhole behind a lens; hashable, so that what is computed from it is computed once.

    :param width: of the image, pixels
    :param height: of the image, pixels
    :param focal: fx, fy, pixels
    :param centre: cx, cy, pixels
    :param lens: '' for none, plumb_bob, rational_polynomial or equidistant
    :param coefficients: of the lens, in OpenCV's order
    :param offset: x, y, metres: where the pinhole lies in the camera's frame. A rectified stereo
        pair has one frame, and the right camera's P says how far from it that camera is
    """

    width: int
    height: int
    focal: tuple[float, float]
    centre: tuple[float, float]
    lens: str = ''
    coefficients: tuple[float, ...] = field(default=())
    offset: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def from_info(
        cls, info: CameraInfo, width: int, height: int, rectified: bool = False
    ) -> CameraModel:
        """
        The model of an image.

        :param info: as sensor_msgs/CameraInfo
        :param width: of the image that the info came with, pixels
        :param height: of that image, pixels
        :param rectified: whether the lens was taken out of the image already: P holds then, else
            K and D
        :raises DepthError: when it is not calibrated, or is another image's
        """
        d = tuple(np.asarray(info.d, float).ravel().tolist())
        fx, fy, cx, cy, *offset = _pinhole(info, rectified)
        straight = rectified or not any(d)
        lens = '' if straight else _lens(info.distortion_model, d)
        left, top, across, down = _window(info, width, height)
        return cls(
            width, height, (float(fx / across), float(fy / down)),
            (float((cx - left) / across), float((cy - top) / down)),
            lens, () if straight else d, (offset[0], offset[1]))

    def rays(self) -> np.ndarray:
        """
        Where each pixel looks: (2, H, W) float32, x/z and y/z from the pinhole.

        Computed once for each camera; NaN where no ray ends, as beside a fisheye's circle, or in
        the corners of a lens whose polynomial turns back before it reaches them.
        """
        return _rays(self)

    def seeing(self) -> np.ndarray | None:
        """Which pixels have a ray: (H, W) bool; None: all, as with most cameras."""
        return _seeing(self)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Where points are seen.

        :param points: (N, 3) float, metres, in the camera's frame
        :return: (N,) float32 columns and rows, pixels; NaN for points that are not in front of it
        """
        x, y, z = np.asarray(points, np.float32).reshape(-1, 3).T
        ahead = z > 0
        (fx, fy), (cx, cy) = self.focal, self.centre
        with np.errstate(divide='ignore', invalid='ignore', over='ignore'):
            x = np.where(ahead, (x - np.float32(self.offset[0])) / z, np.nan)
            y = np.where(ahead, (y - np.float32(self.offset[1])) / z, np.nan)
            if self.lens:
                x, y = _through_lens(self, x, y)
            return (x * fx + cx).astype(np.float32), (y * fy + cy).astype(np.float32)


def _pinhole(info: CameraInfo, rectified: bool) -> list[float]:
    """
    fx, fy, cx, cy of the full image, pixels; x and y of the pinhole, metres.

    :raises DepthError: when the camera is not calibrated
    """
    name, values, chosen = (
        ('P', info.p, [0, 5, 2, 6]) if rectified else ('K', info.k, [0, 4, 2, 5]))
    matrix = np.asarray(values, float).ravel()
    if rectified and (len(matrix) != 12 or not matrix[0]):
        raise DepthError(
            'camera_info has no P, which a rectified image needs: calibrate the camera')
    if len(matrix) < 9 or not np.isfinite(matrix).all() or (matrix[chosen[:2]] <= 0).any():
        raise DepthError(
            f'{name} of camera_info is {matrix.tolist()}: without a focal length nothing has a '
            'place in space. Calibrate the camera, or have its driver publish the calibration')
    focal = matrix[chosen[:2]]
    offset = -matrix[[3, 7]] / focal if rectified else np.zeros(2)
    return [*matrix[chosen].tolist(), *offset.tolist()]


def _lens(name: str, d: tuple[float, ...]) -> str:
    """
    The kind of lens, by OpenCV's rule where ROS' names and the number of coefficients differ.

    :raises DepthError: when the model is not known, or the coefficients are no numbers
    """
    if not np.isfinite(d).all():
        raise DepthError(
            f'D of camera_info is {list(d)}: nothing says how the lens bends what it sees. '
            'Calibrate the camera')
    if name not in COEFFICIENTS:
        raise DepthError(
            f'distortion_model {name!r} of camera_info is not one that is known: '
            f'{", ".join(COEFFICIENTS)}')
    if len(d) not in COEFFICIENTS[name]:
        raise DepthError(
            f'camera_info has {len(d)} coefficients for {name}, which takes '
            f'{" or ".join(map(str, COEFFICIENTS[name]))}')
    return FISHEYE if name == 'fisheye' else name


def _window(info: CameraInfo, width: int, height: int) -> tuple[int, int, int, int]:
    """
    Left and top of the region of interest in the full image, and binning across and down.

    :raises DepthError: when the image is not what the region and the binning leave
    """
    roi, across, down = info.roi, info.binning_x or 1, info.binning_y or 1
    region = (roi.width or info.width, roi.height or info.height)
    expected = (region[0] // across, region[1] // down)
    if expected != (width, height):
        raise DepthError(
            f'camera_info is of images of {expected[0]}x{expected[1]} pixels (region of interest '
            f'{region[0]}x{region[1]}, binning {across}x{down}), but the image has '
            f'{width}x{height}: they belong to different streams')
    return roi.x_offset, roi.y_offset, across, down


@lru_cache(CACHED)
def _rays(model: CameraModel) -> np.ndarray:
    pixels = np.stack(np.meshgrid(
        np.arange(model.width, dtype=np.float64), np.arange(model.height, dtype=np.float64)), -1)
    rays = (pixels - model.centre) / model.focal
    if model.lens:
        seen, tolerance = rays.reshape(-1, 1, 2), OFF / np.array(model.focal)
        rays = straighten(model.lens, model.coefficients, seen, tolerance).reshape(rays.shape)
    rays = np.ascontiguousarray(np.moveaxis(rays, -1, 0), np.float32)
    rays.flags.writeable = False
    return rays


@lru_cache(CACHED)
def _seeing(model: CameraModel) -> np.ndarray | None:
    finite = np.isfinite(_rays(model)).all(axis=0)
    finite.flags.writeable = False
    return None if finite.all() else finite


def _through_lens(
    model: CameraModel, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """x/z and y/z as the lens bends them; NaN far outside of the image, where it folds back."""
    if not len(x):
        return x, y
    rays = np.stack([x, y], axis=-1)[:, None].astype(np.float64)
    near = np.square(rays).sum(axis=-1) <= BEYOND * _reach(model)
    bent = bend(model.lens, model.coefficients, np.where(near[..., None], rays, 0))
    return tuple(np.where(near, bent[:, 0], np.nan).T)


@lru_cache(CACHED)
def _reach(model: CameraModel) -> float:
    """The farthest from the axis that any pixel looks, squared x/z and y/z."""
    return float(np.nanmax(np.square(_rays(model)).sum(axis=0), initial=0))

