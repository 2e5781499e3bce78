# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a topic of boxes carries decides how it is read, and what is said of it."""

from types import SimpleNamespace

import pytest

from fastsam_ros.ros.prompting import boxes as module
from fastsam_ros.ros.prompting.boxes import BoxSubscription

VISION, YOLO = 'vision_msgs/msg/Detection2DArray', 'yolo_msgs/msg/DetectionArray'


class Node:
    """A node that sees publishers of boxes."""

    def __init__(self, *offers):
        self.offers, self.said, self.subscribed, self.gone = list(offers), [], [], []

    def get_logger(self):
        return SimpleNamespace(error=self.said.append)

    def resolve_topic_name(self, name):
        return f'/robot/{name}'

    def get_publishers_info_by_topic(self, topic):
        assert topic == '/robot/front/boxes'
        return [SimpleNamespace(topic_type=offer) for offer in self.offers]

    def create_subscription(self, kind, name, *rest, **fields):
        self.subscribed.append((kind, name))
        return kind

    def destroy_subscription(self, kind):
        self.gone.append(kind)


@pytest.fixture
def listen(monkeypatch):
    """Look at the topic of a node, with packages whose messages are their names."""
    monkeypatch.setattr(module, 'array_type', lambda package: package)
    monkeypatch.setattr(
        module, 'complain', lambda logger, error: logger.error(str(error)))

    def listen(node, kind='auto'):
        found = BoxSubscription(node, SimpleNamespace(name='front'), {'boxes_type': kind}, None)
        found.start()
        return found

    return listen


@pytest.mark.parametrize('offer, package', [(VISION, 'vision_msgs'), (YOLO, 'yolo_msgs')])
def test_what_is_offered_is_subscribed_to_without_a_word(listen, offer, package):
    node = Node(offer, 'other_msgs/msg/Boxes')
    listen(node)
    assert (node.subscribed, node.said) == ([(package, 'front/boxes')], [])


def test_nobody_is_waited_for_in_silence(listen):
    node = Node()
    boxes = listen(node)
    assert (node.subscribed, node.said) == ([], [])
    node.offers = [VISION]
    for _ in range(3):
        boxes.match()
    assert node.subscribed == [('vision_msgs', 'front/boxes')]


def test_what_cannot_be_read_is_named_with_what_can(listen):
    node = Node('other_msgs/msg/Boxes')
    listen(node)
    (said,) = node.said
    assert 'other_msgs/msg/Boxes' in said and 'vision_msgs/Detection2DArray' in said
    assert node.subscribed == []


def test_another_kind_of_boxes_takes_the_place_of_the_first(listen):
    node = Node(VISION)
    boxes = listen(node)
    node.offers = [YOLO]
    boxes.match()
    assert [kind for kind, _ in node.subscribed] == ['vision_msgs', 'yolo_msgs']
    assert node.gone == ['vision_msgs']
    boxes.stop()
    assert node.gone == ['vision_msgs', 'yolo_msgs']


def test_a_look_around_of_before_finds_nothing_to_do_once_it_is_stopped(listen):
    node = Node(VISION)
    boxes = listen(node)
    boxes.stop()
    boxes.match()
    assert (node.subscribed, node.gone) == ([('vision_msgs', 'front/boxes')], ['vision_msgs'])
    boxes.start()
    assert len(node.subscribed) == 2


def test_a_kind_that_is_asked_for_needs_no_publisher(listen):
    node = Node()
    listen(node, 'yolo_msgs')
    assert node.subscribed == [('yolo_msgs', 'front/boxes')]


def test_a_package_that_is_missing_is_named_once_with_how_to_get_it(listen, monkeypatch):
    def missing(package):
        raise ModuleNotFoundError(package)

    monkeypatch.setattr(module, 'array_type', missing)
    node = Node(VISION)
    boxes = listen(node)
    boxes.match()
    (said,) = node.said
    assert 'apt install ros-$ROS_DISTRO-vision-msgs' in said
