# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The measurement that decides which segment answers a click."""

import numpy as np
import pytest

from fastsam_ros.core.clicks import click_logits
from training.point_choice import RULES, Click, ceiling, draw_clicks, mean_iou


@pytest.fixture
def clicks():
    """One click that hits three segments, and one that hits none."""
    areas = np.array([0.5, 0.3, 0.01])
    logits = np.array([0.1, 0.3, 0.2])
    hit = Click(np.array([0.9, 0.8, 0.2]), areas, areas, logits, np.array([0.1, 0.7, 0.2]))
    return [hit, Click(*[np.empty(0)] * 5)]


def test_each_rule_takes_what_its_name_says(clicks):
    assert mean_iou(RULES['most confident'], clicks) == pytest.approx(0.1 / 2)
    assert mean_iou(RULES['largest'], clicks) == pytest.approx(0.1 / 2)
    assert mean_iou(RULES['core.clicks'], clicks) == pytest.approx(0.7 / 2)
    assert mean_iou(RULES['smallest'], clicks) == pytest.approx(0.2 / 2)


def test_no_rule_beats_the_ceiling(clicks):
    assert ceiling(clicks) == pytest.approx(0.7 / 2)
    assert all(mean_iou(rule, clicks) <= ceiling(clicks) for rule in RULES.values())


def test_a_click_on_a_segments_own_mask_reaches_iou_one(scene):
    mask = scene.masks([0])[0]
    drawn = list(draw_clicks(scene, [mask, np.zeros_like(mask)], np.random.default_rng(0)))
    assert len(drawn) == 3
    assert all(click.ious.max() == 1 for click in drawn)


def test_a_click_has_what_is_known_of_the_segments_it_hits(scene):
    class First:
        """Draws the first pixel of an object and its last ones."""

        def choice(self, count, clicks, replace):
            return np.array([0, *range(count - clicks + 1, count)])

    wanted = np.zeros((scene.height, scene.width), bool)
    wanted[300, 20:200] = True
    points = np.array([(20, 300), (198, 300), (199, 300)])
    hits, logits = scene.hits(points), click_logits(scene, points)
    assert (hits[:, 0] != hits[:, 2]).any()
    for click, hit, rank in zip(draw_clicks(scene, [wanted], First()), hits.T, logits.T):
        np.testing.assert_array_equal(click.scores, scene.scores[hit])
        np.testing.assert_allclose(click.logits, rank[hit], rtol=1e-5)
        np.testing.assert_allclose(click.areas, scene.areas[hit] / wanted.size)
