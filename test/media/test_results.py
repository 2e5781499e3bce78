# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is kept of a picture's segments: their masks, scores and names."""

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.prompts import Prompt
from fastsam_ros.media.results import result_of

BOXES = [(100, 100, 140, 120), (30, 40, 50, 80), (200, 200, 260, 260)]


@pytest.fixture
def scene():
    """Three segments, of which the network has a name for the first and the last."""
    sure = np.array([[0.75, 0.1], [0.0, 0.0], [0.1, 0.875]], np.float32)
    return made_scene(BOXES, [(9, 9, 9)] * 3, name_scores=sure, names=('cup', 'dog'))


def named(result):
    return [(s.id, s.prompt, s.label, s.label_score) for s in result.segments]


def test_without_prompts_each_segment_has_the_name_that_the_network_knows(scene):
    assert named(result_of(scene)) == [
        (1, -1, 'cup', 0.75), (2, -1, '', 0), (3, -1, 'dog', 0.875)]


def test_what_answers_a_point_keeps_its_name(scene):
    found = result_of(scene, [Prompt(points=[(230, 230)]), Prompt(points=[(40, 60)])], [7, 8, 9])
    assert named(found) == [(9, 0, 'dog', 0.875), (8, 1, '', 0)]
