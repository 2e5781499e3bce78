# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""~/teach on a real graph: words that are learned, asked for, kept and forgotten."""

from graph import box, point, wait_until
import pytest
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.parameter import Parameter
from scripted_model import HEIGHT, WIDTH, picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt, PromptStatus, SegmentationArray
from fastsam_ros.ros.diagnostics import model_status
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.srv import Teach

RED, BLUE, GREEN = (5, 5, 35, 45), (20, 60, 70, 90), (80, 10, 120, 50)
RESPONSE = Teach.Response


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return tmp_path_factory.mktemp('words') / 'words.zip'


@pytest.fixture(scope='module')
def robot(start, path):
    graph = start(words=str(path))
    graph.segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    return graph


@pytest.fixture
def shown(robot, path):
    """Three boxes on the newest frame, and no word known."""
    path.unlink(missing_ok=True)
    stamp = robot.publish(picture(red=RED, blue=BLUE, green=GREEN))
    robot.segmentations.at(stamp)
    return stamp


def teach(graph, word, *prompts, **fields):
    request = Teach.Request(word=word, prompts=list(prompts), **fields)
    return graph.call(Teach, 'fastsam/teach', request)


def ask(graph, text, **fields):
    response = graph.prompt(Prompt(text=text, selection=Prompt.ALL, id=text), **fields)
    assert response.success, response.message
    return [(s.label, s.box.x_offset) for s in response.result.segmentations]


def names(graph):
    request = GetParameters.Request(names=['names'])
    answer = graph.call(GetParameters, 'fastsam/get_parameters', request)
    return list(answer.values[0].string_array_value)


def test_a_word_is_understood_from_then_on(robot, shown):
    answer = teach(robot, 'my mug', point((20, 20)))
    assert answer.success and answer.error == RESPONSE.NONE, answer.message
    assert answer.examples == 1
    assert ask(robot, 'my mug') == [('my mug', RED[0])]
    moved = (90, 60, 120, 90)
    robot.segmentations.at(robot.publish(picture(red=moved, green=(10, 10, 50, 50))))
    assert ask(robot, 'the my mug') == [('the my mug', moved[0])]
    robot.segmentations.at(robot.publish(picture(green=(10, 10, 50, 50))))
    assert ask(robot, 'my mug') == []


def test_segments_are_called_by_it(robot, shown):
    assert teach(robot, 'bin', point((40, 70))).success
    found = robot.segmentations.at(robot.publish(picture(red=RED, blue=BLUE)))
    assert {s.box.x_offset: s.label for s in found.segmentations} == {
        RED[0]: '', BLUE[0]: 'bin'}
    assert {s.box.x_offset: s.label_score > 0.9 for s in found.segmentations} == {
        RED[0]: False, BLUE[0]: True}


def test_each_prompt_and_each_request_adds_examples(robot, shown):
    assert teach(robot, 'thing', point((20, 20)), box(*BLUE)).examples == 2
    assert teach(robot, 'thing', point((20, 20))).examples == 2  # sent twice
    assert teach(robot, 'thing', point((100, 30)), counter=True).examples == 3
    assert sorted(x for _, x in ask(robot, 'thing')) == [RED[0], BLUE[0]]


def test_a_frame_is_named_by_its_stamp_and_a_picture_may_come_along(robot, shown):
    robot.segmentations.at(robot.publish(picture(green=(10, 10, 50, 50))))
    request = {'stamp': robot.segmentations.at(shown).header.stamp}
    assert teach(robot, 'first', point((20, 20)), **request).success
    sent = to_image(robot.segmentations.at(shown).header, picture(yellow=(60, 20, 90, 80)), 'rgb8')
    assert teach(robot, 'sent', point((70, 40)), image=sent).success
    robot.segmentations.at(robot.publish(picture(red=RED, yellow=(60, 60, 110, 90))))
    assert ask(robot, 'first, sent') == [('first', RED[0]), ('sent', 60)]


def test_a_kept_word_follows_and_finds_again(robot, shown):
    assert teach(robot, 'my mug', point((20, 20))).success
    assert robot.prompt(Prompt(text='my mug', id='mug'), keep=True).success
    ids = set()
    for place in (RED, (9, 9, 39, 49), (13, 13, 43, 53)):
        found = robot.prompted.at(robot.publish(picture(red=place, green=GREEN)))
        ids |= {s.id for s in found.segmentations}
        assert [s.box.x_offset for s in found.segmentations] == [place[0]]
    assert len(ids) == 1
    gone = robot.prompted.at(robot.publish(picture(green=GREEN)))
    assert [status.state for status in gone.prompts] == [PromptStatus.SEARCHING]
    stamps = []

    def is_back():
        stamps.append(robot.publish(picture(red=(70, 50, 100, 90), green=GREEN)))
        return robot.prompted.at(stamps[-1]).segmentations

    wait_until(is_back)
    assert robot.prompted.at(stamps[-1]).segmentations[0].label == 'my mug'
    robot.clear('mug')


def test_forgetting(robot, shown):
    assert teach(robot, 'my mug', point((20, 20))).success
    assert names(robot) == ['my mug']
    answer = teach(robot, 'My Mug', forget=True)
    assert answer.success and answer.examples == 0 and names(robot) == []
    again = teach(robot, 'my mug', forget=True)
    assert not again.success and again.error == RESPONSE.UNKNOWN_WORD
    assert 'was not taught' in again.message


def test_the_names_are_the_nodes_to_set(robot, shown):
    assert teach(robot, 'my mug', point((20, 20))).success
    value = Parameter('names', value=['mine']).to_parameter_msg()
    request = SetParameters.Request(parameters=[value])
    (result,) = robot.call(SetParameters, 'fastsam/set_parameters', request).results
    assert not result.successful and 'teach' in result.reason
    assert names(robot) == ['my mug']


@pytest.mark.parametrize(('word', 'prompts', 'fields', 'error', 'says'), [
    ('mug', [point((60, 5))], {}, RESPONSE.NOTHING_THERE, 'nothing was learned'),
    ('mug', [point((20, 20)), point((60, 5))], {}, RESPONSE.NOTHING_THERE, 'prompt 2 of 2'),
    ('mug', [], {}, RESPONSE.BAD_PROMPT, 'none came'),
    ('mug', [point((WIDTH, HEIGHT))], {}, RESPONSE.BAD_PROMPT, 'outside'),
    ('a, b', [point((20, 20))], {}, RESPONSE.BAD_PROMPT, 'not one word'),
    ('', [point((20, 20))], {}, RESPONSE.BAD_PROMPT, 'asks for nothing'),
    ('mug', [point((20, 20))], {'forget': True}, RESPONSE.BAD_PROMPT, 'leave prompts empty'),
    ('mug', [], {'forget': True, 'counter': True}, RESPONSE.BAD_PROMPT, 'leave prompts empty'),
    ('mug', [point((20, 20))], {'camera': 'rear'}, RESPONSE.NO_CAMERA, 'no camera'),
    ('mug', [point((20, 20))], {'image': Image(width=3, height=3, encoding='odd', data=b'123')},
     RESPONSE.BAD_IMAGE, 'odd'),
    ('mug', [Prompt(text='cup')], {}, RESPONSE.NO_TEXT_MODEL, 'fastsam models get'),
])
def test_what_cannot_be_learned_is_refused_in_words(
        robot, shown, path, word, prompts, fields, error, says):
    answer = teach(robot, word, *prompts, **fields)
    assert (answer.success, answer.error) == (False, error), answer.message
    assert says in answer.message
    assert not path.exists()


def test_a_broken_file_is_refused_and_left_alone(robot, shown, path):
    path.write_bytes(b'PK and nothing else')
    answer = teach(robot, 'my mug', point((20, 20)))
    assert not answer.success and answer.error == RESPONSE.FAILED
    assert 'cannot be read as taught words' in answer.message
    assert path.read_bytes() == b'PK and nothing else'
    assert robot.prompt(point((20, 20))).success
    assert 'cannot be read' in told(robot)
    path.unlink()
    assert told(robot) == '0'


def told(graph):
    """What diagnostics say of taught words."""
    status = model_status('/fastsam', 'active', graph.node.model, '')
    return {pair.key: pair.value for pair in status.values}['taught words']


def test_who_is_inactive_learns_nothing(start, path):
    graph = start(words=str(path), autostart=False)
    answer = teach(graph, 'my mug', point((20, 20)))
    assert not answer.success and answer.error == RESPONSE.NOT_READY


def test_words_are_there_after_a_restart(start, path, robot, shown):
    assert teach(robot, 'my mug', point((20, 20))).success
    again = start(words=str(path))
    assert names(again) == ['my mug']
    found = again.mailbox(SegmentationArray, 'fastsam/segmentations').at(
        again.publish(picture(red=RED)))
    assert [s.label for s in found.segmentations] == ['my mug']


def test_without_words_nothing_is_taught(start):
    graph = start()  # the scripted network has none
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(
        graph.publish(picture(red=RED)))
    answer = teach(graph, 'my mug', point((20, 20)))
    assert not answer.success and 'switched off' in answer.message
