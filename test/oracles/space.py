# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What src/space/ computes, in plain numpy on whole masks."""

from __future__ import annotations

import numpy as np

from fastsam_ros.space import points


def shifted(pixels: np.ndarray, down: int, right: int, fill: object) -> np.ndarray:
    """The pixel that lies `down` rows and `right` columns away from each."""
    height, width = pixels.shape
    padded = np.full((height + 2 * abs(down), width + 2 * abs(right)), fill, pixels.dtype)
    padded[abs(down) : abs(down) + height, abs(right) : abs(right) + width] = pixels
    top, left = abs(down) + down, abs(right) + right
    return padded[top : top + height, left : left + width]


def inside(mask: np.ndarray) -> np.ndarray:
    """The mask without its edge."""
    for reach in range(points.EDGE, 0, -1):
        result = mask.copy()
        for step in range(1, reach + 1):
            result &= shifted(mask, 0, step, False) & shifted(mask, 0, -step, False)
        result &= shifted(mask, reach, 0, False) & shifted(mask, -reach, 0, False)
        if 4 * np.count_nonzero(result) >= np.count_nonzero(mask):
            return result
    return mask


def continued(depth: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """
    Where pixels on the edge are that go on with the surface inside it; 0 for the others.

    :param depth: (H, W) float64, millimetres; 0 where there is none
    :param inner: (H, W) bool, inside the edge and in the band
    """
    result = np.zeros(depth.shape)
    known = inner * depth
    reach = points.EDGE
    for down, right in ((0, -reach), (0, reach), (-reach, 0), (reach, 0)):
        near = shifted(known, down, right, 0)
        far = shifted(known, 2 * down, 2 * right, 0)
        step = np.where(far > 0, near - far, 0)
        jump = np.maximum(np.maximum(points.JUMP, points.NOISE * near), np.abs(step))
        alike = (depth == 0) | (np.abs(depth - near - step) <= jump)
        found = (near > 0) & alike & (result == 0)
        result[found] = np.where(depth > 0, depth, near)[found]
    return result


def measure(mask: np.ndarray, depth: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """
    The ten numbers of one segment.

    :param mask: (H, W) bool
    :param depth: (H, W) uint16, millimetres
    :param rays: (2, H, W) float32
    :return: median, pixels inside, of them in the band, points; x, y, z of both corners
    """
    valid = (depth > 0) & (depth < 65535)
    depth = depth.astype(float)
    inner = inside(mask)
    values = depth[inner & valid]
    if not len(values):
        return np.array([0, np.count_nonzero(inner), *[0] * 8])
    median = np.median(values)
    deviation = 1.4826 * np.median(np.abs(values - median))
    half = max(points.BAND, points.DEVIATIONS * deviation)
    band = valid & (np.abs(depth - median) <= half)
    depth[~valid] = 0
    edge = mask & ~inner & (band | ~valid)
    place = np.where(inner & band, depth, edge * continued(depth, inner & band))
    kept = mask & (place > 0)
    z = np.sort(depth[kept & valid])
    skip = int(points.TRIM * len(z))
    x, y = (ray[kept] * place[kept].astype(np.float32) * np.float32(0.001) for ray in rays)
    return np.array([
        median, np.count_nonzero(inner), np.count_nonzero(inner & band), len(z),
        x.min(), y.min(), z[skip] / 1000, x.max(), y.max(), z[-1 - skip] / 1000])


def cloud(masks: list, labels: list, depth: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """
    Points of all masks: (M, 4) float64 x, y, z, label, row by row.

    :param masks: N of (H, W) bool
    :param depth: (H, W) float32, metres, 0 where there is none
    """
    owner = np.zeros(depth.shape, np.int64)
    for n in sorted(range(len(masks)), key=lambda n: -np.count_nonzero(masks[n])):
        owner[masks[n]] = n + 1
    rows, columns = np.nonzero((owner > 0) & (depth > 0))
    z = depth[rows, columns].astype(float)
    x, y = (ray[rows, columns] * z for ray in rays)
    return np.stack([x, y, z, np.array([0, *labels])[owner[rows, columns]]], axis=1)
