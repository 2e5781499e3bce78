# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The launch file with the real launch_ros: plain, in a namespace, two at once, remapped."""

import re

from graph import PATIENCE, Mailbox, header, wait_until
from launching import START, launched
import pytest
from rclpy.parameter_client import AsyncParameterClient
from scripted_model import picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image

pytest.importorskip('launch_ros', reason='launch_ros is not installed: it comes with ROS 2 itself')


def subscribe(client, topic: str) -> Mailbox:
    mailbox = Mailbox()
    client.create_subscription(SegmentationArray, topic, mailbox.put, 1)
    return mailbox


def publish_until(client, topic: str, mailbox: Mailbox) -> None:
    """Publish a picture on a topic until a result comes."""
    publisher = client.create_publisher(Image, topic, 1)
    message = to_image(header((5, 5), 'lens'), picture(red=(10, 10, 60, 60)), 'rgb8')
    timer = client.create_timer(0.2, lambda: publisher.publish(message))
    wait_until(lambda: mailbox.messages, START)
    client.destroy_timer(timer)
    assert mailbox.messages[0].header == header((5, 5), 'lens')


def test_with_the_demo_camera(client):
    results = subscribe(client, 'fastsam/segmentations')
    with launched('demo:=true', 'log_level:=warn'):
        wait_until(lambda: results.messages, START)
    assert results.messages[0].header.frame_id == 'camera_optical_frame'


def test_a_remapped_image_in_a_namespace(client):
    results = subscribe(client, 'robot/fastsam/segmentations')
    with launched('namespace:=robot', 'image:=/lens/image_raw'):
        publish_until(client, '/lens/image_raw', results)


def test_the_page_listens_where_it_is_told_to(ros, tmp_path):
    pytest.importorskip('uvicorn', reason='the web page needs FastAPI and uvicorn')
    said = tmp_path / 'said'
    place = ('web_host:=127.0.0.2', 'web_port:=0', 'model:=/no/such.onnx')
    with said.open('w') as output, launched('web:=true', *place, output=output):
        wait_until(lambda: re.search(r'http://127\.0\.0\.2:(\d+)/', said.read_text()), START)
    port, = re.findall(r'http://127\.0\.0\.2:(\d+)/', said.read_text())
    assert int(port) > 0
    assert 'Traceback' not in said.read_text()


def test_two_at_once(client):
    first, second = (subscribe(client, f'{name}/fastsam/segmentations') for name in ('a', 'b'))
    with launched('namespace:=a'), launched('namespace:=b'):
        publish_until(client, 'a/image', first)
        publish_until(client, 'b/image', second)


def test_arguments_win_over_the_file_and_only_when_given(client, tmp_path):
    file = tmp_path / 'mine.yaml'
    file.write_text('/**:\n  ros__parameters:\n    device: CPU\n    confidence: 0.7\n')
    with launched(f'params_file:={file}', 'model:=/no/such.onnx'):
        parameters = AsyncParameterClient(client, 'fastsam')
        assert parameters.wait_for_services(START)
        future = parameters.get_parameters(['model', 'device', 'confidence', 'iou'])
        wait_until(future.done, PATIENCE)
    values = [value.string_value or value.double_value for value in future.result().values]
    assert values == ['/no/such.onnx', 'CPU', 0.7, 0.9]


def test_cameras_led_to_topics_under_a_name_of_the_users_own(client):
    front, rear = (subscribe(client, f'eyes/{name}/segmentations') for name in ('front', 'rear'))
    with launched('name:=eyes', 'images:=front=/front_camera/image_raw,rear=/rear/image'):
        publish_until(client, '/front_camera/image_raw', front)
        publish_until(client, '/rear/image', rear)
