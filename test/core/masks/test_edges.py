# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Edges from the outlines of segments."""

from dataclasses import replace

from made_scene import SIZE, made_scene
import numpy as np

BOX = (40, 80, 200, 240)


def disc(scores=(0.9,), boxes=(BOX,), radius=15.0):
    """Scenes whose masks are a disc around (120, 160), as far as their boxes go."""
    scene = made_scene(boxes, [(9, 9, 9)] * len(boxes), scores)
    y, x = np.mgrid[:80, :80]
    prototypes = np.zeros_like(scene.prototypes)
    prototypes[0] = 3 * (radius - np.hypot(x + 0.5 - 30, y + 0.5 - 40))  # centre at 120, 160
    return replace(scene, prototypes=prototypes)


def distances(edges):
    """How far the pixels of edges are from the disc's centre."""
    rows, columns = np.nonzero(edges > 0.5)
    return np.hypot(columns + 0.5 - 120, rows + 0.5 - 160)


def test_the_edge_is_the_outline():
    edges = disc().edges()
    assert edges.shape == (SIZE, SIZE) and edges.dtype == np.float32 and edges.max() == 1
    found = distances(edges)
    assert len(found) > 200 and np.abs(found - 60).max() < 2


def test_thin_edges_are_a_pixel_wide():
    thick, thin = disc().edges(thin=False), disc().edges()
    assert np.count_nonzero(thin[160] > 0.5) <= 4 < np.count_nonzero(thick[160] > 0.5)
    assert np.abs(thin[160, 120:].argmax() - 60) <= 2


def test_the_sides_of_a_box_are_no_edge():
    cut = disc(boxes=[(40, 80, 130, 240)]).edges()  # right of 130 the disc goes on
    assert cut[110:210, 120:135].max() == 0


def test_a_mask_that_fills_the_picture_has_none():
    assert made_scene([(0, 0, SIZE, SIZE)], [(1, 2, 3)]).edges().max() == 0
    assert made_scene([], []).edges().max() == 0


def test_surer_segments_have_stronger_edges():
    boxes = [(60, 100, 120, 220), (120, 100, 180, 220)]  # the halves
    edges = disc(scores=(0.8, 0.4), boxes=boxes).edges()
    left, right = edges[155:165, :120].max(), edges[155:165, 120:].max()
    assert left > 0.9 and abs(right / left - 0.5) < 0.02


def test_logits_are_coefficients_times_prototypes():
    scene = disc(boxes=[BOX, BOX], scores=(0.9, 0.5))
    assert scene.logits().shape == (2, 80, 80)
    np.testing.assert_array_equal(scene.logits([1])[0], scene.prototypes[0])
