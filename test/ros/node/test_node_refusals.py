# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The service ~/prompt: every wrong question is refused with the reason, and the node goes on."""

from builtin_interfaces.msg import Time
from graph import box, header, point
import pytest
from scripted_model import HEIGHT, picture

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image

SCENE = {'red': (10, 10, 70, 60), 'blue': (90, 50, 120, 90)}
NAN, INFINITY = float('nan'), float('inf')


@pytest.fixture(scope='module')
def robot(graph):
    segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    segmentations.at(graph.publish(picture(**SCENE)))
    return graph


@pytest.mark.parametrize('bad, words', [
    (point((NAN, 5)), ['finite', 'nan']),
    (point((INFINITY, 5)), ['finite']),
    (point((-1, 5)), ['(-1, 5)', '128x96', 'from 0 to below 128']),
    (point((5, HEIGHT)), ['(5, 96)', 'y from 0 to below 96']),
    (point((1e30, 5)), ['outside']),
    (point((5, 5), (6, 6), labels=[1]), ['2 points', '1 labels']),
    (point((5, 5), labels=[2]), ['labels must be 1']),
    (box(200, 200, 220, 220), ['box (200, 200) to (220, 220)', 'outside', '128x96']),
    (box(10, 10, 30, 10), ['width 20 and height 0']),
    (point((5, 5), selection=7), ['selection 7', 'best (0)', 'union (2)']),
    (PromptMessage(text='the yellow dog'), ["'the yellow dog'", 'text_model', 'fastsam models']),
])
def test_a_bad_prompt_is_refused_with_the_reason(robot, bad, words):
    answer = robot.prompt(bad)
    assert not answer.success
    for word in words:
        assert word in answer.message
    assert robot.prompt(point((100, 70))).result.segmentations  # and the node goes on


def test_of_several_prompts_the_bad_one_is_named(robot):
    answer = robot.prompt(point((5, 5)), point((5, 5), labels=[1, 1]))
    assert answer.message.startswith('prompt 2 of 2: ')


def test_two_prompts_of_one_id_are_refused(robot):
    answer = robot.prompt(point((5, 5), id='x'), point((9, 9), id='x'))
    assert "several prompts have the id 'x'" in answer.message


def test_an_unknown_camera_is_refused(robot):
    answer = robot.prompt(point((5, 5)), camera='attic')
    assert not answer.success
    assert "'attic'" in answer.message and 'leave camera empty' in answer.message


def test_a_stamp_that_is_not_kept_is_refused(robot):
    answer = robot.prompt(point((5, 5)), stamp=Time(sec=4242, nanosec=17))
    assert not answer.success
    assert '4242.000000017' in answer.message and 'history' in answer.message


@pytest.mark.parametrize('changes, words', [
    ({'data': b'123'}, ['data has 3']),
    ({'data': b''}, ['data has 0']),
    ({'step': 5}, ['step is 5']),
    ({'width': 0}, ['0 pixels wide']),
    ({'encoding': 'sepia'}, ["'sepia'"]),
])
def test_a_bad_image_of_ones_own_is_refused(robot, changes, words):
    own = to_image(header((1, 1)), picture(**SCENE), 'rgb8')
    for field, value in changes.items():
        setattr(own, field, value)
    answer = robot.prompt(point((5, 5)), image=own)
    assert not answer.success
    for word in words:
        assert word in answer.message
