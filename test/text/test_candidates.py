# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are looked at, against the plain definition on whole masks."""

from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.text.candidates import eligible


@pytest.fixture
def scene():
    rng = np.random.default_rng(2)
    low = rng.integers(0, 250, (60, 2))
    size = rng.integers(4, 70, (60, 2))
    boxes = np.concatenate([low, low + size], axis=1)
    boxes[30:40] = boxes[:10] + rng.integers(0, 4, (10, 4))  # nearly the same once more
    return made_scene([tuple(box) for box in boxes.tolist()], [(9, 9, 9)] * 60)


def plainly(scene, candidates, min_area, overlap, limit):
    masks, kept = scene.masks(), []
    for position in sorted(range(len(candidates)), key=lambda p: -scene.scores[candidates[p]]):
        mask = masks[candidates[position]]
        repeated = any(
            (mask & masks[candidates[k]]).sum() > overlap * (mask | masks[candidates[k]]).sum()
            for k in kept)
        if mask.sum() >= max(min_area, 1) and not repeated:
            kept.append(position)
    return kept[:limit]


@pytest.mark.parametrize('min_area', [0, 100, 1000, 10**6])
@pytest.mark.parametrize('overlap', [0.2, 0.8, 1.0])
@pytest.mark.parametrize('limit', [1, 10, 100])
def test_the_plain_definition_holds(min_area, overlap, limit, scene):
    candidates = np.random.default_rng(3).permutation(60)[:45]
    found = eligible(scene, candidates, min_area, overlap, limit)
    assert found.tolist() == plainly(scene, candidates, min_area, overlap, limit)


def test_of_a_segment_and_its_repetition_the_more_confident_stays(scene):
    assert eligible(scene, np.array([30, 0]), 0, 0.5, 9).tolist() == [1]
    assert eligible(scene, np.array([30]), 0, 0.5, 9).tolist() == [0]  # alone it counts


def test_no_candidates(scene):
    assert eligible(scene, np.empty(0, np.int64), 0, 0.5, 9).tolist() == []


@pytest.mark.parametrize('overlap, kept', [(0.49, [0]), (0.5, [0, 1]), (0.51, [0, 1])])
def test_what_counts_is_how_the_masks_overlap_and_not_their_boxes(overlap, kept):
    """The second is the right half of the first, and a pixel far off that stretches its box."""
    masks = np.zeros((2, SIZE, SIZE), bool)
    masks[0, 100:150, 100:200] = True
    masks[1, 100:150, 150:200] = True
    masks[1, 199, 100] = True
    runs = [RunLengths.from_mask(mask) for mask in masks]
    boxes = [(100, 100, 200, 150), (100, 100, 200, 200)]
    scene = made_scene(boxes, [(9, 9, 9)] * 2, runs=runs)
    assert eligible(scene, np.arange(2), 0, overlap, 9).tolist() == kept


def test_masks_of_one_box_that_share_nothing_both_stay():
    corner = np.tri(100, dtype=bool)
    masks = np.zeros((2, SIZE, SIZE), bool)
    masks[0, :100, :100], masks[1, :100, :100] = corner, ~corner
    scene = made_scene(
        [(0, 0, 100, 100)] * 2, [(9, 9, 9)] * 2, runs=[RunLengths.from_mask(m) for m in masks])
    assert eligible(scene, np.arange(2), 0, 0.01, 9).tolist() == [0, 1]
