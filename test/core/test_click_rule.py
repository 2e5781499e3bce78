# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which of the segments at a place a click means."""

from dataclasses import replace
import json

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.clicks import (
    CHUNK,
    EVIDENCE,
    RULE,
    ClickRule,
    click_logits,
    evidence_of,
)
from fastsam_ros.core.logistic import sigmoid
from fastsam_ros.core.masks.upsampling import prototypes_at
from fastsam_ros.fastsam import FastSam


def test_a_click_means_the_small_one_of_nested_segments():
    scene = made_scene(
        [(0, 0, 300, 300), (100, 100, 140, 140)], [(255, 0, 0), (0, 255, 0)], scores=[0.9, 0.8])
    assert scene.prompt(points=[(120, 120)]).indices.tolist() == [1]
    both = scene.prompt(points=[(120, 120)], selection='all')
    assert both.indices.tolist() == [1, 0]


def test_a_click_prefers_what_it_lies_in_the_middle_of():
    scene = made_scene(
        [(40, 90, 140, 190), (120, 90, 220, 190)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.8])
    assert scene.prompt(points=[(125, 140)]).indices.tolist() == [0]
    assert scene.prompt(points=[(135, 140)]).indices.tolist() == [1]
    assert scene.prompt(points=[(130, 100)], selection='all').scores.shape == (2,)


def test_a_click_prefers_what_the_border_does_not_cut():
    scene = made_scene(
        [(0, 90, 100, 190), (60, 90, 160, 190)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.8])
    assert scene.prompt(points=[(79, 140)]).indices.tolist() == [1]


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


def logit(share):
    return np.log(share / (1 - share))


def test_evidence_is_what_its_names_say():
    """Of a small box in the middle, and of one that the image cuts at two sides."""
    scene = made_scene(
        [(100, 60, 141, 161), (0, 0, 33, 101)], [(255, 0, 0), (0, 255, 0)], scores=[0.9, 0.5])
    scene = replace(
        scene, name_scores=np.array([[0.25, 0.3], [0.8, 0.5]], np.float32), names=('cup', 'dog'))
    assert (scene.width, scene.height) == (320, 320)
    points = np.array([(120, 110), (135.9, 110.2), (16, 100)])  # pixels 120, 135 and 16
    found = evidence_of(scene, points, np.ones((2, 3), bool))
    expected = np.array([
        [logit(0.9), np.log(41 * 101 / 320**2), logit(0.3), 0, 0, 1, 0],
        [logit(0.9), np.log(41 * 101 / 320**2), logit(0.3), 15 / 20.5, 0, 1, 0],
        [logit(0.5), np.log(33 * 101 / 320**2), logit(0.8), 50 / 50.5, 0, 1, 2]])
    np.testing.assert_allclose(found[[0, 1, 5], :5], expected[:, :5], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found[[0, 1, 5], 6], expected[:, 6])
    assert EVIDENCE == ('score', 'share', 'name', 'farther', 'nearer', 'sure', 'cut')


@pytest.mark.parametrize(('box', 'sides'), [
    ((0, 50, 100, 100), 1), ((50, 0, 100, 100), 1), ((50, 50, 320, 100), 1),
    ((50, 50, 100, 320), 1), ((1, 1, 319, 319), 4), ((2, 2, 318, 318), 0)])
def test_the_border_cuts_what_is_within_half_a_percent_of_it(box, sides):
    scene = made_scene([box], [(255, 0, 0)])
    assert evidence_of(scene, np.array([(60, 60)]), np.ones((1, 1), bool))[0, 6] == sides


def test_share_and_border_are_those_of_an_image_that_is_not_square(photographs):
    scene = FastSam(device='cpu', precision='fp32')(photographs['coffee'])
    width, height = scene.width, scene.height
    assert width != height
    x0, y0, x1, y1 = scene.extents.T
    near = 0.005 * max(width, height)
    cut = [x0 < near, y0 < near, x1 > width - near, y1 > height - near]
    found = evidence_of(scene, np.array([(0, 0)]), np.ones((len(scene), 1), bool))
    np.testing.assert_array_equal(found[:, 6], np.sum(cut, axis=0))
    assert all(side.any() for side in cut)
    shares = (x1 - x0) * (y1 - y0) / (width * height)
    np.testing.assert_allclose(np.exp(found[:, 1]), shares, rtol=1e-4)


def test_how_sure_a_mask_is_ends_at_eight():
    scene = made_scene([(0, 0, 100, 100)], [(255, 0, 0)])
    points, asked = np.array([(50, 50)]), np.ones((1, 1), bool)
    for scale, sure in ((3, 3), (20, 8), (-20, -8)):
        louder = replace(scene, coefficients=scene.coefficients * np.float32(scale))
        assert evidence_of(louder, points, asked)[0, 5] == pytest.approx(sure, abs=1e-4)


@pytest.mark.parametrize('score', [0.0, 1.0])
def test_scores_of_nought_and_one_have_logits_too(score):
    scene = made_scene([(0, 0, 100, 100)], [(255, 0, 0)], scores=[score])
    found = evidence_of(scene, np.array([(50, 50)]), np.ones((1, 1), bool))[0, 0]
    assert found == pytest.approx(logit(1e-5) if score == 0 else -logit(1e-5), rel=1e-2)


@pytest.mark.parametrize('field', ['scores', 'name_scores', 'coefficients'])
def test_what_is_not_a_number_hides_no_other_segment(field):
    scene = made_scene(
        [(0, 0, 100, 100), (20, 20, 80, 80)], [(255, 0, 0), (0, 255, 0)], scores=[0.9, 0.8])
    scene = replace(scene, name_scores=np.full((2, 3), 0.5, np.float32))
    values = getattr(scene, field).copy()
    values[1] = np.nan
    broken = replace(scene, **{field: values}, runs=scene.runs)
    assert scene.prompt(points=[(50, 50)]).indices.tolist() == [1]
    assert broken.prompt(points=[(50, 50)]).indices.tolist() == [0]
    every = broken.prompt(points=[(50, 50)], selection='all')
    assert every.indices.tolist() == [0, 1]
    assert np.isfinite(every.scores).all()


def test_names_that_are_not_there_count_nothing_and_masks_without_logits_are_as_sure_as_usual():
    scene = made_scene([(0, 0, 100, 100)], [(255, 0, 0)])  # without names
    points, asked = np.array([(50, 50)]), np.ones((1, 1), bool)
    assert evidence_of(scene, points, asked)[0, 2] == 0
    outlines = evidence_of(replace(scene, prototypes=None), points, asked)
    assert outlines[0, 5] == ClickRule.read(named=False).means[5] != 1


@pytest.mark.parametrize('kind', ['named', 'nameless'])
def test_click_logits_are_the_networks_of_the_evidence(photographs, kind):
    """Written out by hand, of real segments; answers have its logistic function."""
    scene = FastSam(device='cpu', precision='fp32')(photographs['coffee'])
    if kind == 'nameless':
        scene = replace(scene, name_scores=None, names=())
    points = np.array([(200, 200), (330, 250)])
    evidence = evidence_of(scene, points, np.ones((len(scene), 2), bool))
    with open(RULE, encoding='utf-8') as file:
        rule = json.load(file)[kind]
    units = np.array(rule['biases']) + sum(
        np.outer(evidence[:, EVIDENCE.index(name)], known['weights'])
        for name, known in rule['evidence'].items())
    expected = np.where(units > 0, units, 0).dot(rule['outputs']) + rule['offset']
    logits = click_logits(scene, points)
    np.testing.assert_allclose(logits.ravel(), expected, rtol=1e-3, atol=1e-3)
    answer = scene.prompt(points=[points[1].tolist()], selection='all')
    assert len(answer) > 1
    shares = 1 / (1 + np.exp(-logits[answer.indices, 1]))
    np.testing.assert_allclose(answer.scores, shares, rtol=1e-4)
    assert scene.prompt(points=[points[1].tolist()]).indices[0] == answer.indices[0]


def test_a_pair_has_the_same_logit_among_many():
    rule = ClickRule.read(named=True)
    evidence = np.random.default_rng(0).normal(size=(2 * CHUNK + 5, 7)).astype(np.float32)
    alone = [rule(row[None])[0] for row in evidence]
    np.testing.assert_allclose(rule(evidence), alone, rtol=1e-4, atol=1e-4)
    assert rule(evidence[:0]).shape == (0,)


def test_only_pairs_that_are_asked_about_get_a_logit():
    scene = made_scene(
        [(0, 0, 100, 100), (50, 50, 300, 200)], [(255, 0, 0), (0, 255, 0)], scores=[0.8, 0.7])
    points = np.array([(10, 20), (90, 60), (200, 150)])
    asked = np.array([[True, False, True], [False, True, True]])
    logits = click_logits(scene, points, asked)
    np.testing.assert_array_equal(logits[asked], click_logits(scene, points)[asked])
    assert (logits[~asked] == -np.inf).all()
    assert sigmoid(logits)[~asked].max() < 1e-30


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
    clicks = sigmoid(click_logits(scene, np.array([(50, 50), (50, 150), (150, 150)])))
    clicks[1, 1:] = 0  # which the smaller one does not hold
    np.testing.assert_allclose(answer.scores, clicks.mean(axis=1), rtol=1e-5)
