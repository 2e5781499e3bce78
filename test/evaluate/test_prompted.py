# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of given boxes, and answers to clicks."""

import json

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
    assert figures['clicks'] == 3
    for name in ('deepest', 'random 1', 'random 2, best'):
        assert figures[name] == pytest.approx(1)


def test_clicks_on_what_is_not_found(oracle, coco):
    figures = points.evaluate(oracle(coco, np.zeros_like), coco).figures
    assert figures['deepest'] == figures['deepest, best'] == 0


def test_the_deepest_pixel_is_far_from_the_picture_s_border_too():
    wanted = np.zeros((20, 20), np.uint8)
    wanted[:, :9] = 1  # open to three borders
    x, y = points.clicks(wanted, np.random.default_rng(0))['deepest']
    assert (x, 4 <= y < 16) == (4, True)
