# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which prompts stand, as far as a client can know."""

import pytest

from fastsam_ros.web.session.kept import FORGOTTEN, FRAMES, LATE, Kept
from fastsam_ros.web.session.questions import Question


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def kept(clock):
    return Kept(lambda: clock[0])


def question(name):
    return Question.parse({'camera': '', 'prompt': {'text': 'cup', 'id': name}})


def names(kept):
    return [entry['id'] for entry in kept.entries()]


def test_own_prompts_stay_until_they_are_removed(kept, clock):
    kept.add(question('a'))
    kept.add(question('b'))
    clock[0] = 1000.0
    assert names(kept) == ['a', 'b']
    kept.remove(['a', 'unknown'])
    assert names(kept) == ['b']
    kept.clear()
    assert names(kept) == []


def test_an_id_on_frame_after_frame_is_someone_elses_prompt(kept):
    for n in range(FRAMES):
        assert names(kept) == []
        kept.seen('', (n, 0), ['theirs'])
    assert kept.entries() == [{'id': 'theirs', 'camera': '', 'foreign': True}]


def test_one_frame_asked_about_often_is_no_standing_prompt(kept):
    for _ in range(10):
        kept.seen('', (7, 0), ['once'])
    assert names(kept) == []


def test_someone_elses_prompt_that_matches_no_more_is_forgotten(kept, clock):
    for n in range(FRAMES):
        kept.seen('', (n, 0), ['theirs'])
    clock[0] = FORGOTTEN + 1
    assert names(kept) == []


def test_an_own_prompt_is_not_listed_twice(kept):
    for n in range(FRAMES):
        kept.seen('', (n, 0), ['a'])
    kept.add(question('a'))
    kept.seen('', (99, 0), ['a'])
    assert names(kept) == ['a']


def test_frames_that_were_under_way_do_not_bring_a_removed_prompt_back(kept, clock):
    kept.add(question('a'))
    kept.remove(['a'])
    for n in range(FRAMES):
        kept.seen('', (n, 0), ['a'])
    assert names(kept) == []
    clock[0] = LATE + 1  # still answered: someone else has kept it under that id
    for n in range(FRAMES):
        kept.seen('', (n, 0), ['a'])
    assert names(kept) == ['a']
