# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Requests as they are read: what they mean, and what is said of contradictions."""

from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point
from graph import box, point
import pytest
from sensor_msgs.msg import Image

from fastsam_ros.core import Prompt as CorePrompt
from fastsam_ros.core import PromptError, Selection
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.ros.prompting.requests import (
    PromptNames,
    lifetime_of,
    may_be_fixed,
    read_prompts,
    read_request,
)
from fastsam_ros.srv import Prompt


def test_a_prompt_is_what_its_message_says():
    message = PromptMessage(
        id='it', points=[Point(x=3.5, y=4.0), Point(x=1.0, y=2.0)], labels=[1, 0], text=' cup ',
        selection=PromptMessage.ALL, box=box(10, 20, 40, 60).box)
    (prompt,) = read_prompts([message])
    assert prompt.points.tolist() == [[3.5, 4], [1, 2]] and prompt.labels.tolist() == [True, False]
    assert prompt.box.tolist() == [10, 20, 40, 60]
    assert (prompt.text, prompt.selection, prompt.id) == ('cup', Selection.ALL, 'it')


def test_a_box_may_begin_at_the_corner_and_four_zeros_are_none():
    corner, none = read_prompts([box(0, 0, 5, 6), point((1, 2))])
    assert corner.box.tolist() == [0, 0, 5, 6] and none.box is None


def test_nothing_at_all_asks_for_everything():
    (prompt,) = read_request(Prompt.Request())
    assert (prompt.selection, prompt.names_pixels, prompt.text) == (Selection.ALL, False, '')


@pytest.mark.parametrize('prompts, words', [
    ([point((1, 2), labels=[2])], '^labels must be'),
    ([point((1, 2)), point((1, 2), labels=[2])], '^prompt 2 of 2: labels must be')])
def test_of_several_prompts_the_wrong_one_is_named(prompts, words):
    with pytest.raises(PromptError, match=words):
        read_prompts(prompts)


@pytest.mark.parametrize('fields, words', [
    ({'keep': True, 'lifetime': Duration(sec=-2, nanosec=500_000_000)}, '-1.5 s came'),
    ({'lifetime': Duration(nanosec=1)}, 'set keep too'),
    ({'fixed': True}, 'set keep too'),
    ({'keep': True, 'image': Image(width=1)}, 'an image came with the request'),
    ({'keep': True, 'image': Image(height=1)}, 'an image came with the request'),
    ({'keep': True, 'image': Image(data=[1])}, 'an image came with the request'),
])
def test_what_contradicts_itself_is_named(fields, words):
    with pytest.raises(PromptError, match=words):
        read_request(Prompt.Request(prompts=[point((1, 2))], **fields))


@pytest.mark.parametrize('prompts, keep, allowed', [
    ([point((1, 2), id='a'), box(1, 2, 3, 4, id='a')], True, True),  # parts of one thing
    ([point((1, 2), id='a'), box(1, 2, 3, 4, id='a')], False, False),
    ([point((1, 2), id='a'), PromptMessage(text='cup', id='a')], True, False),
    ([point((1, 2), id='a'), point((1, 2), id='b')], False, True),
    ([point((1, 2)), point((1, 2))], False, True),
])
def test_an_id_is_shared_by_the_parts_of_one_thing_alone(prompts, keep, allowed):
    request = Prompt.Request(prompts=prompts, keep=keep)
    if allowed:
        assert len(read_request(request)) == 2
        return
    with pytest.raises(PromptError, match="have the id 'a'"):
        read_request(request)


@pytest.mark.parametrize('prompt, allowed', [
    ({'points': [(1, 2)]}, True), ({'box': (1, 2, 3, 4), 'selection': 'union'}, True),
    ({'points': [(1, 2)], 'text': 'cup'}, False), ({'text': 'cup'}, False), ({}, False),
    ({'points': [(1, 2)], 'selection': 'similar'}, False)])
def test_the_same_pixels_can_be_asked_about_where_pixels_are_named(prompt, allowed):
    assert may_be_fixed(CorePrompt(**prompt)) == allowed


def test_a_lifetime_is_in_nanoseconds():
    lifetime = Duration(sec=2, nanosec=7)
    assert lifetime_of(Prompt.Request(lifetime=lifetime)) == 2_000_000_007


def test_names_are_given_to_those_without_and_none_twice():
    names, given = PromptNames(), []
    for prompts, taken in (
            ([CorePrompt(), CorePrompt(id='prompt-2')], ()),
            ([CorePrompt(), CorePrompt()], ('prompt-2', 'prompt-4'))):
        given += [prompt.id for prompt in names.give(prompts, taken)]
    assert given == ['prompt-1', 'prompt-2', 'prompt-3', 'prompt-5']
