# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Outlines that follow a thing, and those that follow its box."""

from made_scene import made_scene
import numpy as np

from fastsam_ros.evaluate.straight_edges import StraightEdges, count, prototype_boxes

PICTURE = (0, 0, 12, 10)


def block(x0, y0, x1, y1):
    logits = np.full((10, 12), -1, np.float32)
    logits[y0:y1, x0:x1] = 1
    return logits


def test_a_box_that_holds_the_mask_cuts_nothing():
    assert count(block(3, 3, 7, 8), (2, 2, 9, 9), PICTURE) == (14, 0)


def test_a_side_that_cuts_the_mask_is_counted():
    # Right of column 4 the logits go on: 5 pixels of the 12 around 3 x 5 lie there.
    assert count(block(2, 3, 9, 8), (2, 3, 5, 8), PICTURE) == (12, 5)


def test_a_mask_may_end_at_the_border_of_the_picture():
    assert count(block(0, 0, 12, 10), PICTURE, PICTURE)[1] == 0
    assert count(block(0, 0, 12, 10), (0, 2, 12, 8), (0, 2, 12, 8))[1] == 0  # padding beyond


def test_boxes_lie_among_the_prototypes_where_the_picture_does():
    scene = made_scene([(40, 80, 200, 240), (0, 0, 320, 320)], [(1, 2, 3)] * 2)
    picture, boxes = prototype_boxes(scene)
    assert picture == (0, 0, 80, 80)
    assert boxes.tolist() == [[10, 20, 50, 60], [0, 0, 80, 80]]


def test_only_what_people_see_is_counted():
    edges = StraightEdges()
    # Prototypes fill the picture, so all sides inside it are straight.
    edges.add(made_scene([(40, 80, 200, 240), (8, 8, 16, 16)], [(1, 2, 3)] * 2, [0.9, 0.4]))
    assert (edges.outline, edges.straight, edges.share) == (4 * 40 - 4, 4 * 40 - 4, 1.0)
    assert StraightEdges().share == 0
