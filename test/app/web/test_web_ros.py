# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's side of the ROS graph, with the real node (and a network whose answers are known)."""

import asyncio
from contextlib import ExitStack

import cv2
from graph import Graph, Mailbox, Spinner, header, wait_until
import numpy as np
import pytest
import rclpy
from rclpy.parameter import Parameter
from scripted_model import ScriptedModel, picture
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.app.web import bridge as bridge_module
from fastsam_ros.app.web import stream as stream_module
from fastsam_ros.app.web.bridge import RosBridge
from fastsam_ros.app.web.hub import Shown
from fastsam_ros.app.web.packets import unpack
from fastsam_ros.app.web.questions import Question
from fastsam_ros.ros import node as node_module
from fastsam_ros.ros.conversions import to_image
from fastsam_ros.srv import Prompt

PICTURE = picture(red=(10, 10, 50, 40), blue=(60, 50, 120, 90))
RED, NOWHERE = (20, 20), (3, 90)


@pytest.fixture(scope='module')
def stack():
    """What is made for a module ends with it, last first."""
    with ExitStack() as stack:
        if not rclpy.ok():
            rclpy.init()
            stack.callback(rclpy.try_shutdown)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(node_module, 'FastSam', ScriptedModel)
        patch.setattr(bridge_module, 'TICK', 0.05)
        patch.setattr(bridge_module, 'LINGER', 0.2)
        yield stack


@pytest.fixture(scope='module')
def connect(stack):
    """Start a node, and a bridge to it that puts its packets into a mailbox."""
    def start(**parameters):
        graph = Graph(**parameters)
        stack.callback(graph.close)
        wait_until(lambda: graph.node._engine is not None)
        return graph, *start_bridge(graph.namespace)

    def start_bridge(namespace, **options):
        bridge = RosBridge(
            arguments=['web', '--ros-args', '-r', f'__ns:={namespace}'], **options)
        packets = Mailbox()
        bridge.deliver = packets.put
        bridge.start()
        stack.callback(bridge.stop)
        return bridge, packets

    start.bridge = start_bridge
    return start


@pytest.fixture(scope='module')
def connected(connect):
    graph, bridge, packets = connect()
    graph.publisher()
    wait_until(lambda: bridge.state()['node'] and bridge.state()['cameras'][0]['publishers'])
    return graph, bridge, packets


@pytest.fixture
def watched(connected):
    """Somebody looks at the camera, and everything is matched."""
    graph, bridge, packets = connected
    bridge.watch({''})
    wait_until(lambda: listeners(graph) == (2, 1, 1))
    packets.messages.clear()
    yield graph, bridge, packets
    bridge.watch(set())
    wait_until(lambda: listeners(graph) == (1, 0, 0))


def listeners(graph):
    """How many subscribe to the camera, to all segments, and to what prompts find."""
    return tuple(map(
        graph.client.count_subscribers, ('image', 'fastsam/segmentations', 'fastsam/prompted')))


def of(kind, stamp):
    return lambda packet: packet.kind == kind and packet.stamp == stamp


def ask(bridge, shown=None, keep=False, stamp=None, camera='', **prompt):
    question = Question.parse(
        {'camera': camera, 'stamp': stamp and list(stamp), 'keep': keep, 'prompt': prompt})
    return asyncio.run(bridge.ask(question, shown))


def test_nobody_looks_so_nothing_is_subscribed_to(connected):
    graph, bridge, _ = connected
    bridge.watch(set())
    wait_until(lambda: listeners(graph) == (1, 0, 0))  # the node itself


def test_a_frame_comes_with_its_own_segments(watched):
    graph, _, packets = watched
    stamp = graph.publish(PICTURE)
    packet = packets.wait(of('frame', stamp))
    head, counts, shown = unpack(packet.data)
    assert (head['width'], head['height'], head['camera']) == (128, 96, '')
    boxes = {tuple(box) for box in head['segments']['box']}
    assert boxes == {(10, 10, 40, 30), (60, 50, 60, 40)}
    assert len(counts) == sum(head['segments']['runs'])
    pixels = cv2.imdecode(np.frombuffer(shown, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.abs(pixels.astype(int) - PICTURE).mean() < 8


def test_a_frame_is_made_ready_once_whoever_looks(watched):
    graph, _, packets = watched
    stamps = [graph.publish(PICTURE) for _ in range(2)]
    packets.wait(of('frame', stamps[-1]))
    shown = [p.stamp for p in packets.messages if p.kind == 'frame']
    assert len(shown) == len(set(shown))


def test_a_prompt_about_the_frame_that_was_seen(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    newer = graph.publish(picture(blue=(0, 0, 90, 90)))
    packets.wait(of('frame', newer))
    reply = ask(bridge, stamp=stamp, points=[RED], id='mine')
    assert reply.success, reply.message
    head, counts = reply.packet
    assert head['stamp'] == list(stamp)
    assert head['segments']['box'] == [[10, 10, 40, 30]]
    assert head['segments']['prompt'] == ['mine']
    assert len(counts) == 4 * head['segments']['runs'][0]


def test_boxes_and_background_points_reach_the_node(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    boxed = ask(bridge, stamp=stamp, box=[58, 48, 122, 92])
    assert boxed.packet[0]['segments']['box'] == [[60, 50, 60, 40]]
    without = ask(bridge, stamp=stamp, points=[RED], labels=[0], selection='all')
    assert without.packet[0]['segments']['box'] == [[60, 50, 60, 40]]


def test_what_the_node_objects_to_is_passed_on(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    outside = ask(bridge, stamp=stamp, points=[[5000, 1]])
    assert not (outside.success or outside.forgotten) and 'outside' in outside.message
    text = ask(bridge, stamp=stamp, text='a cup')
    assert not text.success and 'text model' in text.message


def test_a_frame_that_the_node_never_had_is_sent_along(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    _, _, shown = unpack(packets.wait(of('frame', stamp)).data)
    gone = ask(bridge, stamp=(999, 9), points=[RED])
    assert gone.forgotten and not gone.success and '999' in gone.message
    png = cv2.imencode('.png', PICTURE[..., ::-1])[1].tobytes()
    sent = ask(bridge, shown=Shown(png), stamp=(999, 9), points=[RED])
    assert sent.success, sent.message
    assert sent.packet[0]['stamp'] == [999, 9]
    assert sent.packet[0]['segments']['box'] == [[10, 10, 40, 30]]
    assert bytes(shown[:2]) == b'\xff\xd8'
    small = cv2.imencode('.png', cv2.resize(PICTURE[..., ::-1], (64, 48)))[1].tobytes()
    sent = ask(bridge, shown=Shown(small, (128, 96)), stamp=(999, 9), box=[58, 48, 122, 92])
    assert (sent.packet[0]['width'], sent.packet[0]['height']) == (128, 96)
    assert np.allclose(sent.packet[0]['segments']['box'], [[60, 50, 60, 40]], atol=2)


def test_a_kept_prompt_is_answered_until_it_is_forgotten(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    assert ask(bridge, stamp=stamp, points=[RED], id='mine', keep=True).success
    later = graph.publish(PICTURE)
    match = packets.wait(of('prompted', later))
    assert match.prompts == {'mine'}
    assert unpack(match.data)[0]['segments']['box'] == [[10, 10, 40, 30]]
    assert asyncio.run(bridge.forget(['mine'])).success
    assert graph.clear().cleared == []


def test_compressed_pictures_go_on_as_they_came(connect):
    graph, bridge, packets = connect(image_transport='compressed')
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


def test_cameras_are_those_that_the_node_has(connect):
    graph, bridge, packets = connect(cameras=['front', 'rear'])
    rear = graph.publisher(topic='rear/image')
    wait_until(lambda: [c['publishers'] for c in bridge.state()['cameras']] == [0, 1])
    topics = [camera['topic'] for camera in bridge.state()['cameras']]
    assert topics == [f'{graph.namespace}/{name}/image' for name in ('front', 'rear')]
    bridge.watch({'rear'})
    wait_until(lambda: rear.get_subscription_count() == 2)
    wait_until(lambda: graph.client.count_subscribers('fastsam/rear/segmentations') == 1)
    stamp = graph.publish(PICTURE, topic='rear/image')
    assert packets.wait(of('frame', stamp)).camera == 'rear'
    reply = ask(bridge, camera='rear', stamp=stamp, points=[RED])
    assert len(reply.packet[0]['segments']['id']) == 1
    bridge.watch(set())


def test_pictures_are_shown_without_segments_when_there_are_none(connect, monkeypatch):
    monkeypatch.setattr(stream_module, 'ALONE_AFTER', -1.0)
    monkeypatch.setattr(stream_module, 'ALONE_EVERY', -1.0)
    graph, bridge, packets = connect(mode='on_demand')
    publisher = graph.publisher()
    wait_until(lambda: bridge.state()['cameras'])
    bridge.watch({''})
    wait_until(lambda: publisher.get_subscription_count() == 2)
    stamp = graph.publish(PICTURE)
    head, _, _ = unpack(packets.wait(of('frame', stamp)).data)
    assert (head['segments'], head['width'], head['height']) == (None, 128, 96)
    assert ask(bridge, stamp=stamp, points=[RED]).packet[0]['segments']['area'] == [1200]
    bridge.watch(set())


def test_a_picture_that_cannot_be_read_is_passed_over(connect, monkeypatch):
    monkeypatch.setattr(stream_module, 'ALONE_AFTER', -1.0)
    monkeypatch.setattr(stream_module, 'ALONE_EVERY', -1.0)
    graph, bridge, packets = connect(mode='on_demand')
    publisher = graph.publisher()
    wait_until(lambda: bridge.state()['cameras'])
    bridge.watch({''})
    wait_until(lambda: publisher.get_subscription_count() == 2)
    broken = to_image(header((1, 1)), PICTURE, 'rgb8')
    broken.encoding = 'unheard_of'
    publisher.publish(broken)
    stamp = graph.publish(PICTURE, stamp=(2, 2))
    packets.wait(of('frame', stamp))
    assert (1, 1) not in [packet.stamp for packet in packets.messages]
    bridge.watch(set())


def test_without_a_node_it_says_what_to_do(connect):
    bridge, _ = connect.bridge('/nobody')
    state = bridge.state()
    assert not state['node']
    assert '/nobody/fastsam is not running' in state['message']
    assert 'ros2 launch' in state['message']
    reply = ask(bridge, points=[RED])
    assert (reply.success, reply.message) == (False, state['message'])
    assert not asyncio.run(bridge.forget(['x'])).success


@pytest.fixture
def stand_in(stack):
    """A node with the services of the real one, subscribed to a topic of another name."""
    node = rclpy.create_node('eyes', namespace='/other', parameter_overrides=[
        Parameter('image_transport', value='raw')])
    node.declare_parameter('cameras', Parameter.Type.STRING_ARRAY)
    node.declare_parameter('image_transport', 'raw')
    node.create_subscription(Image, '/camera/image_raw', lambda message: None, 1)
    node.create_service(Prompt, '~/prompt', lambda request, response: response)
    spinner = Spinner(node, threads=2)
    yield node
    spinner.close()
    node.destroy_node()


def test_a_remapped_image_is_found_in_the_graph(connect, stand_in):
    bridge, _ = connect.bridge('/somewhere', target='/other/eyes')
    wait_until(lambda: bridge.state()['node'] and bridge.state()['cameras'])
    wait_until(lambda: bridge.state()['cameras'][0]['topic'] == '/camera/image_raw')
    assert bridge.state()['name'] == '/other/eyes'


def test_cameras_can_be_named_by_hand(connect, stand_in):
    bridge, _ = connect.bridge('/other', target='eyes', cameras=['left'], transport='compressed')
    wait_until(lambda: bridge.state()['cameras'])
    assert [camera['name'] for camera in bridge.state()['cameras']] == ['left']
