# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments' boxes overlap those of masks."""

from made_scene import made_scene
import numpy as np
from oracles import nms

from fastsam_ros.following.small_mask import SmallMask
from fastsam_ros.following.view import View


def test_boxes_are_near_by_their_iou():
    rng = np.random.default_rng(0)
    low = rng.integers(30, 150, (20, 2))
    corners = np.concatenate([low, low + rng.integers(10, 90, (20, 2))], axis=1)
    scene = made_scene(corners.tolist(), [(9, 9, 9)] * 20)
    view = View.of(scene.image, scene, 0, np.zeros(20, np.uint32))
    masks = [
        SmallMask(x, y, np.full((h, w), 255, np.uint8))
        for x, y, w, h in rng.integers(20, 90, (9, 4)).tolist()]
    boxes = np.array([mask.box for mask in masks], np.float32)
    overlaps = np.array([
        [nms.iou(box, other) for other in scene.boxes / view.grid.factor] for box in boxes])
    for least in (0.02, 0.05, 0.2):
        near = view.near(masks, least)
        assert near.any()
        np.testing.assert_array_equal(near, overlaps > np.float32(least))
    assert view.near([], 0.2).shape == (0, 20)
