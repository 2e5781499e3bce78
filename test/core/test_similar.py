# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""All that looks like what was pointed at."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.errors import PromptError
from fastsam_ros.core.looks import looks_of_names

BOXES = [(10, 10, 60, 60), (100, 10, 160, 50), (10, 200, 40, 280), (200, 200, 300, 300)]


@pytest.fixture
def scene():
    """Two cats, of which one is less certain, a thing between cat and dog, and a dog."""
    said = np.array([[0.9, 0.02], [0.02, 0.9], [0.5, 0.02], [0.6, 0.6]], np.float32)
    return made_scene(BOXES, [(9, 9, 9)] * 4, name_scores=said, names=('cat', 'dog'))


def test_an_exemplar_finds_its_kind_best_first(scene):
    answer = scene.prompt(points=[(20, 20)], selection='similar')
    assert answer.indices.tolist() == [0, 2, 3]
    assert answer.scores[0] == 1 and (np.diff(answer.scores) < 0).all()
    assert [runs.area for runs in answer.run_lengths()] == scene.areas[[0, 2, 3]].tolist()
    by_box = scene.prompt(box=(100, 10, 160, 50), selection='similar')
    assert by_box.indices.tolist() == [1, 3]


def test_the_threshold_decides_how_alike(scene):
    strict = replace(scene, similar_threshold=0.9)
    assert strict.prompt(points=[(20, 20)], selection=3).indices.tolist() == [0, 2]
    loose = replace(scene, similar_threshold=0.0)
    assert len(loose.prompt(points=[(20, 20)], selection=3)) == 4


def test_the_exemplar_comes_first_also_among_equals(scene):
    twins = replace(scene, name_scores=np.tile(np.float32([[0.9, 0.1]]), (4, 1)))
    answer = twins.prompt(points=[(210, 210)], selection='similar')
    assert answer.indices.tolist() == [3, 0, 1, 2]


def test_nothing_under_the_point_is_an_empty_answer(scene):
    assert len(scene.prompt(points=[(90, 90)], selection='similar')) == 0


@pytest.mark.parametrize('asked', [
    {}, {'text': 'cat'}, {'text': 'cat', 'points': [(20, 20)]},
    {'points': [(20, 20)], 'labels': [0]}])
def test_what_names_no_exemplar_is_refused(scene, asked):
    with pytest.raises(PromptError, match='similar needs a point or a box'):
        scene.prompt(**asked, selection='similar')


def test_without_names_coefficients_are_compared():
    scene = made_scene(BOXES, [(9, 9, 9)] * 4)  # all have the same coefficients
    assert len(scene.prompt(points=[(20, 20)], selection='similar')) == 4


def test_looks_leave_out_what_is_unlikely():
    looks = looks_of_names(np.float32([[0.9, 0.001, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]))
    assert looks[0].tolist() == [1, 0, 0]
    assert looks[1].tolist() == [0, 0, 0]
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), [1, 0, 1], atol=1e-6)
    assert looks.dtype == np.float32
