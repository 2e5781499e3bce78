# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was published of a prompt goes when the prompt does, though nobody listens to more."""

from depth.space_graph import known, make_depth, make_info
from graph import point, wait_until
import pytest
from scripted_model import picture
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import Marker, MarkerArray

pytest.importorskip('vision_msgs.msg', reason='vision_msgs is not installed')
RED, BLUE = (20, 30, 60, 70), (80, 10, 120, 40)


@pytest.fixture(scope='module')
def space(start):
    """A node with depth, of which nobody wants anything yet."""
    graph = start(depth=True, mode='auto')
    graph.publisher()
    graph.publisher(CameraInfo, 'camera_info', 10).publish(make_info())
    wait_until(lambda: known(graph.node.cameras[''].space.calibration))
    graph.publisher(Image, 'depth', 10)
    return graph


def show(graph):
    """An image with two things, and its depth, until the node has it; their stamp."""
    received = graph.counters().received
    stamp = graph.publish(picture(red=RED, blue=BLUE))
    graph.publisher(Image, 'depth', 10).publish(make_depth(stamp, 2.0))
    wait_until(lambda: graph.counters().received > received)
    return stamp


def test_the_mask_is_empty_once_and_then_the_network_rests(space):
    masks = space.mailbox(Image, 'fastsam/mask')
    show(space)
    assert space.prompt(point((40, 50), id='cup'), keep=True).success
    assert max(masks.at(show(space)).data) == 255
    space.clear('cup')
    assert max(masks.at(show(space)).data) == 0
    last = masks.messages[-1].header.stamp.sec
    for _ in range(3):
        show(space)
    assert not space.node.cameras[''].is_streaming()
    assert masks.messages[-1].header.stamp.sec == last


def test_boxes_in_space_are_taken_away(space):
    markers = space.mailbox(MarkerArray, 'fastsam/prompted/markers')
    show(space)
    assert space.prompt(point((40, 50), id='cup'), keep=True).success
    stamp = show(space)
    drawn = markers.wait(lambda m: m.markers[0].header.stamp.sec == stamp[0])
    space.clear('cup')
    show(space)
    gone = markers.wait(lambda m: m.markers[0].action == Marker.DELETE)
    assert {m.id for m in gone.markers} == {m.id for m in drawn.markers}
    wait_until(lambda: not space.node.cameras[''].is_streaming())
