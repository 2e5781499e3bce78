# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts asked of the whole node, with a text model that knows colours."""

from dataclasses import dataclass

from graph import decode, point
import numpy as np
import pytest
import scripted_encoder
from scripted_model import HEIGHT, WIDTH, picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt, SegmentationArray

RED, YELLOW, BLUE = (5, 5, 35, 45), (60, 10, 110, 40), (20, 60, 70, 90)


@dataclass
class Found:
    """One segment of an answer."""

    label: str
    box: tuple[int, int, int, int]
    fit: float


def read(array):
    return [
        Found(s.label, (s.box.x_offset, s.box.y_offset, s.box.x_offset + s.box.width,
                        s.box.y_offset + s.box.height), s.prompt_score)
        for s in array.segmentations
    ]


@pytest.fixture(scope='module')
def graph(start):
    scripted_encoder.register()
    return start(text_model='scripted')


@pytest.fixture
def shown(graph):
    """Publish a picture with all three colours; wait until it was processed."""
    segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    stamp = graph.publish(picture(red=RED, yellow=YELLOW, blue=BLUE))
    segmentations.at(stamp)
    return stamp


def ask(graph, text, selection=Prompt.ALL, **fields):
    response = graph.prompt(Prompt(text=text, selection=selection, id=text), **fields)
    assert response.success, response.message
    return response


@pytest.mark.parametrize(('text', 'box'), [('red', RED), ('the yellow thing', YELLOW),
                                           ('  a   blue box ', BLUE)])
def test_a_colour_is_found(text, box, graph, shown):
    found = read(ask(graph, text).result)
    assert [(f.label, f.box) for f in found] == [(' '.join(text.split()), box)]


def test_the_mask_is_the_segments(graph, shown):
    response = ask(graph, 'blue', Prompt.BEST)
    [segment] = response.result.segmentations
    x0, y0, x1, y1 = BLUE
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[y0:y1, x0:x1] = True
    np.testing.assert_array_equal(decode(segment, HEIGHT, WIDTH), expected)
    assert segment.prompt_id == 'blue'
    assert 0.9 < segment.prompt_score <= 1


@pytest.mark.parametrize('text', ['green', 'not there'])
@pytest.mark.parametrize('selection', [Prompt.BEST, Prompt.ALL, Prompt.UNION])
def test_what_is_not_there_is_an_empty_success(text, selection, graph, shown):
    assert ask(graph, text, selection).result.segmentations == []


def test_an_empty_picture_is_an_empty_success(graph, shown):
    image = Image()
    blank = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    image.height, image.width, image.encoding, image.step = HEIGHT, WIDTH, 'rgb8', 3 * WIDTH
    image.data = blank.tobytes()
    assert ask(graph, 'red', image=image).result.segmentations == []


def test_two_texts_at_once_label_each_segment(graph, shown):
    found = read(ask(graph, 'yellow, red').result)
    assert {(f.label, f.box) for f in found} == {('red', RED), ('yellow', YELLOW)}


def test_two_prompts_at_once_are_told_apart(graph, shown):
    response = graph.prompt(
        Prompt(text='red', id='a'), Prompt(text='yellow', id='b'), Prompt(text='green', id='c'))
    assert response.success
    segments = response.result.segmentations
    assert {(s.prompt_id, s.label) for s in segments} == {('a', 'red'), ('b', 'yellow')}


def test_a_negative_takes_away(graph, shown):
    assert {f.box for f in read(ask(graph, 'red yellow').result)} == {RED, YELLOW}
    assert {f.box for f in read(ask(graph, 'red yellow -red').result)} == {YELLOW}


def test_a_union_is_one_mask_with_all_labels(graph, shown):
    [segment] = ask(graph, 'yellow, red', Prompt.UNION).result.segmentations
    assert set(segment.label.split(', ')) == {'red', 'yellow'}
    assert segment.area == 30 * 40 + 50 * 30


def test_text_and_point_must_both_hold(graph, shown):
    response = graph.prompt(point((20, 20), text='red'), point((20, 20), text='blue'))
    assert [s.label for s in response.result.segmentations] == ['red']


def test_asking_for_nothing_is_refused(graph, shown):
    response = graph.prompt(Prompt(text='-red'))
    assert not response.success
    assert 'asks for nothing' in response.message


def test_a_kept_prompt_follows_a_moving_segment(graph, shown):
    prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    ask(graph, 'red', keep=True)
    try:
        for step in range(12):
            x0 = 5 + 4 * step
            box = (x0, 5, x0 + 30, 45)
            stamp = graph.publish(picture(red=box, blue=BLUE))
            assert [(f.label, f.box) for f in read(prompted.at(stamp))] == [('red', box)]
        stamp = graph.publish(picture(yellow=box, blue=BLUE))  # another thing in its place
        assert read(prompted.at(stamp)) == []
        found = []
        while not found:  # its words are asked again as often as it can be
            found = read(prompted.at(graph.publish(picture(red=box))))
        assert [f.box for f in found] == [box]
    finally:
        graph.clear('red')


def test_segments_that_stay_are_not_looked_at_again(graph, shown):
    encoder = graph.node.model.matcher.encoder
    prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    ask(graph, 'yellow', keep=True)
    try:
        before = sum(encoder.batches)
        for _ in range(5):
            stamp = graph.publish(picture(red=RED, yellow=YELLOW, blue=BLUE))
            assert [f.box for f in read(prompted.at(stamp))] == [YELLOW]
        assert sum(encoder.batches) == before
    finally:
        graph.clear('yellow')


def test_labels_are_written_on_the_overlay(graph, shown):
    overlay = graph.mailbox(Image, 'fastsam/overlay')
    pixels = picture(red=RED, yellow=YELLOW, blue=BLUE)

    def painted():
        message = overlay.at(graph.publish(pixels))
        return np.array(message.data, np.uint8).reshape(HEIGHT, WIDTH, 3)

    try:
        graph.prompt(point((20, 20), id='it'), keep=True)
        plain = painted()
        graph.prompt(point((20, 20), id='it', text='red'), keep=True)
        assert (painted() != plain).any()  # the same segment, and now its label
    finally:
        graph.clear('it')


def test_the_threshold_can_be_changed_while_running(graph, shown):
    from rclpy.parameter import Parameter

    try:
        [done] = graph.node.set_parameters([Parameter('text_threshold', value=1.0)])
        assert done.successful
        assert ask(graph, 'red').result.segmentations == []
        [done] = graph.node.set_parameters([Parameter('text_threshold', value=2.0)])
        assert not done.successful
    finally:
        graph.node.set_parameters([Parameter('text_threshold', value=0.5)])
    assert len(ask(graph, 'red').result.segmentations) == 1


def test_without_a_text_model_the_node_says_how_to_get_one(start):
    graph = start()
    segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    segmentations.at(graph.publish(picture(red=RED)))
    response = graph.prompt(Prompt(text='red'))
    assert not response.success
    assert 'fastsam models get' in response.message
    assert graph.prompt(point((20, 20))).success


def test_a_text_model_that_is_not_there_stops_the_start(start):
    graph = start(text_model='nothing/of/the/kind', autostart=False)
    graph.node.trigger_configure()
    assert graph.node.state == 'unconfigured'
    assert 'nothing/of/the/kind' in graph.node.error
