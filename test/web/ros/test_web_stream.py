# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What becomes of a camera's frames on their way to the page."""

from functools import partial

from builtin_interfaces.msg import Time
import cv2
from graph import BEST_EFFORT, header, wait_until
import pytest
import rclpy
from rclpy.serialization import serialize_message
from ros_side import PICTURE, RED, ask, has_camera, listeners, of
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.web.ros import stream as stream_module
from fastsam_ros.web.ros.frames import Frames
from fastsam_ros.web.ros.stream import Source, Stream
from fastsam_ros.web.session import pace as pace_module
from fastsam_ros.web.session.pace import Pace
from fastsam_ros.web.session.packets import unpack


@pytest.fixture
def no_waiting(monkeypatch):
    """Show pictures at once where no segments come."""
    monkeypatch.setattr(pace_module, 'SILENT_AFTER', -1.0)
    monkeypatch.setattr(stream_module, 'ALONE_EVERY', -1.0)


def watched(graph, bridge):
    """Return a camera that the node and the page have subscribed to."""
    publisher = graph.publisher()
    wait_until(lambda: bridge.state()['cameras'])
    bridge.watch({''})
    wait_until(lambda: publisher.get_subscription_count() == 2)
    return publisher


def test_compressed_pictures_go_on_as_they_came(ros_side):
    graph, bridge, packets = ros_side.connect(image_transport='compressed')
    publisher = graph.publisher(CompressedImage, 'image/compressed')
    wait_until(lambda: bridge.state()['cameras'])
    bridge.watch({''})
    wait_until(lambda: publisher.get_subscription_count() == 2)
    wait_until(lambda: listeners(graph)[1:] == (1, 1))
    png = cv2.imencode('.png', PICTURE[..., ::-1])[1].tobytes()
    publisher.publish(CompressedImage(header=header((5, 6)), format='png', data=png))
    head, _, shown = unpack(packets.wait(of('frame', (5, 6))).data)
    assert (bytes(shown), head['media']) == (png, 'image/png')
    bridge.watch(set())


def test_pictures_are_shown_without_segments_when_there_are_none(ros_side, no_waiting):
    graph, bridge, packets = ros_side.connect()
    watched(graph, bridge)
    with graph.node.model.held():
        stamp = graph.publish(PICTURE)
        head, _, _ = unpack(packets.wait(of('frame', stamp)).data)
    assert (head['segments'], head['width'], head['height']) == (None, 128, 96)
    assert ask(bridge, stamp=stamp, points=[RED]).packet[0]['segments']['area'] == [1200]
    bridge.watch(set())


def test_a_picture_that_cannot_be_read_is_passed_over(ros_side, no_waiting):
    graph, bridge, packets = ros_side.connect()
    publisher = watched(graph, bridge)
    broken = to_image(header((1, 1)), PICTURE, 'rgb8')
    broken.encoding = 'unheard_of'
    with graph.node.model.held():
        publisher.publish(broken)
        stamp = graph.publish(PICTURE, stamp=(2, 2))
        packets.wait(of('frame', stamp))
    assert (1, 1) not in [packet.stamp for packet in packets.messages]
    bridge.watch(set())


def test_a_camera_that_comes_back_with_another_reliability_is_seen_again(ros_side):
    graph, bridge, packets = ros_side.connect(image_reliability='best_effort')
    reliable = graph.publisher()
    wait_until(lambda: has_camera(bridge))
    bridge.watch({''})
    wait_until(lambda: reliable.get_subscription_count() == 2)
    graph.client.destroy_publisher(graph.publishers.pop('image'))
    restarted = graph.publisher(qos=BEST_EFFORT)
    wait_until(lambda: restarted.get_subscription_count() == 2)

    def shown():
        graph.publish(PICTURE)  # again and again, as any of them may be lost
        return [packet for packet in packets.messages if packet.kind == 'frame']

    wait_until(shown)
    bridge.watch(set())


class AtOnce:
    """An encoder that does not wait."""

    def offer(self, camera, job):
        job()


class Camera:
    """
    A camera and a node as a stream sees them, by a clock of their own.

    :param stream: that sees them
    :param clock: a list of its time, seconds
    """

    def __init__(self, stream, clock):
        self._stream, self._clock = stream, clock
        self._message = to_image(header((0, 0)), PICTURE, 'rgb8')

    def publish(self, stamp):
        """Show a picture at a time, whole seconds, which is its stamp."""
        self._clock[0] = float(stamp)
        self._message.header = header((stamp, 0))
        self._stream._on_image(serialize_message(self._message))

    def answer(self, stamp):
        """The node's result for the picture of a time comes."""
        self._stream._on_segmentations(
            SegmentationArray(header=Header(stamp=Time(sec=stamp)), width=128, height=96))


@pytest.fixture
def camera(ros_side, monkeypatch):
    """The pictures are too large to be kept, and all that have no result are shown."""
    clock, seen = [0.0], []
    monkeypatch.setattr(pace_module, 'SILENT_AFTER', 1.5)
    monkeypatch.setattr(stream_module, 'ALONE_EVERY', -1.0)
    monkeypatch.setattr(stream_module, 'Pace', lambda: Pace(lambda: clock[0]))
    monkeypatch.setattr(stream_module, 'Frames', partial(Frames, budget=1))
    node = rclpy.create_node('looker')
    source = Source('', '/nowhere/image', Image, '/nowhere')
    stream = Stream(node, source, AtOnce(), seen.append)
    camera = Camera(stream, clock)
    camera.seen, camera.stream = seen, stream
    yield camera
    stream.close()
    node.destroy_node()


def test_a_slow_model_does_not_make_the_picture_jump_back(camera):
    late = 4  # seconds from a picture to its result
    for now in range(0, 60, 1):
        camera.publish(now)
        if now >= late and now % late == 0:
            camera.answer(now - late)
    later = [packet for packet in camera.seen if packet.stamp[0] > 2 * late]
    assert later and [packet.stamp for packet in later] == sorted(p.stamp for p in later)
    assert all(unpack(packet.data)[0]['segments'] is not None for packet in later)


def test_without_results_large_pictures_cost_nothing(camera, monkeypatch):
    camera.stream.looked_at = False  # what is shown is made ready all the same
    made = []
    encode = stream_module.pictures.encode
    monkeypatch.setattr(
        stream_module.pictures, 'encode', lambda m: made.append(m) or encode(m))
    for now in range(10, 20):
        camera.publish(now)
    assert made == []
    camera.answer(11)  # of a picture that went; but results come, so the next ones are kept
    for now in range(20, 24):
        camera.publish(now)
    assert len(made) == 4
    camera.stream.looked_at = True
    camera.answer(21)
    assert camera.seen[-1].stamp == (21, 0)


def test_a_result_that_goes_out_twice_is_packed_once(camera, monkeypatch):
    packed = []
    columns = stream_module.packets.columns
    monkeypatch.setattr(
        stream_module.packets, 'columns', lambda found: packed.append(1) or columns(found))
    camera.stream.smooth = camera.stream.whole = True
    camera.publish(1)
    camera.answer(1)
    assert [packet.kind for packet in camera.seen if packet.stamp == (1, 0)] == [
        'segments', 'frame']
    assert packed == [1]
