# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments are looked at, against the plain definition on whole masks."""

from made_scene import made_scene
import numpy as np
import pytest

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
