# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How tf2 is asked: against one that is made up, since no wheel has it."""

import sys
from types import ModuleType

from builtin_interfaces.msg import Time
from geometry_msgs.msg import PointStamped, TransformStamped
from graph import wait_until
import pytest
import rclpy
from rclpy.context import Context
from rclpy.parameter import Parameter

from fastsam_ros.core.errors import DepthError
from fastsam_ros.ros.depth.transforms import NoTransforms, Tf2Transforms, open_transforms


class Unknown(Exception):
    pass


class FakeBuffer:
    """Knows one transform, at one time."""

    def __init__(self, node=None):
        self.asked, self.cleared = [], 0

    def clear(self):
        self.cleared += 1

    def lookup_transform(self, target, source, time, timeout):
        self.asked.append((target, source, time.nanoseconds, timeout.nanoseconds))
        if (target, source, time.nanoseconds) != ('map', 'camera', 5_000_000_007):
            raise Unknown('it lies in the future')
        found = TransformStamped()
        found.transform.translation.x = 1.5
        return found


@pytest.fixture
def tf2(monkeypatch):
    module = ModuleType('tf2_ros')
    module.Buffer, module.TransformException = FakeBuffer, Unknown
    module.TransformListener = lambda buffer, node, spin_thread: node.create_subscription(
        TransformStamped, '/tf', lambda message: None, 10)
    monkeypatch.setitem(sys.modules, 'tf2_ros', module)


@pytest.fixture
def node(ros):
    node = rclpy.create_node('fastsam', namespace='/transforms')
    yield node
    node.destroy_node()


@pytest.fixture
def launched():
    """A node whose name, clock and remappings are given from outside, as launch does."""
    context = Context()
    rclpy.init(
        args=['--ros-args', '-r', '__node:=eyes', '-r', '/tf:=/robot/tf'], context=context)
    node = rclpy.create_node(
        'fastsam', namespace='/launched', context=context,
        parameter_overrides=[Parameter('use_sim_time', value=True)])
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context)


def test_under_launch_the_listener_has_a_name_of_its_own_and_the_nodes_clock(tf2, launched):
    def names():
        return sorted(name for name, namespace in launched.get_node_names_and_namespaces()
                      if namespace == '/launched')

    def heard():
        return {topic for topic, _ in launched.get_subscriber_names_and_types_by_node(
            'eyes_tf', '/launched')}

    transforms = open_transforms(launched)
    try:
        wait_until(lambda: len(names()) == 2)
        assert names() == ['eyes', 'eyes_tf']
        wait_until(lambda: {'/clock', '/robot/tf'} <= heard())
    finally:
        transforms.close()


def test_a_transform_is_looked_up_at_the_stamp_and_at_no_other_time(tf2, node):
    transforms = open_transforms(node)
    try:
        assert isinstance(transforms, Tf2Transforms)
        found = transforms.lookup('map', 'camera', Time(sec=5, nanosec=7))
        assert found.translation.tolist() == [1.5, 0, 0]
        assert transforms._buffer.asked[0][:3] == ('map', 'camera', 5_000_000_007)
        with pytest.raises(DepthError, match='camera to map at the stamp.*lies in the future'):
            transforms.lookup('map', 'camera', Time(sec=6))
    finally:
        transforms.close()


def test_what_it_heard_is_forgotten_when_the_stamps_go_back(tf2, node):
    transforms = open_transforms(node)
    try:
        transforms.forget()
        assert transforms._buffer.cleared == 1
    finally:
        transforms.close()


def test_without_tf2_what_is_missing_is_said_when_a_transform_is_needed(monkeypatch, node):
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    transforms = open_transforms(node)
    assert isinstance(transforms, NoTransforms)
    with pytest.raises(DepthError, match='camera to map: transforms need tf2_ros.*depth_to_image'):
        transforms.lookup('map', 'camera', Time(sec=5))
    transforms.forget()
    transforms.close()


def test_without_depth_it_listens_once_somebody_may_click_in_space(tf2, node):
    transforms = open_transforms(node, always=False)
    listens = f'{node.get_name()}_tf'
    try:
        transforms.match()
        transforms.forget()
        assert listens not in node.get_node_names()
        clicker = node.create_publisher(PointStamped, 'clicked_point', 1)
        wait_until(lambda: node.count_publishers('clicked_point'))
        transforms.match()
        wait_until(lambda: listens in node.get_node_names())
        found = transforms.lookup('map', 'camera', Time(sec=5, nanosec=7))
        assert found.translation.tolist() == [1.5, 0, 0]
        transforms.forget()
        assert transforms._opened._buffer.cleared == 1
        node.destroy_publisher(clicker)
    finally:
        transforms.close()
    with pytest.raises(DepthError, match='not configured'):
        transforms.lookup('map', 'camera', Time(sec=5, nanosec=7))
