# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How lenses bend rays, by OpenCV's polynomials, and back.

A polynomial was fitted to what a camera sees, and is only believed as far as it leads away from
the axis: farther out it folds back, and may turn around again. With wide lenses that may be inside
of the image; no ray ends in the corners then.
"""

from __future__ import annotations

import cv2
import numpy as np

PLUMB_BOB, RATIONAL, FISHEYE = 'plumb_bob', 'rational_polynomial', 'equidistant'
WIDEST = np.radians(89.0)  # from the optical axis; x/z grows without bounds beyond
STEPS = 4000  # from the axis to the widest, where a polynomial is looked at
REFINEMENTS = 6


def bend(lens: str, coefficients: tuple[float, ...], rays: np.ndarray) -> np.ndarray:
    """
    What a lens makes of rays.

    :param lens: plumb_bob, rational_polynomial or equidistant
    :param coefficients: of the lens, in OpenCV's order
    :param rays: (N, 1, 2) float64 x/z and y/z
    :return: the same after the lens
    """
    d = np.array(coefficients)
    if lens == FISHEYE:
        return cv2.fisheye.distortPoints(rays, np.eye(3), d)
    points = np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1)
    return cv2.projectPoints(points, np.zeros(3), np.zeros(3), np.eye(3), d)[0]


def straighten(
    lens: str, coefficients: tuple[float, ...], seen: np.ndarray, tolerance: np.ndarray
) -> np.ndarray:
    """
    The rays of which a lens makes what is seen.

    :param lens: plumb_bob, rational_polynomial or equidistant
    :param coefficients: of the lens, in OpenCV's order
    :param seen: (N, 1, 2) float64 x/z and y/z after the lens
    :param tolerance: (2,) float64: how far from there a ray may end
    :return: the same before the lens; NaN where no ray ends, or one that is wider than WIDEST
    """
    bent, ratios = _along_a_line(lens, coefficients)
    aim = seen
    with np.errstate(all='ignore'):
        for _ in range(REFINEMENTS):  # for what is not alike on all sides of the axis
            distances = np.linalg.norm(aim, axis=-1, keepdims=True)
            rays = aim * np.interp(distances, bent, ratios, right=np.nan)
            missed = seen - bend(lens, coefficients, rays)
            aim = aim + missed
        hit = (np.abs(missed) <= tolerance).all(axis=-1)
    rays[~hit] = np.nan
    return rays


def _along_a_line(lens: str, coefficients: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """
    How far from the axis a lens moves rays, up to where it folds back.

    :return: (K,) float64: distances after the lens, increasing, and the ratios of those before it
        to them
    """
    radii = np.tan(np.linspace(0, WIDEST, STEPS))[1:]
    line = np.stack([radii, np.zeros_like(radii)], axis=-1)[:, None]
    with np.errstate(all='ignore'):
        # What the two sides have in common: a lens that is not centred adds the same to both.
        both = bend(lens, coefficients, line) - bend(lens, coefficients, -line)
        bent = both[:, 0, 0] / 2
        end = np.append(np.diff(bent) > 0, False).argmin() + 1
    return bent[:end], radii[:end] / bent[:end]
