# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Segments as a detector's messages."""

from made_scene import made_scene
import numpy as np
import pytest
from std_msgs.msg import Header

from fastsam_ros.ros.topics.detections import detections_message
from fastsam_ros.ros.topics.result import Result

pytest.importorskip('vision_msgs.msg', reason='vision_msgs is not installed')


def test_each_has_its_box_id_score_and_name_in_the_order_asked_for():
    sure = np.array([[0.9, 0.1], [0.0, 0.0], [0.1, 0.8]], np.float32)
    scene = made_scene(
        [(100, 100, 140, 120), (30, 40, 50, 80), (200, 200, 260, 260)], [(9, 9, 9)] * 3,
        scores=[0.9, 0.75, 0.5], name_scores=sure, names=('cup', 'dog'))
    result = Result(Header(frame_id='lens'), scene, np.array([7, 8, 9], np.uint32))
    message = detections_message(result, np.array([2, 0, 1]))
    assert message.header.frame_id == 'lens'
    found = [(one.id, one.results[0].hypothesis.class_id, one.results[0].hypothesis.score,
              one.bbox.center.position.x, one.bbox.center.position.y, one.bbox.size_x,
              one.bbox.size_y) for one in message.detections]
    assert found == [
        ('9', 'dog', 0.5, 230, 230, 60, 60), ('7', 'cup', pytest.approx(0.9), 120, 110, 40, 20),
        ('8', '', 0.75, 40, 60, 20, 40)]
