# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Outlines that follow a thing, and those that follow its box."""

from made_scene import made_scene
import numpy as np

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.evaluate.straight_edges import (
    StraightEdges,
    count,
    prototype_mask,
    visible_prototypes,
)

EVERYWHERE = np.ones((20, 24), np.uint8)


def block(x0, y0, x1, y1):
    logits = np.full((20, 24), -1, np.float32)
    logits[y0:y1, x0:x1] = 1
    return logits


def on(logits):
    return (logits > 0).astype(np.uint8)


def test_a_mask_that_ends_where_its_logits_do_is_not_cut():
    logits = block(3, 3, 13, 11)
    assert count(on(logits), logits, EVERYWHERE) == (2 * 10 + 2 * 8 - 4, 0)


def test_a_side_that_cuts_the_mask_is_counted():
    for logits in (block(2, 3, 20, 11), block(0, 3, 12, 11)):  # they go on at the right, the left
        assert count(on(block(2, 3, 12, 11)), logits, EVERYWHERE) == (32, 8)
    for logits in (block(2, 0, 12, 11), block(2, 3, 12, 19)):  # above, below
        assert count(on(block(2, 3, 12, 11)), logits, EVERYWHERE) == (32, 10)


def test_short_and_ragged_ends_are_no_lines():
    short = block(2, 3, 20, 7)  # 4 rows
    assert count(on(block(2, 3, 12, 7)), short, EVERYWHERE)[1] == 0
    ragged = on(block(2, 3, 12, 15))
    ragged[4:15:3, 11] = 0
    assert count(ragged, block(2, 3, 20, 15), EVERYWHERE)[1] == 0


def test_a_mask_may_end_at_the_border_of_the_picture():
    logits = block(0, 0, 24, 20)
    assert count(on(logits), logits, EVERYWHERE)[1] == 0
    assert count(on(logits), logits, on(block(0, 2, 24, 18)))[1] == 0  # padding beyond


def test_masks_are_looked_at_where_the_prototypes_are():
    scene = made_scene([(40, 80, 200, 240), (0, 0, 320, 320)], [(1, 2, 3)] * 2)
    found = prototype_mask(scene.run_lengths()[0], scene.letterbox, (80, 80))
    assert found[20:60, 10:50].all() and found.sum() == 40 * 40
    assert visible_prototypes(scene.letterbox, (80, 80)).all()


def test_padding_is_not_visible():
    letterbox = Letterbox(160, 320, 192, 320)  # 16 rows above and below
    visible = visible_prototypes(letterbox, (48, 80))
    assert visible[4:44].all() and visible.sum() == 40 * 80


def test_only_what_people_see_is_counted():
    edges = StraightEdges()
    # Prototypes fill the picture, so all sides inside it are straight.
    edges.add(made_scene([(40, 80, 200, 240), (8, 8, 72, 72)], [(1, 2, 3)] * 2, [0.9, 0.4]))
    assert (edges.outline, edges.straight, edges.share) == (4 * 40 - 4, 4 * 40 - 4, 1.0)
    assert StraightEdges().share == 0
