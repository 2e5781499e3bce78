# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scores of what goes on from a part, held against plain numpy, and what is not looked at."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.following.association import part_of
from fastsam_ros.following.continuing import continued
from fastsam_ros.following.looks import COLOURS, LookTable
from fastsam_ros.following.small_mask import MaskTable, SmallMask
from fastsam_ros.following.view import View

SIDE, SEGMENTS, PARTS = 60, 24, 5
LIMITS = np.array([0.2, 0.7, 0.16])
RED, FRAME = (220, 30, 30), 40_000_000


def blobs(rng, count):
    """Soft masks that lie over one another."""
    corners = rng.integers(0, 15, (count, 2)).tolist()
    return [SmallMask(x, y, rng.integers(0, 256, rng.integers(30, 45, 2), np.uint8))
            for x, y in corners]


def plane(mask):
    x0, y0, x1, y1 = mask.box
    placed = np.zeros((SIDE, SIDE))
    placed[y0:y1, x0:x1] = mask.values
    return placed


def wanted(masks, segments, alike, weights):
    """The definition, of all pairs: (K, N)."""
    shared, total = (
        np.array([[combine(plane(a), plane(b)).sum() for b in segments] for a in masks])
        for combine in (np.minimum, np.maximum))
    scores = shared / total * alike**2 * weights
    holds = (shared / total >= LIMITS[0]) & (alike >= LIMITS[1]) & (scores >= LIMITS[2])
    return np.where(holds, scores, 0)


@pytest.fixture
def frame():
    """A picture of two shades of noise, segments in it, and parts that look like some of them."""
    rng = np.random.default_rng(8)
    image = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    image[:, 28:] //= 5
    segments, masks = blobs(rng, SEGMENTS), blobs(rng, PARTS)
    coefficients = rng.normal(size=(SEGMENTS, 32))
    known = LookTable(image, 1, MaskTable.of(segments), coefficients)
    known.make(np.arange(SEGMENTS))
    looks = known.rows[rng.permutation(SEGMENTS)[: 2 * PARTS]]
    colours = looks[:, :COLOURS] @ known.rows[:, :COLOURS].T
    alike = colours.reshape(PARTS, 2, SEGMENTS).max(axis=1)
    table = LookTable(image, 1, MaskTable.of(segments), coefficients)
    weights = rng.uniform(0.3, 1, (PARTS, SEGMENTS))
    return table, masks, looks, weights, wanted(masks, segments, alike, weights)


def scored(frame, choosy):
    table, masks, looks, weights, _ = frame
    pairs = np.array([(k, n) for k in range(PARTS) for n in range(SEGMENTS)]).T
    return table.scores(
        MaskTable.of(masks), looks, np.full(PARTS, choosy), pairs, weights.ravel(), LIMITS
    ).reshape(PARTS, SEGMENTS)


def test_all_segments_of_a_part_that_is_choosy_are_scored(frame):
    expected = frame[-1]
    np.testing.assert_allclose(scored(frame, True), expected, rtol=1e-5)
    assert 0.2 < (expected > 0).mean() < 0.8


def test_the_best_segment_of_any_part_is_scored_and_few_others(frame):
    table, *_, expected = frame
    found = scored(frame, False)
    np.testing.assert_allclose(found.max(axis=1), expected.max(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))
    np.testing.assert_allclose(found[found > 0], expected[found > 0], rtol=1e-5)
    assert (found > 0).sum() < (expected > 0).sum() / 2
    assert not table.made.all()


def test_limits_hold_one_by_one(frame):
    *_, weights, expected = frame
    for limit in range(len(LIMITS)):
        none = LIMITS.copy()
        none[limit] = 1.01
        table, masks, looks, *_ = frame
        pairs = np.argwhere(expected > 0).T
        assert not table.scores(
            MaskTable.of(masks), looks, np.ones(PARTS, bool), pairs,
            weights[pairs[0], pairs[1]], none).any()


def test_what_was_looked_at_once_is_not_looked_at_again(frame):
    table = frame[0]
    table.make(np.array([3]))
    table.rows[3] = 7
    table.make(np.array([3, 4]))
    assert (table.rows[3] == 7).all()
    assert np.linalg.norm(table.rows[4, :COLOURS]) == pytest.approx(1)


def view_of(*boxes, ids, stamp=0, **fields):
    scene = made_scene(boxes, [RED] * len(boxes), **fields)
    return View.of(scene.image, scene, stamp, np.array(ids, np.uint32))


def test_a_part_that_is_refused_its_best_segment_has_the_next_one():
    part = part_of(view_of((100, 100, 160, 160), ids=[1]), 0, 1)
    part.others.add(7)
    view = view_of(
        (100, 100, 160, 160), (100, 135, 160, 195), ids=[7, 3], stamp=FRAME, scores=[0.9, 0.9])
    pairs, scores = continued([part], view, np.ones(2, bool))
    assert pairs.tolist() == [[0], [1]]
    assert scores[0] == pytest.approx(25 / 95 * 0.9**0.5, rel=0.01)


def test_masks_of_candidates_that_must_be_too_small_are_not_made():
    part, asked = part_of(view_of((100, 100, 180, 180), ids=[1]), 0, 1), []
    view = view_of((100, 100, 180, 180), (100, 100, 136, 136), ids=[0, 0], stamp=FRAME)

    def make(numbers):
        asked.extend(numbers)
        return [view.scene.runs[number] for number in numbers]

    scene = replace(view.scene, runs=DeferredMasks([], 2, make), confident=0)
    continued([part], View.of(scene.image, scene, FRAME, view.ids), np.ones(2, bool))
    assert asked == [0]
