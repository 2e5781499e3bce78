# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When suppression compares masks: where the model or the caller says so, and boxes may differ."""

import pytest

from fastsam_ros.backends.processing import Thresholds
from fastsam_ros.fastsam import FastSam


@pytest.mark.parametrize(('iou', 'apart', 'compares'), [
    (0.7, True, True), (0.7, False, False), (0.89, True, True), (0.9, True, False),
    (0.95, True, False)])
def test_boxes_that_overlap_by_more_have_the_same_masks(iou, apart, compares):
    assert Thresholds(0.4, iou, 300, apart=apart).compares_masks is compares


def test_the_model_that_ships_tells_masks_apart(astronaut):
    """It says so in its metadata; callers have the last word."""
    settings = {'device': 'cpu', 'image_size': 320, 'confidence': 0.02, 'iou': 0.6}
    plain, auto, apart = (
        FastSam(apart=how, **settings)(astronaut) for how in ('never', 'auto', 'always'))
    assert len(auto) == len(apart) > len(plain)
    assert (auto.scores == apart.scores).all()
