# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A browser's prompt is checked before the node sees it."""

import math

import pytest

from fastsam_ros.core import PromptError, Selection
from fastsam_ros.web.session.questions import Question


def parse(stamp=None, **prompt):
    return Question.parse({'camera': 'front', 'stamp': stamp, 'prompt': prompt})


def test_a_whole_question():
    question = Question.parse({
        'camera': 'front', 'stamp': [12, 34], 'keep': True, 'prompt': {
            'points': [[3, 4], [5, 6]], 'labels': [1, 0], 'box': None, 'text': ' a dog ',
            'selection': 'union', 'id': 'mine'}})
    assert (question.camera, question.stamp, question.keep) == ('front', (12, 34), True)
    prompt = question.prompt
    assert prompt.points.tolist() == [[3, 4], [5, 6]]
    assert prompt.labels.tolist() == [True, False]
    assert (prompt.text, prompt.selection, prompt.id) == ('a dog', Selection.UNION, 'mine')


@pytest.mark.parametrize('prompt, kind', [
    ({'points': [[1, 2]]}, 'point'),
    ({'box': [1, 2, 3, 4]}, 'box'),
    ({'text': 'cup', 'points': [[1, 2]]}, 'text'),
    ({}, 'everything'),
])
def test_a_prompt_without_a_name_gets_one_that_says_what_it_is(prompt, kind):
    first, second = parse(**prompt).prompt.id, parse(**prompt).prompt.id
    assert first.startswith(f'{kind}-')
    assert first != second


def test_without_a_stamp_the_newest_frame_is_meant():
    assert parse().stamp == (0, 0)


@pytest.mark.parametrize('prompt, words', [
    ({'points': 'here'}, 'points must be a list'),
    ({'points': [[1, 2]] * 1001}, 'at most 1000'),
    ({'points': [[math.nan, 2]]}, 'finite'),
    ({'points': [[1, 2]], 'labels': [1, 0]}, 'one label a point'),
    ({'points': [[1, 2, 3]]}, 'pairs of x, y'),
    ({'box': [5, 5, 1, 1]}, 'empty'),
    ({'box': [-5, -5, -1, -1]}, 'outside'),
    ({'box': [2**40, 1, 2**41, 5]}, 'outside'),
    ({'text': 'x' * 501}, 'at most 500'),
    ({'text': 5}, 'text must be'),
    ({'id': {}}, 'id must be'),
    ({'selection': 'some'}, 'unknown selection'),
])
def test_what_is_no_prompt_is_refused_in_words(prompt, words):
    with pytest.raises(PromptError, match=words):
        parse(**prompt)


def test_a_box_that_ends_far_outside_fits_a_message():
    box = parse(box=[-(2**40), 1, 2**40, 5]).prompt.box.clip(0)
    assert box[:2].tolist() == [0, 1] and box.max() < 2**32 and box[3] == 5


@pytest.mark.parametrize(
    'stamp', ['now', [1], [1, -1], [1, 10**9], [1.5, 2], [True, 2], [2**31, 0]])
def test_what_is_no_stamp_is_refused(stamp):
    with pytest.raises(PromptError, match='seconds, nanoseconds'):
        parse(stamp)


@pytest.mark.parametrize('message', [{}, {'prompt': 'cup'}, {'prompt': {}, 'camera': 7}])
def test_what_is_no_question_is_refused(message):
    with pytest.raises(PromptError):
        Question.parse(message)


def test_a_question_in_words_for_the_list():
    assert parse(box=[1, 2, 30, 40], id='b').describe() == {
        'id': 'b', 'camera': 'front', 'text': '', 'points': [], 'labels': [],
        'box': [1, 2, 30, 40], 'selection': 'best', 'fixed': False}


def test_parts_of_one_thing_are_asked_for_by_one_id():
    question = Question.parse({
        'prompt': {'points': [[3, 4]], 'id': 'bike'}, 'parts': [[1, 2, 30, 40], [5, 5, 9, 9]],
        'keep': True, 'fixed': True})
    assert [prompt.id for prompt in question.prompts] == ['bike'] * 3
    assert [prompt.box is None for prompt in question.prompts] == [False, False, True]
    assert question.fixed and question.describe()['fixed']


@pytest.mark.parametrize('parts', ['here', [[1, 2]], [[1, 2, 3, 4]] * 101, [[-5, -5, -1, -1]]])
def test_what_are_no_parts_is_refused(parts):
    with pytest.raises(PromptError):
        Question.parse({'prompt': {'points': [[3, 4]]}, 'parts': parts})
