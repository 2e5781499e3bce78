# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of given boxes, and answers to clicks."""

import json

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.evaluate import boxes, points


def test_boxes_of_the_labels_give_their_masks(oracle, coco):
    found = boxes.evaluate(oracle(coco), coco)
    assert found.figures['AP'] == found.figures['AP small'] == pytest.approx(1)
    assert found.protocol[0].startswith("boxes and categories: people's own")


def test_a_detector_that_misses_two_of_three(oracle, coco, tmp_path):
    file = tmp_path / 'detector.json'
    row = {'image_id': 0, 'category_id': 1, 'bbox': [8, 10, 32, 24], 'score': 0.3}
    outside = {**row, 'bbox': [500, 500, 10, 10], 'score': 0.9}
    file.write_text(json.dumps([row, outside, {**row, 'image_id': 99}]))
    figures = boxes.evaluate(oracle(coco), coco, boxes=file).figures
    assert figures['AP50'] == pytest.approx(34 / 101)  # right up to a recall of a third
    assert 'detector.json' in boxes.evaluate(oracle(coco), coco, boxes=file).protocol[0]


@pytest.mark.parametrize('text', ['{', '{"a": 1}', '[{"image_id": 1}]'])
def test_a_file_without_boxes_is_refused(oracle, coco, tmp_path, text):
    (tmp_path / 'x.json').write_text(text)
    with pytest.raises(ParameterError, match=r'x\.json cannot be read as a detector'):
        boxes.evaluate(oracle(coco), coco, boxes=tmp_path / 'x.json')


def test_clicks_on_what_is_found(oracle, coco):
    figures = points.evaluate(oracle(coco), coco).figures
    assert figures['objects'] == 3
    for name in ('deepest', 'random', 'random, best'):
        assert figures[name] == pytest.approx(1)


def test_clicks_on_what_is_not_found(oracle, coco):
    figures = points.evaluate(oracle(coco, np.zeros_like), coco).figures
    assert figures['deepest'] == figures['deepest, best'] == 0


def test_the_deepest_pixel_is_far_from_the_picture_s_border_too():
    wanted = np.zeros((20, 20), np.uint8)
    wanted[:, :9] = 1  # open to three borders
    x, y = points.clicks(wanted, np.random.default_rng(0))[0]
    assert (x, 4 <= y < 16) == (4, True)


def test_clicks_at_random_are_in_the_thing():
    wanted = np.zeros((20, 30), np.uint8)
    wanted[3:5, 20:25] = 1
    found = points.clicks(wanted, np.random.default_rng(0), draws=50)
    assert found.shape == (51, 2) and len(np.unique(found[1:], axis=0)) == 10
    assert wanted[found[:, 1], found[:, 0]].all()


def test_figures_are_means_by_kind_of_click_and_by_size():
    ious = np.zeros((2, 2, 13))
    ious[0, 0, 0], ious[1, 1, 0], ious[1, 0, 1], ious[1, 1, 2:4] = 0.5, 0.8, 0.6, 0.9
    figures = points.figures_of(np.array([1023, 1024]), ious)
    assert figures == pytest.approx({
        'deepest': 0.25, 'random': 0.6 / 24, 'deepest, best': 0.4, 'random, best': 1.8 / 24,
        'objects': 2, 'deepest, not small': 0, 'random, not small': 0.05,
        'deepest, not small, best': 0.8, 'random, not small, best': 0.15, 'objects, not small': 1})
    nothing = points.figures_of(np.zeros(0), np.zeros((0, 2, 13)))
    assert set(nothing) == set(figures)
    counts = {name: nothing.pop(name) for name in ('objects', 'objects, not small')}
    assert not any(counts.values()) and np.isnan([*nothing.values()]).all()


def test_the_answer_and_the_best_under_a_click():
    scene = made_scene(
        [(0, 0, 300, 300), (100, 100, 140, 140)], [(255, 0, 0), (0, 255, 0)], scores=[0.9, 0.8])
    wanted = np.zeros((320, 320), np.uint8)
    wanted[:300, :300] = 1
    found = points.answers(scene, wanted, np.array([(120, 120), (10, 10), (310, 310)]))
    np.testing.assert_allclose(found, [[1600 / 90000, 1, 0], [1, 1, 0]])
