# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompts that stand: things that are followed, and places that are looked at."""

from builtin_interfaces.msg import Duration, Time
from graph import box, corners, header, point
import numpy as np
import pytest
from rclpy.parameter import Parameter
from scripted_model import picture
from standing import SCENE, keep, show

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import PromptStatus
from fastsam_ros.ros.topics.conversions import to_image


def test_a_kept_point_follows_its_thing_and_not_the_pixel(robot):
    answer = keep(robot, point((100, 70), id='it'))
    assert (answer.ids, answer.message) == (['it'], 'kept: it')
    (first,) = answer.result.segmentations
    for shift in (4, 8, 12, 16, 20, 24, 28):
        moved = (90 - shift, 50, 120 - shift, 90)
        message = show(robot, red=SCENE['red'], blue=moved)
        (segment,) = message.segmentations
        assert (segment.prompt_id, segment.id) == ('it', first.id)
        assert corners(segment) == moved
        (status,) = message.prompts
        assert (status.id, status.state) == ('it', PromptStatus.FOLLOWED)
        assert list(status.segment_ids) == [first.id]
        assert (status.seen, status.message) == (message.header.stamp, '')


def test_what_is_gone_is_searched_for_then_lost_and_nothing_is_passed_off_as_it(robot):
    keep(robot, point((100, 70), id='it'))
    seen = show(robot, **SCENE).header.stamp
    message = show(robot, red=(85, 45, 125, 95))  # another thing in its place
    assert message.segmentations == []
    (status,) = message.prompts
    assert (status.state, status.seen) == (PromptStatus.SEARCHING, seen)
    assert status.message and not status.segment_ids
    for _ in range(7):  # a second each
        message = show(robot, red=(85, 45, 125, 95))
    assert message.prompts[0].state == PromptStatus.LOST
    assert robot.standing.wait(
        lambda m: [p.state for p in m.prompts] == [PromptStatus.LOST]).prompts[0].prompts[0].points


def test_lost_after_can_change_while_it_runs(robot):
    robot.node.set_parameters([Parameter('lost_after', value=0.5)])
    keep(robot, point((100, 70), id='it'))
    for _ in range(3):
        message = show(robot, red=SCENE['red'])
    robot.node.set_parameters([Parameter('lost_after', value=5.0)])
    assert message.prompts[0].state == PromptStatus.LOST


def test_points_or_a_box_that_nothing_answers_are_refused_whole(robot):
    answer = robot.prompt(point((100, 70), id='good'), point((2, 2), id='bad'), keep=True)
    assert (answer.success, answer.error) == (False, answer.NOTHING_THERE)
    assert "'bad'" in answer.message
    assert robot.clear().cleared == []


def test_prompts_that_share_an_id_are_parts_of_one_thing(robot):
    answer = keep(robot, point((100, 70), id='pair'), box(30, 20, 50, 40, id='pair'))
    assert answer.ids == ['pair', 'pair']
    message = show(robot, **SCENE)
    assert [s.prompt_id for s in message.segmentations] == ['pair', 'pair']
    assert [corners(s) for s in message.segmentations] == [SCENE['blue'], SCENE['yellow']]
    (status,) = message.prompts
    assert list(status.segment_ids) == [s.id for s in answer.result.segmentations]
    message = show(robot, red=SCENE['red'], blue=SCENE['blue'])  # one part is enough
    assert message.prompts[0].state == PromptStatus.FOLLOWED
    assert [corners(s) for s in message.segmentations] == [SCENE['blue']]


@pytest.mark.parametrize('prompts, fields', [
    ([point((100, 70), id='a'), point((40, 30), id='a')], {}),
    ([PromptMessage(text='x', id='a'), PromptMessage(text='y', id='a')], {'keep': True}),
    ([point((100, 70))], {'fixed': True}),
    ([PromptMessage(text='x')], {'keep': True, 'fixed': True}),
    ([PromptMessage()], {'keep': True, 'fixed': True}),
    ([point((100, 70))], {'lifetime': Duration(sec=1)}),
    ([point((100, 70))], {'lifetime': Duration(sec=-1), 'keep': True}),
    ([point((100, 70), selection=PromptMessage.SIMILAR, text='x')], {}),
])
def test_what_contradicts_itself_is_refused(robot, prompts, fields):
    answer = robot.prompt(*prompts, **fields)
    assert (answer.success, answer.error) == (False, answer.BAD_PROMPT)
    assert answer.message


def test_keep_and_an_image_are_refused(robot):
    image = to_image(header((99, 1)), picture(**SCENE), 'rgb8')
    answer = robot.prompt(point((100, 70)), image=image, keep=True)
    assert answer.error == answer.BAD_PROMPT and 'image' in answer.message


@pytest.mark.parametrize('width, height', [(0, 20), (20, 0), (0, 0)])
def test_a_box_without_an_area_is_no_wish_for_everything(robot, width, height):
    prompt = box(10, 10, 10 + width, 10 + height)
    answer = robot.prompt(prompt)
    assert answer.error == answer.BAD_PROMPT
    assert f'width {width} and height {height}' in answer.message


def test_fixed_looks_at_the_same_pixels_whatever_is_there(robot):
    keep(robot, point((100, 70), id='place'), fixed=True)
    for colour in ('blue', 'red', 'yellow'):
        (segment,) = show(robot, **{colour: (90, 50, 120, 90)}).segmentations
        assert segment.prompt_id == 'place'
    message = show(robot)
    assert (message.segmentations, message.prompts[0].state) == ([], PromptStatus.SEARCHING)
    (segment,) = show(robot, **SCENE).segmentations
    assert corners(segment) == SCENE['blue']


def test_a_fixed_prompt_stands_although_nothing_answers_it(robot):
    keep(robot, point((2, 2), id='place'), fixed=True)
    assert show(robot, **SCENE).prompts[0].state == PromptStatus.SEARCHING
    (segment,) = show(robot, green=(0, 0, 20, 20)).segmentations
    assert corners(segment) == (0, 0, 20, 20)


def test_a_fixed_prompt_that_no_longer_fits_silences_no_other(robot):
    keep(robot, point((120, 90), id='corner'), point((40, 30), id='near'), fixed=True)
    small = np.ascontiguousarray(picture(**SCENE)[:64, :96])
    message = robot.prompted.at(robot.publish(small))
    states = {status.id: status for status in message.prompts}
    assert states['near'].state == PromptStatus.FOLLOWED
    assert states['corner'].state == PromptStatus.SEARCHING
    assert 'outside the 96x64 image' in states['corner'].message


def test_everything_is_asked_again_on_each_frame(robot):
    answer = keep(robot)
    message = show(robot, green=(5, 5, 30, 30), **SCENE)
    assert [s.prompt_id for s in message.segmentations] == answer.ids * 4
    areas = [s.area for s in message.segmentations]
    assert areas == sorted(areas, reverse=True)


def test_a_kept_prompt_of_the_same_id_replaces_the_first_and_segments_keep_their_ids(robot):
    first = keep(robot, point((15, 55), id='same'))
    show(robot, **SCENE)
    again = keep(robot, point((100, 70), id='same'))
    (segment,) = show(robot, **SCENE).segmentations
    assert (corners(segment), segment.id) == (SCENE['blue'], again.result.segmentations[0].id)
    assert first.result.segmentations[0].id != segment.id
    assert robot.node.cameras[''].tracker.names and len(robot.node.cameras[''].tracker.names) == 1


def test_a_prompt_about_an_old_frame_is_followed_to_now(robot):
    stamps = []
    for shift in (0, 4, 8, 12):
        stamps.append(robot.publish(picture(blue=(90 - shift, 50, 120 - shift, 90))))
        robot.segmentations.at(stamps[-1])
    sec, nanosec = stamps[0]
    answer = keep(robot, point((118, 70), id='it'), stamp=Time(sec=sec, nanosec=nanosec))
    assert corners(answer.result.segmentations[0]) == (90, 50, 120, 90)
    (segment,) = show(robot, blue=(74, 50, 104, 90)).segmentations
    assert corners(segment) == (74, 50, 104, 90)


def test_similar_things_are_asked_for_again_with_the_looks_that_were_pointed_at(robot):
    answer = keep(robot, point((100, 70), id='alike', selection=PromptMessage.SIMILAR))
    assert [s.prompt_score for s in answer.result.segmentations][0] == 1
    message = show(robot, blue=(5, 5, 30, 30))  # nothing is where it was
    assert [corners(s) for s in message.segmentations] == [(5, 5, 30, 30)]
    assert message.prompts[0].state == PromptStatus.FOLLOWED
    assert show(robot).prompts[0].state == PromptStatus.SEARCHING
