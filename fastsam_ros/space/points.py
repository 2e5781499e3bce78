# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What depth says about masks; the work is done in src/space/, on run lengths.

A mask's edge is where depth lies: pixels there mix two surfaces, and the outline is a few pixels
off. So the pixels inside the edge alone decide how far a segment is: their median, and a band of
the median absolute deviation around it. A pixel on the edge counts for the size as well, if its
depth is where a line through two pixels inside the edge leads, or is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fastsam_ros.core.errors import DepthError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.native import library
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.projection import check_size
from fastsam_ros.space.transforms import Transform

EDGE = 2  # pixels along the outline; 1 or none for masks too thin for it
BAND = 30.0  # millimetres around the median that always belong to a segment
DEVIATIONS = 3.0  # and how many standard deviations of its own depth, if that is more
JUMP = 10.0  # millimetres that a pixel on the edge may differ from what two inside expect of it
NOISE = 0.005  # and this share of its depth, if that is more
TRIM = 0.002  # share of the nearest and of the farthest points that is left out of a box
LEAST = 12  # points of which something is said
FLOOR = 0.25  # share of a mask's inside that must agree, where depth has no holes
ROOM = 1024  # points kept of each segment for boxes in another frame

LIMITS = np.array([EDGE, BAND, DEVIATIONS, JUMP, NOISE, TRIM])  # in the order of src/space/

POINT = np.dtype({  # as a PointCloud2 has it; rgb is three bytes in a float32 there
    'names': ['x', 'y', 'z', 'rgb', 'label'],
    'formats': ['<f4', '<f4', '<f4', '<u4', '<u4']})


@dataclass(frozen=True, eq=False)
class Measurements:
    """
    Where N segments are, in the camera's frame, metres.

    :param depth: (N,) float64, the median inside the edge; 0 where there is none
    :param coverage: (N,) float64, 0 to 1: share of the mask's inside whose depth agrees with it
    :param points: (N,) int64, pixels that the box is made of
    :param low: (N, 3) float64 x, y, z, the near corner of the axis-aligned box
    :param high: (N, 3) float64, the far corner
    :param reliable: (N,) bool; where it is not, there is too little depth to say anything
    :param samples: N arrays (K, 3) float32, some of each one's points, or none
    """

    depth: np.ndarray
    coverage: np.ndarray
    points: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reliable: np.ndarray
    samples: tuple[np.ndarray, ...] = ()


def measure(
    masks: Sequence[RunLengths], depth: DepthImage, camera: CameraModel, sampled: bool = False
) -> Measurements:
    """
    Say where segments are and how large what is seen of them is.

    :param masks: N, of an image of the depth's size
    :param depth: registered to that image
    :param camera: of that image
    :param sampled: give samples of the points too
    :raises DepthError: when masks, depth and camera are not of one image's size
    """
    table = RunTable.of(masks)
    _check_fit(table, depth, camera)
    depth = _with_rays(depth, camera)
    rows = np.zeros((len(table), 10))
    samples = np.empty((len(masks), ROOM if sampled else 0, 3), np.float32)
    numbers = np.zeros(len(masks), np.int64)
    library().fastsam_measure(
        len(table), table.boxes, table.counts, depth.millimetres, camera.rays(), depth.height,
        depth.width, LIMITS, rows, samples.ctypes.data if sampled else None, ROOM, numbers)
    median, inside, agreeing, points = rows[:, :4].T
    coverage = agreeing / np.maximum(inside, 1)
    reliable = (points >= LEAST) & (coverage >= FLOOR * depth.density)
    low, high = _to_the_edges(rows[:, 4:7], rows[:, 7:10], median * 0.001, camera)
    low[~reliable] = high[~reliable] = 0
    kept = tuple(map(_some, samples, numbers.tolist())) if sampled else ()
    return Measurements(
        median * 0.001, coverage, points.astype(np.int64), low, high, reliable, kept)


def _to_the_edges(
    low: np.ndarray, high: np.ndarray, depth: np.ndarray, camera: CameraModel
) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of pixels' centres, half a pixel wider on each side; moved to where the pinhole is."""
    half = np.zeros_like(low)
    half[:, :2] = 0.5 * depth[:, None] / np.array(camera.focal)
    offset = np.array([*camera.offset, 0.0])
    return low - half + offset, high + half + offset


def _some(samples: np.ndarray, number: int) -> np.ndarray:
    return samples[:number]


def new_points(number: int) -> np.ndarray:
    """Room for points: (number,) of type POINT."""
    return np.empty(number, POINT)


def cloud(
    masks: Sequence[RunLengths], labels: Sequence[int] | np.ndarray, depth: DepthImage,
    camera: CameraModel, picture: np.ndarray | None = None, transform: Transform | None = None,
    allocate: Callable[[int], np.ndarray] = new_points,
) -> np.ndarray:
    """
    All points under masks; a pixel in two masks belongs to the smaller.

    :param masks: N, of an image of the depth's size
    :param labels: N numbers from 0 to 2**32 - 1, what each one's points are labelled by
    :param depth: registered to that image
    :param camera: of that image
    :param picture: (H, W, 3) uint8 RGB, the points' colours; None: black
    :param transform: to where points are wanted; None: they stay in the camera's frame
    :param allocate: takes M and makes what is filled and returned; such as `new_points`
    :return: (M,) of type POINT, row by row; all are finite
    :raises DepthError: when masks, depth and camera are not of one image's size
    """
    table = RunTable.of(masks)
    _check_fit(table, depth, camera)
    depth = _with_rays(depth, camera)
    owners = np.zeros(depth.pixels.shape, np.uint16)
    pixels = np.ascontiguousarray(depth.pixels)
    sources = [
        pixels.ctypes.data if pixels.dtype == kind else None for kind in (np.uint16, np.float32)]
    points = allocate(library().fastsam_owners(
        len(table), table.boxes, table.counts, *sources, depth.height, depth.width, owners))
    colours = None if picture is None else np.ascontiguousarray(picture, np.uint8)
    library().fastsam_points(
        owners, np.ascontiguousarray(labels, np.uint32), *sources, camera.rays(), owners.size,
        None if colours is None else colours.ctypes.data, points.ctypes.data)
    for axis, offset in zip('xy', camera.offset):
        if offset:
            points[axis] += np.float32(offset)
    return points if transform is None else _moved(points, transform)


def _moved(points: np.ndarray, transform: Transform) -> np.ndarray:
    places = transform(np.stack([points[axis] for axis in 'xyz'], axis=1))
    for axis, values in zip('xyz', places.T):
        points[axis] = values
    return points


def _check_fit(masks: RunTable, depth: DepthImage, camera: CameraModel) -> None:
    """:raises DepthError: when masks, depth and camera are not of one image's size."""
    check_size(depth, camera)
    x, y, width, height = masks.boxes[:, :4].T
    right, bottom = max(x + width, default=0), max(y + height, default=0)
    if right > depth.width or bottom > depth.height:
        raise DepthError(
            f'a mask reaches {right} pixels to the right and {bottom} down, but the depth image '
            f'has {depth.width}x{depth.height}: masks are those of another image')


def _with_rays(depth: DepthImage, camera: CameraModel) -> DepthImage:
    """Depth where a pixel has a ray."""
    seeing = camera.seeing()
    return depth if seeing is None else depth.where(seeing)
