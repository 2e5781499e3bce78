# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the page finds out about a node that answers badly, changes, or has other topics."""

from threading import Event

from graph import PATIENCE, Spinner, wait_until
import pytest
from rcl_interfaces.srv import GetParameters
import rclpy
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.parameter import Parameter

from fastsam_ros.web.ros import asked, discovery
from fastsam_ros.web.ros.discovery import Discovery


@pytest.fixture
def open_node(ros_side):
    """Nodes that spin; and how to end them."""
    opened = []

    def make(name, **options):
        node = rclpy.create_node(name, namespace='/discovery', **options)
        opened.append((Spinner(node, threads=4), node))
        return node

    yield make
    for spinner, node in reversed(opened):
        spinner.close()
        node.destroy_node()


def cameras_of(found):
    """The names of the cameras, at another look."""
    found.update()
    return [source.camera for source in found.sources()]


def test_an_answer_that_is_lost_is_asked_for_again(open_node, monkeypatch):
    monkeypatch.setattr(asked, 'PATIENCE', 0.1)
    node, requests, over = open_node('slow', start_parameter_services=False), [], Event()

    def answer(request, response):
        requests.append(request.names)
        if len(requests) == 1:
            over.wait(PATIENCE)
        return response

    node.create_service(
        GetParameters, '~/get_parameters', answer, callback_group=ReentrantCallbackGroup())
    found = Discovery(open_node('looking'), 'slow')
    try:
        wait_until(lambda: cameras_of(found) == [''])
        assert requests[:2] == [discovery.NAMES] * 2
    finally:
        over.set()


def test_cameras_that_change_are_found(open_node, monkeypatch):
    monkeypatch.setattr(discovery, 'AGAIN', 0.1)
    node = open_node('changing')
    node.declare_parameter('cameras', ['front'])
    node.declare_parameter('image_transport', 'raw')
    found = Discovery(open_node('looking'), 'changing')
    wait_until(lambda: cameras_of(found) == ['front'])
    node.set_parameters([Parameter('cameras', value=['left', 'right'])])
    wait_until(lambda: cameras_of(found) == ['left', 'right'])


@pytest.mark.parametrize('parameters, topics', [
    ({'depth': True}, {'image': '/eye/colour', 'depth': '/eye/distance'}),
    ({'depth': True, 'image_transport': 'compressed'},
     {'image/compressed': '/eye/packed', 'depth': '/eye/distance'}),
    ({'cameras': ['front', 'rear']}, {'front/image': '/eye/ahead', 'rear/image': '/eye/behind'}),
])
def test_remapped_images_are_told_from_depth_and_from_one_another(ros_side, parameters, topics):
    rules = [word for rule in topics.items() for word in ('-r', ':='.join(rule))]
    _, bridge, _ = ros_side.connect(arguments=['--ros-args', *rules], **parameters)
    images = [topic for name, topic in topics.items() if name != 'depth']
    wait_until(lambda: [c['topic'] for c in bridge.state()['cameras']] == images)
