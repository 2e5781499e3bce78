# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth and calibrations that make no sense: each told in words, and the next is taken."""

import re

from depth.space_graph import OPTICAL, make_depth
from graph import wait_until
import numpy as np
import pytest
from sensor_msgs.msg import PointCloud2
from visualization_msgs.msg import MarkerArray

BOX = (20, 30, 60, 70)


@pytest.mark.parametrize('info, depth, words', [
    ({}, {'encoding': 'bgr8'}, "not 'bgr8'"),
    ({'focal': 0.0}, {}, 'without a focal length'),
    ({'width': 640, 'height': 480}, {}, '640x480.*128x96'),
    (None, {}, 'no camera info has come on .*/camera_info'),
    ({}, {'frame': 'infra'}, 'no transform from infra to camera_optical_frame'),
])
def test_wrong_input_is_told_in_words_and_the_next_is_taken(open_graph, info, depth, words):
    graph = open_graph()
    clouds = graph.mailbox(PointCloud2, 'points')
    if info is not None:
        graph.send_info(**info)
    graph.offer((1, 0), BOX)
    message = make_depth((1, 0), 1.0, frame=depth.get('frame', OPTICAL))
    message.encoding = depth.get('encoding', message.encoding)
    graph.send('depth', message)
    report = graph.report(lambda r: r.failed)
    assert re.search(words, report.reason), report.reason
    graph.send_info()
    graph.offer((2, 0), BOX)
    graph.send('depth', make_depth((2, 0), 1.0))
    clouds.at((2, 0))
    assert len(clouds.messages) == 1


def test_depth_of_another_size_without_a_calibration_is_refused(graph):
    graph.mailbox(PointCloud2, 'points')
    graph.offer((1, 0), BOX)
    graph.send('depth', make_depth((1, 0), np.ones((48, 64)), frame=OPTICAL))
    assert 'no camera info has come on' in graph.report(lambda r: r.failed).reason


def test_stamps_that_never_match_are_counted_with_how_far_they_are_off(graph):
    graph.mailbox(PointCloud2, 'points')
    graph.offer((1, 0), BOX)
    graph.send('depth', make_depth((1, 300_000_000), 1.0))
    report = graph.report(lambda r: r.unpaired)
    assert (report.unpaired, report.paired) == (1, 0)
    assert report.difference == pytest.approx(0.3)
    assert 'within depth_slop, 20 ms: the nearest is 300 ms later' in report.reason
    graph.offer((2, 0), BOX)  # decides about none before it, and nothing decides about it
    graph.offer((3, 0), BOX)
    assert 'the nearest is 700 ms earlier' in graph.report(lambda r: r.unpaired == 2).reason


def test_a_result_that_comes_too_late_for_its_depth_is_told_as_such(graph):
    for second in range(10, 30):
        graph.send('depth', make_depth((second, 0), 1.0))
        wait_until(lambda stamp=second * 10**9: graph.camera._depth_at(stamp) is not None)
    graph.offer((12, 0), BOX)
    report = graph.report(lambda r: r.unpaired)
    assert 'depth of its time is no longer kept: the oldest is 3000 ms later' in report.reason
    graph.offer((15, 0), BOX)
    assert graph.report(lambda r: r.paired).unpaired == 1


def test_images_without_a_stamp_are_refused(graph):
    graph.offer((0, 0), BOX)
    assert 'no stamp' in graph.camera.report().reason


def test_depth_that_is_all_zero_has_an_empty_cloud_and_no_markers(graph):
    clouds, markers = graph.mailbox(PointCloud2, 'points'), graph.mailbox(MarkerArray, 'markers')
    graph.offer((1, 0), BOX)
    graph.send('depth', make_depth((1, 0), 0.0))
    assert clouds.at((1, 0)).width == 0
    assert markers.wait().markers == []
    assert 'no pixel of the depth has a measurement' in graph.report(lambda r: r.failed).reason
