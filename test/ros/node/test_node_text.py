# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Text prompts through the whole node, with a text model that knows colours."""

import inspect

import numpy as np
import pytest
from rclpy.parameter import Parameter
import scripted_encoder
from scripted_model import picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.parameters import BY_NAME
from fastsam_ros.text.matcher import TextMatcher

SCENE = {'red': (8, 8, 40, 40), 'yellow': (70, 10, 110, 50), 'blue': (20, 60, 60, 90)}


@pytest.fixture(scope='module')
def robot(start):
    scripted_encoder.register()
    graph = start(text_model=scripted_encoder.NAME)
    graph.segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    return graph


def text(words: str, **fields: object) -> PromptMessage:
    return PromptMessage(text=words, selection=PromptMessage.ALL, **fields)


def matches(message: SegmentationArray) -> list[tuple[str, str, int]]:
    return [(s.prompt_id, s.label, s.box.x_offset) for s in message.segmentations]


def test_each_word_finds_its_segment_and_no_other(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    for word, box in SCENE.items():
        answer = robot.prompt(text(f'the {word} thing', id='it'))
        assert answer.success, answer.message
        assert [(name, x) for name, _, x in matches(answer.result)] == [('it', box[0])]
        (segment,) = answer.result.segmentations
        assert word in segment.label
        assert 0.5 < segment.prompt_score <= 1


def test_what_is_not_there_gives_an_empty_result(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    answer = robot.prompt(text('the purple thing'))
    assert answer.success and answer.result.segmentations == []


def test_two_texts_at_once(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    answer = robot.prompt(text('red', id='r'), text('yellow', id='y'))
    assert sorted((name, x) for name, _, x in matches(answer.result)) == [('r', 8), ('y', 70)]


def test_kept_prompts_follow_a_moving_scene(robot):
    assert robot.prompt(text('red', id='r'), text('yellow', id='y'), keep=True).success
    ids = set()
    for step in range(0, 12, 3):
        moved = {name: (x0 + step, y0, x1 + step, y1)
                 for name, (x0, y0, x1, y1) in SCENE.items()}
        found = robot.prompted.at(robot.publish(picture(**moved)))
        assert sorted((name, x) for name, _, x in matches(found)) == [
            ('r', 8 + step), ('y', 70 + step)]
        ids.add(tuple(s.id for s in found.segmentations))
    assert len(ids) == 1
    assert sorted(robot.clear().cleared) == ['r', 'y']


def test_labels_are_written_on_the_overlay(robot):
    overlay = robot.mailbox(Image, 'fastsam/overlay')
    plain = picture(**SCENE)
    robot.prompt(text('yellow', id='y'), keep=True)
    drawn = overlay.at(robot.publish(plain))
    robot.clear()
    pixels = np.reshape(drawn.data, (*plain.shape[:2], 3))[..., ::-1]
    changed = (pixels != plain).any(axis=2)
    x0, y0, x1, y1 = SCENE['yellow']
    inside = np.zeros_like(changed)
    inside[y0:y1, x0:x1] = True
    assert changed[inside].mean() > 0.9
    assert not changed[60:90, 20:60].any()  # the blue one is not asked for


def test_the_threshold_changes_at_run_time(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    (result,) = robot.node.set_parameters([Parameter('text_threshold', value=1.0)])
    assert result.successful
    assert robot.node.model.matcher.threshold == 1.0
    robot.node.set_parameters([Parameter('text_threshold', value=0.5)])
    assert robot.prompt(text('red')).result.segmentations


def test_what_is_compared_with_texts_is_as_the_parameters_say(start):
    scripted_encoder.register()
    gates = {'text_min_area': 1300, 'text_overlap': 0.5, 'text_max_candidates': 2}
    graph = start(text_model=scripted_encoder.NAME, **gates)
    matcher = graph.node.model.matcher
    assert gates == {f'text_{name}': getattr(matcher, name) for name in (
        'min_area', 'overlap', 'max_candidates')}
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(graph.publish(picture(**SCENE)))
    assert graph.prompt(text('yellow')).result.segmentations  # 1600 pixels
    assert graph.prompt(text('blue')).result.segmentations == []  # 1200


def test_the_parameters_defaults_are_those_of_the_library():
    defaults = inspect.signature(TextMatcher).parameters
    for name in ('threshold', 'min_area', 'overlap', 'max_candidates'):
        assert BY_NAME[f'text_{name}'].default == defaults[name].default
