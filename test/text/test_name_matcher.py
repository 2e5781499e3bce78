# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts that are answered by the names which the network says."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np
import pytest
from scripted_encoder import ScriptedEncoder

from fastsam_ros.core.errors import ParameterError, PromptError, TextError, UnknownWordError
from fastsam_ros.text.matcher import TextMatcher
from fastsam_ros.text.name_matcher import NameMatcher
from fastsam_ros.text.names import Names

NAMES = Names({'cat': ['animal', 'pet'], 'dog': ['animal', 'pet'], 'tv': ['screen']})
BOXES = [(10, 10, 60, 60), (100, 10, 160, 50), (10, 200, 40, 280), (200, 200, 300, 300)]
SAID = [[0.9, 0.2, 0.1], [0.3, 0.8, 0.1], [0.1, 0.1, 0.7], [0.6, 0.55, 0.4]]


@pytest.fixture
def scene():
    return made_scene(
        BOXES, [(9, 9, 9), (255, 0, 0), (9, 9, 9), (0, 255, 0)], matcher=NameMatcher(NAMES),
        name_scores=np.array(SAID, np.float32), names=NAMES.names)


@pytest.mark.parametrize(('text', 'found', 'labels'), [
    ('cat', [0, 3], ['cat', 'cat']), ('the cats', [0, 3], ['the cats'] * 2),
    ('cat, screen', [0, 2, 3], ['cat', 'screen', 'cat']), ('pets', [0, 1, 3], ['pets'] * 3),
    ('dog -cat', [1], ['dog']), ('animal -dog', [0, 3], ['animal'] * 2), ('tv -pet', [2], ['tv']),
])
def test_names_answer(scene, text, found, labels):
    answer = scene.prompt(text=text, selection='all')
    order = np.argsort(answer.indices)
    assert answer.indices[order].tolist() == found
    assert [answer.labels[i] for i in order] == labels


def test_scores_are_the_network_s_and_the_best_comes_first(scene):
    answer = scene.prompt(text='animal', selection='all')
    assert answer.indices.tolist() == [0, 1, 3]
    np.testing.assert_allclose(answer.scores, [0.9, 0.8, 0.6])


def test_the_threshold_can_be_moved(scene):
    scene.matcher.threshold = 0.85
    assert scene.prompt(text='pet', selection='all').indices.tolist() == [0]
    scene.matcher.threshold = 0.95
    assert len(scene.prompt(text='pet')) == 0  # asked and not there: no error
    with pytest.raises(ParameterError):
        scene.matcher.threshold = 2


def test_a_text_with_a_point_asks_for_both(scene):
    assert scene.prompt(points=[(110, 20)], text='pet').indices.tolist() == [1]
    assert len(scene.prompt(points=[(110, 20)], text='tv')) == 0


def test_an_unknown_word_says_which_words_are_known(scene):
    for text in ('wall', 'cat, wall', 'cat -wall'):
        with pytest.raises(UnknownWordError, match=r"'wall'; it knows cat, dog, tv.*fastsam"):
            scene.prompt(text=text)
    with pytest.raises(PromptError):
        scene.prompt(text='-cat')


def test_words_that_are_no_names_go_to_the_text_model(scene):
    clip = TextMatcher(ScriptedEncoder(), background='mean', threshold=0.6)
    matcher = NameMatcher(NAMES, clip)
    both = replace(scene, matcher=matcher)
    assert both.prompt(text='red').indices.tolist() == [1]
    assert both.prompt(text='dog').indices.tolist() == [1]  # names answer without it
    assert matcher.needs_image and not scene.matcher.needs_image
    matcher.threshold = 0.75
    assert clip.threshold == matcher.threshold == 0.75


def test_without_names_and_text_model_texts_are_refused():
    with pytest.raises(TextError, match='no text model is loaded'):
        made_scene(BOXES[:1], [(1, 1, 1)]).prompt(text='cat')


def test_labels_are_the_names_that_the_network_is_sure_of(scene):
    assert scene.labels == ('cat', 'dog', '', '')
    np.testing.assert_allclose(scene.label_scores, [0.9, 0.8, 0, 0])
    assert scene.select([1, 2]).labels == ('dog', '')
    bare = made_scene(BOXES, [(1, 1, 1)] * 4)
    assert bare.labels == ('',) * 4 and bare.label_scores.tolist() == [0] * 4


def test_scores_that_do_not_fit_the_names_are_refused(scene):
    with pytest.raises(ValueError, match=r'4 segments and 2 names came with scores \(4, 3\)'):
        replace(scene, names=('cat', 'dog'))
    with pytest.raises(ValueError, match=r'came with scores \(3, 3\)'):
        replace(scene, name_scores=scene.name_scores[:3])
