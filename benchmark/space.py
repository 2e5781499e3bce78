# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What a cloud and boxes of 100 segments cost at 848x480.

    python -m benchmark.space
"""

from __future__ import annotations

from collections.abc import Callable
import time

import cv2
import numpy as np

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.points import cloud, measure

HEIGHT, WIDTH, SEGMENTS = 480, 848, 100
CAMERA = CameraModel(WIDTH, HEIGHT, (600.0, 600.0), (424.0, 240.0))
ROUNDS = 100
SIZES = ((2, 320, 220), (10, 120, 90), (88, 38, 33))  # segments, and half axes in pixels, about


def make_masks(rng: np.random.Generator) -> list[RunLengths]:
    """Ellipses, a few large and many small, a million pixels together."""
    masks = []
    for number, across, down in SIZES:
        for _ in range(number):
            axes = [int(axis * rng.uniform(0.6, 1.4)) for axis in (across, down)]
            centre = [int(rng.integers(side)) for side in (WIDTH, HEIGHT)]
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            cv2.ellipse(mask, centre, axes, float(rng.integers(180)), 0, 360, 1, -1)
            masks.append(RunLengths.from_mask(mask > 0))
    return masks


def make_depth(rng: np.random.Generator) -> np.ndarray:
    """A slope with noise, a tenth of it missing: (H, W) uint16 millimetres."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    depth = 1500 + 1.5 * columns + 0.5 * rows + rng.normal(0, 5, rows.shape)
    depth[rng.random(depth.shape) < 0.1] = 0
    return depth.astype(np.uint16)


def fastest(work: Callable[[], object]) -> tuple[float, float]:
    """Shortest and median time of a thread, ms."""
    times = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        work()
        times.append(1e3 * (time.thread_time() - began))
    return min(times), float(np.median(times))


def main() -> None:
    """Print a line for each encoding and each output."""
    rng = np.random.default_rng(0)
    masks, millimetres = make_masks(rng), make_depth(rng)
    picture = rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    metres = np.where(millimetres > 0, millimetres * np.float32(0.001), np.float32(np.nan))
    print(f'{len(masks)} segments, {sum(mask.area for mask in masks)} pixels in them')
    for encoding, pixels in (('16UC1', millimetres), ('32FC1', metres)):
        def boxes(pixels: np.ndarray = pixels) -> None:
            measure(masks, DepthImage(pixels), CAMERA)

        def points(pixels: np.ndarray = pixels) -> None:
            cloud(masks, range(len(masks)), DepthImage(pixels), CAMERA, picture)

        for name, work in (('boxes', boxes), ('cloud', points)):
            least, median = fastest(work)
            print(f'{encoding} {name}: {least:.2f} ms, median {median:.2f} ms')


if __name__ == '__main__':
    main()
