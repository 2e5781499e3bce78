# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Teaching the model that ships, in photographs."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from fastsam_ros import models
from fastsam_ros.core.errors import PromptError, UnknownWordError, WordsError
from fastsam_ros.fastsam import FastSam

CUP = (300, 150)  # a pixel of it in the photograph


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'words.zip'


@pytest.fixture
def taught(path, photographs):
    """A model that knows the cup of one photograph."""
    model = FastSam(device='cpu', precision='fp32', words=path)
    assert model.teach('my mug', model(photographs['coffee']).prompt(points=[CUP])) == 1
    return model


def seen_otherwise(image):
    """The photograph, turned a little, nearer, and darker; and where the cup is now."""
    height, width = image.shape[:2]
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), 8, 1.2)
    picture = cv2.warpAffine(image, turned, (width, height), borderMode=cv2.BORDER_REFLECT)
    return (picture * 0.9).astype(np.uint8), turned @ (*CUP, 1)


def test_one_click_is_understood_in_another_view_and_not_elsewhere(taught, photographs):
    picture, (x, y) = seen_otherwise(photographs['coffee'])
    answer = taught(picture).prompt(text='my mug')
    assert len(answer) == 1 and answer.mask[int(y), int(x)]
    assert answer.labels == ('my mug',) and answer.scores[0] > 0.5
    others = [name for name in photographs if name != 'coffee']
    answered = [name for name in others if len(taught(photographs[name]).prompt(text='my mug'))]
    assert len(answered) <= 0.1 * len(others), answered


def test_segments_are_called_by_it(taught, photographs):
    scene = taught(photographs['coffee'])
    (index,) = scene.prompt(points=[CUP]).indices
    assert scene.labels[index] == 'my mug' and scene.label_scores[index] > 0.9
    assert 'spoon' in scene.labels  # names stay what they are
    assert 'my mug' not in taught(photographs['chelsea']).labels


def test_a_new_program_understands_it(taught, path, photographs):
    again = FastSam(device='cpu', precision='fp32', words=path)
    assert len(again(photographs['coffee']).prompt(text='my mug')) == 1
    again.forget('my mug')
    with pytest.raises(UnknownWordError):
        taught(photographs['coffee']).prompt(text='my mug')


def test_a_false_answer_that_is_clicked_away_does_not_come_again(taught, photographs):
    scene = taught(photographs['coffee'])
    wrong = scene.prompt(text='my mug', selection='all')
    (cup,) = scene.prompt(points=[CUP]).indices
    target = next(n for n in wrong.indices if n != cup)  # a part of it
    counter = replace(wrong, indices=np.array([target]))
    assert taught.teach('my mug', counter, counter=True) == 2
    left = taught(photographs['coffee']).prompt(text='my mug', selection='all')
    assert cup in left.indices and target not in left.indices


def test_another_network_says_so_and_learns_again_from_the_pictures(
        taught, path, photographs, caplog):
    pytest.importorskip('torch')
    before = taught.words.content()['my mug'][0]
    weights = str(models.shipped('fastsam-n.safetensors'))
    other = FastSam(weights, device='cpu', precision='fp32', words=path)
    assert other.words.network != taught.words.network
    assert 'taught with another network: it was learned again' in caplog.text
    assert len(other(photographs['coffee']).prompt(text='my mug')) == 1
    after = taught.words.content()['my mug'][0]
    assert set(after.looks) == {taught.words.network, other.words.network}
    assert after.id == before.id
    caplog.clear()
    FastSam(weights, device='cpu', precision='fp32', words=path)
    assert not caplog.records


def test_nothing_there_teaches_nothing(taught, path, photographs):
    before = path.read_bytes()
    scene = taught(photographs['coffee'])
    nothing = replace(scene.prompt(points=[CUP]), indices=np.empty(0, np.int64))
    with pytest.raises(PromptError, match='nothing to learn'):
        taught.teach('my mug', nothing)
    assert path.read_bytes() == before


def test_words_can_be_switched_off(path, photographs):
    model = FastSam(device='cpu', precision='fp32', words=False)
    assert model.words is None and model.matcher is None
    answer = model(photographs['coffee']).prompt(points=[CUP])
    for change in (lambda: model.teach('my mug', answer), lambda: model.forget('my mug')):
        with pytest.raises(WordsError, match='switched off'):
            change()
