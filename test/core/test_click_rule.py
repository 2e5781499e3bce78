# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which of the segments at a place a click means."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.clicks import as_scores, click_logits
from fastsam_ros.core.masks.upsampling import prototypes_at
from fastsam_ros.fastsam import FastSam

SURE = 1 / (1 + np.exp(-1))  # the probability of made masks inside


def test_a_click_means_the_small_one_of_nested_segments():
    scene = made_scene(
        [(0, 0, 300, 300), (100, 100, 140, 140)], [(255, 0, 0), (0, 255, 0)], scores=[0.9, 0.8])
    assert scene.prompt(points=[(120, 120)]).indices.tolist() == [1]
    both = scene.prompt(points=[(120, 120)], selection='all')
    assert both.indices.tolist() == [1, 0]


def test_a_click_prefers_what_it_lies_in_the_middle_of():
    scene = made_scene(
        [(0, 0, 100, 100), (80, 0, 180, 100)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.8])
    assert scene.prompt(points=[(85, 50)]).indices.tolist() == [0]
    assert scene.prompt(points=[(95, 50)]).indices.tolist() == [1]
    assert scene.prompt(points=[(90, 10)], selection='all').scores.shape == (2,)


def test_a_click_prefers_what_has_a_name():
    scene = made_scene(
        [(0, 0, 100, 100), (0, 0, 100, 101)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.78])
    assert scene.prompt(points=[(50, 50)]).indices.tolist() == [0]
    known = replace(
        scene, name_scores=np.array([[0.1, 0.2], [0.1, 0.9]], np.float32), names=('cup', 'dog'))
    assert known.prompt(points=[(50, 50)]).indices.tolist() == [1]


def test_a_click_prefers_the_mask_that_is_sure_of_the_pixel():
    scene = made_scene(
        [(0, 0, 100, 100), (0, 0, 100, 101)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.78])
    assert scene.prompt(points=[(82, 50)]).indices.tolist() == [0]
    prototypes = np.full_like(scene.prototypes, 0)
    prototypes[0], prototypes[1, 12, 20] = 0.1, 5.0  # the pixel that (82, 50) is nearest to
    coefficients = scene.coefficients.copy()
    coefficients[1, 1] = 1
    sure = replace(scene, prototypes=prototypes, coefficients=coefficients)
    assert sure.prompt(points=[(82, 50)]).indices.tolist() == [1]
    assert sure.prompt(points=[(50, 82)]).indices.tolist() == [0]


def test_prototypes_may_be_where_torch_left_them():
    torch = pytest.importorskip('torch')
    scene = made_scene([(0, 0, 100, 100)], [(255, 0, 0)])
    moved = replace(scene, prototypes=torch.from_numpy(scene.prototypes).half())
    points = np.array([(50, 50), (319, 0)])
    np.testing.assert_allclose(click_logits(moved, points), click_logits(scene, points), rtol=1e-5)


def test_where_only_outlines_are_known_all_masks_are_sure():
    scene = made_scene([(0, 0, 100, 100)], [(255, 0, 0)])
    logits = click_logits(scene, np.array([(50, 50)]))
    outlines = click_logits(replace(scene, prototypes=None), np.array([(50, 50)]))
    np.testing.assert_allclose(outlines, logits + 2 * (1 - SURE), rtol=1e-5)


def test_click_logits_are_the_rule_that_training_measured():
    """log(confidence) - 0.3 log(share) + 0.5 name - 0.7 (distance from the middle) - 2 doubt."""
    scene = made_scene(
        [(0, 0, 320, 320), (0, 0, 32, 32)], [(255, 0, 0), (0, 255, 0)], scores=[0.9, 0.5])
    scene = replace(scene, name_scores=np.array([[0.25], [0.5]], np.float32), names=('cup',))
    logits = click_logits(scene, np.array([(15.5, 31.5), (15.5, 15.5)]))
    share = scene.width * scene.height
    ranks = [[0.9 * (320 * 320 / share) ** -0.3 * np.exp(0.125 - 0.7 * 0.9)] * 2,
             [0.5 * (32 * 32 / share) ** -0.3 * np.exp(0.25 - 0.7 * off) for off in (1, 0)]]
    ranks = np.array(ranks) * np.exp(-2 * (1 - SURE))
    np.testing.assert_allclose(np.exp(logits), ranks, rtol=1e-5)
    answer = scene.prompt(points=[(15, 15)])
    expected = np.exp(click_logits(scene, np.array([(15, 15)]))[answer.indices, 0])
    np.testing.assert_allclose(answer.scores, expected / (1 + expected), rtol=1e-5)


def test_only_pairs_that_are_asked_about_get_a_logit():
    scene = made_scene(
        [(0, 0, 100, 100), (50, 50, 300, 200)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.7])
    points = np.array([(10, 20), (90, 60), (200, 150)])
    asked = np.array([[True, False, True], [False, True, True]])
    logits = click_logits(scene, points, asked)
    np.testing.assert_array_equal(logits[asked], click_logits(scene, points)[asked])
    assert (logits[~asked] == -np.inf).all()
    assert as_scores(logits)[~asked].max() < 1e-30


def test_a_click_is_held_against_the_prototypes_at_its_pixel(photographs):
    model = FastSam(device='cpu', precision='fp32')
    scene = model(photographs['coffee'][:300])  # so that the letterbox has a border
    points = np.random.default_rng(0).uniform(0, 1, (50, 2)) * (scene.width - 1, scene.height - 1)
    points = np.concatenate([points, [(0, 0), (scene.width - 1, scene.height - 1)]])
    found = scene.coefficients @ prototypes_at(scene.prototypes, scene.letterbox, points).T
    for index in range(len(scene)):
        plane = np.tensordot(scene.coefficients[index], scene.prototypes, 1)
        for point, logit in zip(points, found[index]):
            rows, columns = plane.shape
            y = scene.letterbox.rows_in_prototypes(point[1])
            x = scene.letterbox.columns_in_prototypes(point[0])
            nearest = plane[min(max(round(y), 0), rows - 1), min(max(round(x), 0), columns - 1)]
            assert logit == pytest.approx(nearest, abs=1e-3)


def test_a_segment_that_holds_more_of_the_points_is_better():
    scene = made_scene(
        [(0, 0, 200, 200), (0, 0, 199, 100)], [(255, 0, 0), (0, 255, 0)], scores=[0.5, 0.5])
    answer = scene.prompt(points=[(50, 50), (50, 150), (150, 150)], selection='all')
    assert answer.indices.tolist() == [0, 1]
    clicks = as_scores(click_logits(scene, np.array([(50, 50), (50, 150), (150, 150)])))
    clicks[1, 1:] = 0  # which the smaller one does not hold
    np.testing.assert_allclose(answer.scores, clicks.mean(axis=1), rtol=1e-5)
