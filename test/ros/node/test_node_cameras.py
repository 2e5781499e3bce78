# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where images come from: several cameras, what is dropped, and the quality of service."""

from graph import BEST_EFFORT, decode, header, point, wait_until
import numpy as np
import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from scripted_model import HEIGHT, WIDTH, picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image

RELIABLE = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
LEFT, RIGHT = (5, 5, 30, 30), (90, 40, 120, 80)


@pytest.fixture(scope='module')
def pair(start):
    graph = start(cameras=['front', 'rear'])
    for name in ('front', 'rear'):
        setattr(graph, name, graph.mailbox(SegmentationArray, f'fastsam/{name}/segmentations'))
    return graph


def test_each_camera_has_its_own_topics(pair):
    stamp = pair.publish(picture(red=LEFT), topic='front/image')
    other = pair.publish(picture(red=RIGHT), topic='rear/image')
    for message, box in ((pair.front.at(stamp), LEFT), (pair.rear.at(other), RIGHT)):
        (segment,) = message.segmentations
        expected = np.zeros((HEIGHT, WIDTH), bool)
        expected[box[1]:box[3], box[0]:box[2]] = True
        np.testing.assert_array_equal(decode(segment, HEIGHT, WIDTH), expected)


def test_prompts_name_a_camera_or_mean_the_first(pair):
    pair.front.at(pair.publish(picture(red=LEFT), topic='front/image'))
    pair.rear.at(pair.publish(picture(red=RIGHT), topic='rear/image'))
    assert len(pair.prompt(point((10, 10))).result.segmentations) == 1
    assert len(pair.prompt(point((10, 10)), camera='front').result.segmentations) == 1
    assert len(pair.prompt(point((10, 10)), camera='rear').result.segmentations) == 0
    assert len(pair.prompt(point((100, 50)), camera='rear').result.segmentations) == 1
    answer = pair.prompt(point((10, 10)), camera='attic')
    assert 'there are front, rear' in answer.message


def test_prompts_stand_for_one_camera_and_are_cleared_for_all(pair):
    prompted = pair.mailbox(SegmentationArray, 'fastsam/rear/prompted')
    pair.prompt(point((100, 50), id='there'), camera='rear', keep=True)
    pair.prompt(point((10, 10), id='here'), camera='front', keep=True)
    stamp = pair.publish(picture(red=RIGHT), topic='rear/image')
    assert [s.prompt_id for s in prompted.at(stamp).segmentations] == ['there']
    assert sorted(pair.clear().cleared) == ['here', 'there']


def test_frames_that_wait_at_the_same_time_go_as_one_batch(pair):
    model = pair.node.model
    model.batches.clear()
    with model.held():
        first = pair.publish(picture(red=LEFT), topic='front/image')
        wait_until(lambda: model.batches == [1])
        stamps = [pair.publish(picture(red=LEFT), topic=f'{n}/image') for n in ('front', 'rear')]
        wait_until(lambda: pair.node.engine.waiting == 2)
    pair.front.at(first)
    pair.front.at(stamps[0])
    pair.rear.at(stamps[1])
    assert model.batches == [1, 2]


def test_one_cameras_bad_image_does_not_hold_up_the_other(pair):
    model = pair.node.model
    runs = len(model.batches)
    with model.held():
        pair.publish(picture(), topic='front/image')
        wait_until(lambda: len(model.batches) == runs + 1)
        bad = to_image(header((900, 1)), picture(), 'rgb8')
        bad.encoding = 'sepia'
        pair.publisher(topic='front/image').publish(bad)
        good = pair.publish(picture(red=LEFT), topic='rear/image')
        wait_until(lambda: pair.node.engine.waiting == 2)
    assert len(pair.rear.at(good).segmentations) == 1
    wait_until(lambda: pair.counters('front').failed == 1)


def test_every_frame_is_processed_or_counted_as_dropped(start):
    graph = start()
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    counters, model = graph.counters(), graph.node.model
    with model.held():
        graph.publish(picture())
        wait_until(lambda: model.batches == [1])
        for number in range(2, 12):
            last = graph.publish(picture(red=LEFT))
            wait_until(lambda n=number: counters.received == n)
    results.at(last)  # the newest frame won
    wait_until(lambda: counters.processed == 2)
    assert (counters.received, counters.dropped, counters.failed) == (11, 9, 0)
    assert len(results.messages) == 2


def heard_as(graph) -> list[ReliabilityPolicy]:
    """Return how the node's subscriptions of its images are seen on the graph."""
    return [end.qos_profile.reliability
            for end in graph.client.get_subscriptions_info_by_topic(f'{graph.namespace}/image')]


@pytest.mark.parametrize('offered, expected', [
    (BEST_EFFORT, ReliabilityPolicy.BEST_EFFORT), (RELIABLE, ReliabilityPolicy.RELIABLE)])
def test_auto_matches_the_publishers_reliability(start, offered, expected):
    graph = start(image_reliability='auto')
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    publisher = graph.publisher(qos=offered)
    wait_until(lambda: heard_as(graph) == [expected])
    wait_until(lambda: publisher.get_subscription_count() == 1)
    results.at(graph.publish(picture(red=LEFT)))


def test_one_best_effort_publisher_among_reliable_ones_is_heard(start):
    graph = start(image_reliability='auto')
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.publisher(qos=RELIABLE)
    wait_until(lambda: heard_as(graph) == [ReliabilityPolicy.RELIABLE])
    late = graph.client.create_publisher(Image, 'image', BEST_EFFORT)
    wait_until(lambda: heard_as(graph) == [ReliabilityPolicy.BEST_EFFORT])
    wait_until(lambda: late.get_subscription_count() == 1)
    late.publish(to_image(header((77, 7)), picture(red=LEFT), 'rgb8'))
    results.at((77, 7))


def test_a_qos_that_cannot_match_is_said_once_with_what_to_do(start, monkeypatch):
    graph = start(image_reliability='reliable')
    source, said = graph.node.cameras[''].subscription, []
    monkeypatch.setattr(
        type(graph.node.get_logger()), 'error', lambda self, text, **_: said.append(text))
    publishers = [
        graph.client.create_publisher(Image, topic, BEST_EFFORT) for topic in ('image', 'image')]
    wait_until(lambda: source.publishers == len(publishers))
    source._told.clear(), said.clear()  # the node looks by itself, too
    for _ in range(3):
        source.match('reliable')
    assert len(said) == 1
    assert 'no image will come from the node client' in said[0]
    assert 'image_reliability to auto or best_effort' in said[0]


def test_a_subscription_that_cannot_match_is_named_once(start, monkeypatch):
    graph = start()
    said, outputs = [], graph.node.cameras[''].publishers
    monkeypatch.setattr(
        type(graph.node.get_logger()), 'warning', lambda self, text, **_: said.append(text))
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    topic = f'{graph.namespace}/fastsam/overlay'
    graph.client.create_subscription(Image, topic, print, latched)
    wait_until(lambda: graph.node.count_subscribers(topic) == 1)
    outputs._told.clear(), said.clear()
    for _ in range(3):
        outputs.check()
    (text,) = [text for text in said if 'overlay' in text]
    assert 'the node client gets nothing' in text and 'transient local is asked for' in text


@pytest.fixture
def explain(monkeypatch):
    """Say why a node gets no image, as often as it likes; what it said."""
    def explain(graph) -> list[str]:
        source, said = graph.node.cameras[''].subscription, []
        monkeypatch.setattr(
            type(graph.node.get_logger()), 'warning', lambda self, text, **_: said.append(text))
        source._told.clear()  # on a busy machine it may have been said already
        source._since = -1e9
        for _ in range(2):
            source.explain_silence(received=0)
        return [text for text in said if 'no image has come' in text]

    return explain


def test_silence_is_explained_with_the_topics_that_there_are(start, explain):
    graph, another = start(), start()
    other = graph.client.create_publisher(Image, 'lens/image_raw', 1)
    results = f'{another.namespace}/fastsam/label_map'
    for topic in (other.topic_name, results):
        wait_until(lambda name=topic: graph.node.count_publishers(name) == 1)
    services = graph.node.get_service_names_and_types
    wait_until(lambda: f'{another.namespace}/fastsam/prompt' in dict(services()))
    text, = explain(graph)
    assert f'on {graph.namespace}/image, which has 0 publishers' in text
    assert f'{graph.namespace}/lens/image_raw' in text
    assert 'label_map' not in text and 'overlay' not in text  # of whichever FastSAM node


def test_the_silence_of_a_publisher_names_the_clock(start, explain):
    graph = start()
    graph.client.create_publisher(Image, 'image', 1)
    wait_until(lambda: graph.node.count_publishers('image') == 1)
    text, = explain(graph)
    assert 'which has 1 publishers' in text
    assert '/clock' in text and 'remap' not in text


def test_nothing_is_said_of_subscriptions_that_match(start, monkeypatch):
    graph = start()
    said, outputs = [], graph.node.cameras[''].publishers
    monkeypatch.setattr(
        type(graph.node.get_logger()), 'warning', lambda self, text, **_: said.append(text))
    for number, qos in enumerate((1, RELIABLE, BEST_EFFORT), 1):
        graph.client.create_subscription(Image, 'fastsam/overlay', print, qos)
        wait_until(lambda n=number: graph.node.count_subscribers('~/overlay') == n)
    outputs.check()
    assert [text for text in said if 'gets nothing' in text] == []
