# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes at an angle, held against OpenCV's own rotated rectangles."""

import math

import cv2
import numpy as np
import pytest

from fastsam_ros.core import PromptError, RunLengths
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.rotated_boxes import RotatedBox, best_in_rotated_box
from fastsam_ros.core.segments import Segments

HEIGHT, WIDTH = 120, 160


def painted(x, y, width, height, degrees):
    """The same rectangle by OpenCV: (H, W) bool."""
    corners = cv2.boxPoints(((x, y), (width, height), degrees))
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16 - 8).astype(np.int32)], 1, shift=4)
    return mask.astype(bool)


def segments_of(*masks):
    runs = [RunLengths.from_mask(mask) for mask in masks]
    extents = np.float32([[r.x, r.y, r.x + r.width, r.y + r.height] for r in runs])
    count = len(runs)
    return Segments(
        extents.reshape(-1, 4), np.ones(count, np.float32), np.zeros((count, 32), np.float32),
        None, Letterbox.fit(HEIGHT, WIDTH, 160), runs)


@pytest.mark.parametrize('degrees', [0, 17, 45, 90, 133, -60])
def test_corners_are_those_of_opencv(degrees):
    ours = RotatedBox(70, 50, 60, 20, math.radians(degrees)).corners
    theirs = cv2.boxPoints(((70, 50), (60, 20), degrees))
    order = [np.abs(theirs - corner).sum(axis=1).argmin() for corner in ours]
    assert sorted(order) == [0, 1, 2, 3]
    assert ours == pytest.approx(theirs[order], abs=1e-4)


def test_the_upright_box_is_cut_to_the_image():
    assert RotatedBox(150, 10, 60, 40).upright(HEIGHT, WIDTH) == (120, 0, 160, 30)
    x0, y0, x1, y1 = RotatedBox(-100, -100, 20, 20, 0.5).upright(HEIGHT, WIDTH)
    assert x0 == x1 and y0 == y1


@pytest.mark.parametrize('degrees', [10, 45, 80, -30])
def test_the_mask_at_the_same_angle_wins(degrees):
    box = (80, 60, 70, 18)
    turned, other = painted(*box, degrees), painted(*box, degrees + 60)
    whole = np.ones((HEIGHT, WIDTH), bool)
    segments = segments_of(whole, other, turned)
    index, iou = best_in_rotated_box(segments, RotatedBox(*box, math.radians(degrees)))
    assert index == 2 and iou > 0.85  # OpenCV paints the border too


def test_the_iou_is_that_of_the_pixels():
    mask = painted(70, 60, 60, 30, 0)
    box = (80, 60, 60, 30, 30)
    inside = painted(*box)
    expected = (mask & inside).sum() / (mask | inside).sum()
    index, iou = best_in_rotated_box(
        segments_of(mask), RotatedBox(*box[:4], math.radians(box[4])))
    assert index == 0 and iou == pytest.approx(expected, abs=0.02)


def test_nothing_in_the_box_is_no_answer():
    segments = segments_of(painted(20, 20, 10, 10, 0))
    assert best_in_rotated_box(segments, RotatedBox(120, 90, 30, 20, 0.3)) == (-1, 0.0)
    assert best_in_rotated_box(segments, RotatedBox(500, 500, 30, 20, 0.3)) == (-1, 0.0)


@pytest.mark.parametrize('values', [
    (math.nan, 1, 2, 3, 0), (1, 1, math.inf, 3, 0), (1, 1, 0, 3, 0), (1, 1, 3, -2, 0),
    (1, 1, 2, 3, math.nan)])
def test_what_is_no_box_is_refused(values):
    with pytest.raises(PromptError, match='finite numbers and sides above 0'):
        RotatedBox(*values)
