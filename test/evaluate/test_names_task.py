# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names against people's, and by how much they should be lifted."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.evaluate import names
from fastsam_ros.evaluate.alike import precisions
from fastsam_ros.evaluate.names import Tally

KNOWN = ('cup', 'dog', 'object')


class Named:
    """Finds what the labels say, and gives each segment the same scores of the known names."""

    path = SimpleNamespace(name='mine.onnx')

    def __init__(self, found, scores, known=KNOWN):
        self.found, self.scores, self.known = found, scores, known

    def __call__(self, image):
        scene = self.found(image)
        scene.names = self.known
        scene.name_scores = np.float32([self.scores] * len(scene.scores))
        scene.looks = np.eye(len(scene.scores), dtype=np.float32)
        return scene


@pytest.fixture
def cups(coco):
    """The folder, each thing in it a cup."""
    file = coco / 'instances.json'
    document = json.loads(file.read_text())
    for annotation in document['annotations']:
        annotation['name'] = 'cup'
    file.write_text(json.dumps(document))
    return coco


@pytest.mark.parametrize(('scores', 'first', 'labels'), [
    ((0.9, 0.2, 0.1), 1, 1), ((0.5, 0.2, 0.1), 1, None), ((0.3, 0.8, 0.1), 0, 0)])
def test_a_name_is_right_where_it_is_the_likeliest(
        oracle, cups, monkeypatch, scores, first, labels):
    monkeypatch.setattr(names, 'LARGE', 100)
    figures = names.evaluate(Named(oracle(cups), scores), cups).figures
    assert (figures['objects'], figures['right first'], figures['among five']) == (3, first, 1)
    if labels is None:
        assert np.isnan(figures['labels right']) and figures['labelled'] == 0
    else:
        assert (figures['labels right'], figures['labelled']) == (labels, 1)


def test_small_objects_are_not_asked_for(oracle, cups):
    figures = names.evaluate(Named(oracle(cups), (0.9, 0.2, 0.1)), cups).figures
    assert (figures['objects'], figures['shown, answered']) == (0, 1)


def test_a_category_is_a_name_too(oracle, coco):
    model = Named(oracle(coco), (0.1, 0.2, 0.9), ('a', 'b', 'block'))
    figures = names.evaluate(model, coco).figures
    assert figures['shown, answered'] == 1


def test_things_of_a_name_are_ranked_by_their_looks():
    angles = np.deg2rad([0, 10, 30, 35, 90])
    looks = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = precisions(looks, np.array([4, 7, 4, 7, 9]))
    assert found == pytest.approx([1 / 2, 1 / 3, 1 / 3, 1 / 2])
    assert precisions(looks[:3], np.array([4, 4, 4])) == []
    assert precisions(looks[:4], np.array([4, 7, 4, 4])) == pytest.approx([
        (1 / 2 + 2 / 3) / 2, (1 + 2 / 3) / 2, (1 + 2 / 3) / 2])


def test_things_are_ranked_by_the_looks_of_their_segments(oracle, cups, monkeypatch):
    model = Named(oracle(cups), (0.9, 0.2, 0.1))
    monkeypatch.setattr(names, '_found', lambda *_: np.array([(0, 0), (2, 1), (1, 0), (0, 1)]))

    def find(image):
        scene = model(image)
        scene.looks = np.float32([(1, 0), (0.8, 0.6), (0.6, 0.8)])
        scene.name_scores = np.ones((3, 3), np.float32)
        return scene
    find.path = model.path
    figures = names.evaluate(find, cups).figures
    assert (figures['of a name, ranked'], figures['ranked']) == (pytest.approx(3 / 4), 6)


def test_lifting_makes_the_threshold_a_half():
    tally = Tally()
    tally.add(np.float32([[0.3, *np.linspace(0, 0.2, 101)]]), {0}, np.empty((0, 2), np.int64))
    figures = tally.figures()
    assert figures['threshold'] == pytest.approx(0.19)
    assert figures['shown, answered'] == 1
    logit = np.log(0.19 / 0.81)
    assert 1 / (1 + np.exp(-(logit + figures['lift']))) == pytest.approx(0.5)


def test_a_model_without_names_is_refused(oracle, cups):
    with pytest.raises(ParameterError, match='mine.onnx knows no names'):
        names.evaluate(Named(oracle(cups), (), ()), cups)
    with pytest.raises(ParameterError, match='none of the names in'):
        names.evaluate(Named(oracle(cups), (0.5,), ('zebra',)), cups)
