# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's side of the ROS graph, with the real node (and a network whose answers are known)."""

import asyncio

import cv2
from graph import Spinner, point, wait_until
import numpy as np
import pytest
import rclpy
from rclpy.parameter import Parameter
from ros_side import PICTURE, RED, ask, has_camera, listeners, matched, of
from scripted_model import picture
from sensor_msgs.msg import Image

from fastsam_ros.srv import Prompt
from fastsam_ros.web.session.hub import Shown
from fastsam_ros.web.session.packets import unpack


@pytest.fixture(scope='module')
def connected(ros_side):
    graph, bridge, packets = ros_side.connect()
    graph.publisher()
    wait_until(lambda: has_camera(bridge))
    return graph, bridge, packets


@pytest.fixture
def watched(connected):
    """Somebody looks at the camera, and everything is matched."""
    graph, bridge, packets = connected
    bridge.watch({''})
    wait_until(lambda: matched(graph))
    packets.messages.clear()
    yield graph, bridge, packets
    bridge.watch(set())
    wait_until(lambda: listeners(graph) == (1, 0, 0))


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
    found = unpack(match.data)[0]['segments']
    assert (found['prompt'], found['box']) == (['mine'], [[10, 10, 40, 30]])
    assert asyncio.run(bridge.forget(['mine'])).success
    assert graph.clear().cleared == []


def test_what_stands_is_listed_whoever_asked_for_it(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    assert graph.prompt(point(RED, id='theirs'), keep=True).success
    wait_until(lambda: bridge.state()['kept'])
    (entry,) = bridge.state()['kept']
    assert (entry['id'], entry['state'], entry['fixed']) == ('theirs', 'followed', False)
    assert entry['points'] == [[*map(float, RED)]] and entry['box'] is None
    box = [58, 48, 122, 92]
    assert ask(bridge, stamp=stamp, box=box, id='mine', keep=True, fixed=True).success
    wait_until(lambda: len(bridge.state()['kept']) == 2)
    mine = bridge.state()['kept'][1]
    assert mine['fixed'] and mine['box'] == box
    assert asyncio.run(bridge.forget(['mine', 'theirs'])).success
    wait_until(lambda: not bridge.state()['kept'])


def test_a_part_joins_a_thing(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    reply = ask(bridge, stamp=stamp, points=[[90, 70]], parts=[[10, 10, 50, 40]], id='both',
                keep=True)
    assert reply.success, reply.message
    later = graph.publish(PICTURE)
    found = unpack(packets.wait(of('prompted', later)).data)[0]['segments']
    assert found['prompt'] == ['both'] * 2
    assert asyncio.run(bridge.forget(['both'])).success


def test_each_frame_comes_with_what_stands_while_somebody_wants_that(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    assert ask(bridge, stamp=stamp, points=[RED], id='mine', keep=True).success
    assert graph.client.count_subscribers('fastsam/tracked') == 0
    bridge.watch(set(), {''})
    wait_until(lambda: graph.client.count_subscribers('fastsam/tracked') == 1)

    def carried():
        graph.publish(PICTURE)  # to which of them a thing can be carried is the node's affair
        tracked = [unpack(p.data) for p in packets.messages if p.kind == 'tracked']
        return any(head['segments']['prompt'] == ['mine'] and bytes(shown[:2]) == b'\xff\xd8'
                   for head, _, shown in tracked)

    wait_until(carried)
    found = [unpack(p.data) for p in packets.messages if p.kind == 'segments']
    assert found and all(len(head['segments']['id']) > 1 and not shown for head, _, shown in found)
    bridge.watch({''})
    wait_until(lambda: graph.client.count_subscribers('fastsam/tracked') == 0)
    assert asyncio.run(bridge.forget(['mine'])).success


def test_what_another_client_ended_before_is_ended(watched):
    graph, bridge, packets = watched
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    assert ask(bridge, stamp=stamp, points=[RED], id='mine', keep=True).success
    assert graph.clear().cleared == ['mine']
    assert not graph.clear('mine').success
    reply = asyncio.run(bridge.forget(['mine']))
    assert reply.success and 'no standing prompt' in reply.message


def test_cameras_are_those_that_the_node_has(ros_side):
    graph, bridge, packets = ros_side.connect(cameras=['front', 'rear'])
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


def test_without_a_node_it_says_what_to_do(ros_side):
    bridge, _ = ros_side.bridge('/nobody')
    state = bridge.state()
    assert not state['node']
    assert '/nobody/fastsam is not running' in state['message']
    assert 'ros2 launch' in state['message']
    reply = ask(bridge, points=[RED])
    assert (reply.success, reply.message) == (False, state['message'])
    assert not asyncio.run(bridge.forget(['x'])).success


@pytest.fixture
def stand_in(ros_side):
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


def test_a_remapped_image_is_found_in_the_graph(ros_side, stand_in):
    bridge, _ = ros_side.bridge('/somewhere', target='/other/eyes')
    wait_until(lambda: bridge.state()['node'] and bridge.state()['cameras'])
    wait_until(lambda: bridge.state()['cameras'][0]['topic'] == '/camera/image_raw')
    assert bridge.state()['name'] == '/other/eyes'


def test_cameras_can_be_named_by_hand(ros_side, stand_in):
    bridge, _ = ros_side.bridge('/other', target='eyes', cameras=['left'], transport='compressed')
    wait_until(lambda: bridge.state()['cameras'])
    assert [camera['name'] for camera in bridge.state()['cameras']] == ['left']
