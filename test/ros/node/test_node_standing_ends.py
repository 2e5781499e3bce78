# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is told of prompts that stand, to whom, and what ends them."""

from builtin_interfaces.msg import Duration, Time
from graph import change, point, wait_until
from lifecycle_msgs.msg import Transition
import numpy as np
from scripted_model import HEIGHT, WIDTH, picture
from sensor_msgs.msg import Image
from standing import LATCHED, SCENE, keep, show

from fastsam_ros.msg import PromptStatus, PromptStatusArray, SegmentationArray
from fastsam_ros.srv import ClearPrompts


def test_ids_that_are_given_are_taken_by_no_other(robot):
    names = keep(robot, point((100, 70)), point((40, 30))).ids
    number = int(names[1].removeprefix('prompt-'))
    asked = keep(robot, point((100, 70), id=f'prompt-{number + 1}'), point((100, 70))).ids
    assert asked == [f'prompt-{number + 1}', f'prompt-{number + 2}']
    assert len(robot.clear().cleared) == 4


def test_a_lifetime_counts_by_the_images_stamps(robot):
    keep(robot, point((100, 70), id='short'), lifetime=Duration(sec=2, nanosec=500_000_000))
    keep(robot, point((40, 30), id='long'))
    for expected in (['short', 'long'], ['short', 'long'], ['long']):  # a second each
        assert [status.id for status in show(robot, **SCENE).prompts] == expected
    robot.standing.wait(lambda m: [p.id for p in m.prompts] == ['long'])


def test_one_prompt_too_many_is_refused_and_a_thousand_are_answered(robot):
    rng = np.random.default_rng(1)
    asked = [point(place, id=f'p{number}') for number, place in enumerate(
        rng.uniform((90, 50), (120, 90), (1000, 2)).tolist())]
    keep(robot, *asked, fixed=True)
    answer = robot.prompt(point((100, 70), id='more'), keep=True)
    assert answer.error == answer.TOO_MANY
    message = show(robot, **SCENE)
    assert len(message.prompts) == len(message.segmentations) == 1000
    assert len({segment.id for segment in message.segmentations}) == 1
    assert len(robot.clear().cleared) == 1000


def test_the_mask_is_of_the_standing_prompts_and_ends_with_zeros(robot):
    mask = robot.mailbox(Image, 'fastsam/mask')
    keep(robot, point((100, 70), id='it'))
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[50:90, 90:120] = 255
    message = mask.at(robot.publish(picture(**SCENE)))
    np.testing.assert_array_equal(np.reshape(message.data, (HEIGHT, WIDTH)), expected)
    gone = mask.at(robot.publish(picture(red=SCENE['red'])))
    assert not any(gone.data)
    robot.clear()
    cleared = mask.at(robot.publish(picture(**SCENE)))
    assert not any(cleared.data)
    count = len(mask.messages)
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    keep(robot, point((100, 70), id='it'))
    mask.at(robot.publish(picture(**SCENE)))
    assert len(mask.messages) == count + 1


def test_prompted_is_silent_while_nothing_stands(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    keep(robot, point((100, 70), id='it'))
    show(robot, **SCENE)
    assert len(robot.prompted.messages) == 1


def test_who_is_asked_for_is_told_to_who_comes_late(robot):
    keep(robot, point((100, 70), id='it'), point((40, 30), id='that'))
    late = robot.mailbox(PromptStatusArray, 'fastsam/standing_prompts', LATCHED)
    message = late.wait(lambda m: [p.id for p in m.prompts] == ['it', 'that'])
    assert message.prompts[0].prompts[0].points[0].x == 100
    assert (message.header.frame_id, message.prompts[0].camera) == ('', '')
    robot.clear()
    late.wait(lambda m: m.prompts == [])


def test_clearing_what_does_not_stand_says_what_does(robot):
    keep(robot, point((100, 70), id='stands'), point((40, 30), id='stays'))
    answer = robot.clear('stands', 'never was')
    assert (answer.success, answer.cleared) == (False, ['stands'])
    assert answer.error == answer.NO_SUCH_PROMPT
    assert "'never was'" in answer.message and "'stays'" in answer.message


def test_a_stamp_that_goes_back_a_little_is_late(robot):
    keep(robot, point((100, 70), id='it'))
    late, stamp = robot.counters().late, robot.publish(picture(**SCENE))
    robot.prompted.at(stamp)
    robot.publish(picture(**SCENE), stamp=(stamp[0] - 1, 500_000_000))
    wait_until(lambda: robot.counters().late == late + 1)
    assert show(robot, **SCENE).prompts[0].state == PromptStatus.FOLLOWED


def test_stamps_that_begin_anew_let_things_be_found_by_their_looks(start):
    graph = start()
    prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    results.at(graph.publish(picture(**SCENE), stamp=(500, 0)))
    (kept,) = keep(graph, point((100, 70), id='it')).result.segmentations
    prompted.at(graph.publish(picture(**SCENE), stamp=(501, 0)))
    message = prompted.at(graph.publish(picture(red=SCENE['red']), stamp=(100, 0)))
    assert message.prompts[0].state == PromptStatus.SEARCHING
    message = prompted.at(graph.publish(picture(**SCENE), stamp=(101, 0)))
    assert [s.id for s in message.segmentations] == [kept.id]
    assert graph.counters().restarts == 1
    answer = graph.prompt(point((100, 70)), stamp=Time(sec=500))
    assert answer.error == answer.NO_FRAME


def test_standing_prompts_outlast_a_pause_and_end_with_cleanup(start):
    graph = start()
    standing = graph.mailbox(PromptStatusArray, 'fastsam/standing_prompts', LATCHED)
    prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(graph.publish(picture(**SCENE)))
    keep(graph, point((100, 70), id='it'), point((40, 30), id='that'))
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    standing.wait(lambda m: [p.state for p in m.prompts] == [PromptStatus.SEARCHING] * 2)
    assert graph.clear('that').cleared == ['that']
    refused = graph.prompt(point((5, 5)), keep=True)
    assert refused.error == refused.NOT_READY
    assert change(graph, Transition.TRANSITION_ACTIVATE)
    graph.publishers.clear()
    message = prompted.at(graph.publish(picture(**SCENE)))
    assert [s.prompt_id for s in message.segmentations] == ['it']
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert change(graph, Transition.TRANSITION_CLEANUP)
    standing.wait(lambda m: m.prompts == [])
    assert graph.clear().success


def test_prompts_of_one_camera_are_cleared_alone(start):
    graph = start(cameras=['front', 'rear'])
    for name in ('front', 'rear'):
        results = graph.mailbox(SegmentationArray, f'fastsam/{name}/segmentations')
        results.at(graph.publish(picture(**SCENE), topic=f'{name}/image'))
        keep(graph, point((100, 70), id='it'), camera=name)
    board = graph.mailbox(PromptStatusArray, 'fastsam/standing_prompts', LATCHED)
    board.wait(lambda m: [p.camera for p in m.prompts] == ['front', 'rear'])
    assert graph.clear(camera='rear').cleared == ['it']
    answer = graph.clear(camera='attic')
    assert answer.error == ClearPrompts.Response.NO_CAMERA
    assert graph.clear().cleared == ['it']
