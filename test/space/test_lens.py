# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Lenses, there and back: those of recordings against OpenCV, and those that fold back."""

import cv2
import numpy as np
import pytest

from fastsam_ros.space.lens import bend, straighten

HALF = np.full(2, 0.5)  # pixels
RECORDED = {  # width, height, fx, fy, cx, cy, lens, coefficients
    'TUM fr1': (640, 480, 517.3, 516.5, 318.6, 255.3, 'plumb_bob',
                (0.2624, -0.9531, -0.0054, 0.0026, 1.1633)),
    'TUM fr1 infrared': (640, 480, 591.1, 590.1, 331.0, 234.0, 'plumb_bob',
                         (-0.0410, 0.3286, 0.0087, 0.0051, -0.5643)),
    'EuRoC': (752, 480, 458.654, 457.296, 367.215, 248.375, 'plumb_bob',
              (-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05)),
    'KITTI': (1392, 512, 959.791, 956.9251, 696.0217, 224.1806, 'plumb_bob',
              (-0.3691481, 0.1968681, 0.001353473, 0.0005677587, -0.06770705)),
}


def pixels_of(width: int, height: int) -> np.ndarray:
    """Every seventh, and the last row and column: (N, 1, 2)."""
    columns, rows = ([*range(0, side, 7), side - 1] for side in (width, height))
    return np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 1, 2).astype(float)


@pytest.mark.parametrize('name', RECORDED)
def test_every_pixel_of_recordings_has_the_ray_that_opencv_finds(name):
    width, height, fx, fy, cx, cy, lens, d = RECORDED[name]
    pixels, focal = pixels_of(width, height), np.array([fx, fy])
    seen = (pixels - [cx, cy]) / focal
    rays = straighten(lens, d, seen, HALF / focal)
    assert np.abs((bend(lens, d, rays) - seen) * focal).max() < 1e-3
    matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])
    expected = cv2.undistortPoints(pixels, matrix, np.array(d))
    converged = (np.abs(bend(lens, d, expected) - seen) * focal < 0.01).all(axis=(1, 2))
    assert np.mean(converged) > 0.5
    np.testing.assert_allclose(rays[converged] * focal, expected[converged] * focal, atol=0.05)


@pytest.mark.parametrize('lens, d, widest', [
    ('plumb_bob', (-0.2, 0, 0, 0), (1 / 0.6) ** 0.5),
    ('plumb_bob', (-0.25, 0, 0, 0), (1 / 0.75) ** 0.5),
    # Turns around once more, and would have a ray for every pixel.
    ('plumb_bob', (-0.4, 0.05, 0, 0), 1.0345),
    ('rational_polynomial', (-0.2, 0, 0, 0, 0, 0, 0, 0), (1 / 0.6) ** 0.5),
    ('equidistant', (-0.25, 0, 0, 0), np.tan((1 / 0.75) ** 0.5)),
])
def test_rays_end_where_the_polynomial_turns_back(lens, d, widest):
    seen = (pixels_of(640, 480) - [320, 240]) / 300
    rays = straighten(lens, d, seen, HALF / 300)
    found = np.isfinite(rays).all(axis=(1, 2))
    assert (np.isfinite(rays).any(axis=(1, 2)) == found).all()
    assert np.abs(bend(lens, d, rays[found]) - seen[found]).max() * 300 < 0.01
    assert np.linalg.norm(rays[found], axis=-1).max() < 1.001 * widest
    rim = bend(lens, d, np.array([[[widest, 0.0]]]))[0, 0, 0]
    inwards = 300 * (rim - np.linalg.norm(seen, axis=(1, 2)))  # pixels
    assert found[inwards > 1].all() and not found[inwards < -1].any()
    assert 0.2 < np.mean(found) < 0.8


def test_a_strong_lens_that_is_not_centred_has_rays_up_to_its_corners():
    d = (-0.28, 0.09, 0.004, -0.003)
    seen = (pixels_of(640, 480) - [320, 240]) / 300
    rays = straighten('plumb_bob', d, seen, HALF / 300)
    assert np.abs(bend('plumb_bob', d, rays) - seen).max() * 300 < 0.01


def test_no_ray_misses_its_pixel_where_a_lens_that_is_not_centred_turns_back():
    d = (-0.2, 0, 0.02, -0.02)
    seen = (pixels_of(640, 480) - [320, 240]) / 300
    rays = straighten('plumb_bob', d, seen, HALF / 300)
    found = np.isfinite(rays).all(axis=(1, 2))
    assert np.abs(bend('plumb_bob', d, rays[found]) - seen[found]).max() * 300 <= 0.5
    assert 0.55 < np.mean(found) < 0.65


def test_a_lens_that_bends_outwards_has_rays_up_to_its_corners():
    seen = (pixels_of(640, 480) - [320, 240]) / 300
    rays = straighten('plumb_bob', (0.3, 0, 0, 0), seen, HALF / 300)
    assert np.abs(bend('plumb_bob', (0.3, 0, 0, 0), rays) - seen).max() * 300 < 1e-3
