# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts and labels of taught words, names and a text model together."""

from dataclasses import replace

from made_scene import made_scene
from made_words import BOXES, GREEN
import numpy as np
import pytest
from scripted_encoder import ScriptedEncoder

from fastsam_ros.core.errors import TextError, UnknownWordError, WordsError
from fastsam_ros.text.matcher import TextMatcher
from fastsam_ros.text.name_matcher import NameMatcher
from fastsam_ros.text.names import Names
from fastsam_ros.text.words.example import examples_of
from fastsam_ros.text.words.matcher import WordMatcher

NAMES = Names({'cup': ['beaker'], 'plate': []})
SAID = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.8]], np.float32)  # no name, a cup, a plate


@pytest.fixture
def ask(words, scene):
    """Answer a text about the scene, with names; a red box was taught as 'my mug'."""
    words.teach('my mug', examples_of(scene.prompt(points=[(50, 50)]), words.network))
    named = replace(scene, name_scores=SAID, names=NAMES.names)

    def ask(text, other=None, about=named, **fields):
        matcher = WordMatcher(words, other or NameMatcher(NAMES))
        asked = replace(about, matcher=matcher, labeller=matcher)
        return asked.prompt(text=text, selection='all', **fields)

    return ask


def found(answer):
    return dict(zip(answer.indices.tolist(), answer.labels))


@pytest.mark.parametrize(('text', 'expected'), [
    ('my mug', {0: 'my mug'}),
    ('The my mugs', {0: 'The my mugs'}),
    ('cup', {1: 'cup'}),
    ('my mug, cup', {0: 'my mug', 1: 'cup'}),
    ('cups; plate\nmy mug', {0: 'my mug', 1: 'cups', 2: 'plate'}),
    ('my mug, cup -beaker', {0: 'my mug'}),
    ('cup, plate -plate -my mug', {1: 'cup'}),
    ('my mug -my mug', {}),
])
def test_words_combine_with_names_and_negatives(ask, text, expected):
    assert found(ask(text)) == expected


def test_a_taught_word_comes_before_the_name(ask, words, scene):
    words.teach('cup', examples_of(scene.prompt(points=[(50, 50)]), words.network))
    assert found(ask('cup')) == {0: 'cup'}


def test_asked_and_not_there_is_empty(ask):
    others = made_scene(BOXES, [GREEN, (30, 30, 200), (128, 128, 20)])
    assert found(ask('my mug', about=others)) == {}
    assert found(ask('my mug', box=BOXES[1])) == {}


def test_a_text_model_answers_what_was_not_taught(ask):
    other = TextMatcher(ScriptedEncoder())
    assert found(ask('my mug; green', other)) == {0: 'my mug', 1: 'green'}
    assert found(ask('red; green -my mug', other)) == {1: 'green'}
    assert found(ask('my mug; green; blue', other)) == {0: 'my mug', 1: 'green', 2: 'blue'}


def test_the_threshold_holds_for_whoever_scores(words):
    other = NameMatcher(NAMES)
    matcher = WordMatcher(words, other)
    matcher.threshold = 0.7
    assert other.threshold == matcher.threshold == 0.7
    assert WordMatcher(words, threshold=0.3).threshold == 0.3


def test_labels_are_taught_words_first(ask, words):
    answer = ask('my mug')
    labels, scores = answer.scene.labels, answer.scene.label_scores
    assert labels == ('my mug', 'cup', 'plate')
    assert scores[0] > 0.9 and scores[1:].tolist() == SAID.max(axis=1)[1:].tolist()
    words.forget('my mug')
    again = replace(answer.scene)
    assert again.labels == ('', 'cup', 'plate')


def test_unknown_words_say_what_is_known(ask, words):
    with pytest.raises(UnknownWordError, match="no word for 'jug'; it knows cup, plate"):
        ask('my mug, jug')
    matcher = WordMatcher(words)
    with pytest.raises(UnknownWordError, match='taught: my mug'):
        matcher.check('jug')
    assert matcher.check('my mug') == []
    words.forget('my mug')
    with pytest.raises(TextError, match='fastsam models get'):
        matcher.check('my mug')


def test_a_broken_file_leaves_names_alone_and_explains_all_else(ask, words):
    words.path.write_bytes(b'PK')
    assert found(ask('cup')) == {1: 'cup'}
    with pytest.raises(WordsError, match='cannot be read'):
        ask('my mug')
    with pytest.raises(WordsError, match='cannot be read'):
        WordMatcher(words).check('my mug')


def test_words_need_pixels(ask, scene):
    with pytest.raises(TextError, match='without its image'):
        ask('my mug', about=replace(scene, image=None))
