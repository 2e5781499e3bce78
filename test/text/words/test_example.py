# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Examples: what is kept of a picture, and what another network learns from that."""

from dataclasses import replace

import cv2
from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.core.errors import PromptError, TextError, WordsError
from fastsam_ros.following.appearance import appearance
from fastsam_ros.text.words import example as examples
from fastsam_ros.text.words.example import Example, examples_of, learn_again


def test_the_thing_and_its_surroundings_are_kept(scene):
    (found,) = examples_of(scene.prompt(points=[(150, 50)]), 'n')
    # The green box, 80 pixels a side, with 40 around it; the image ends 10 above.
    assert found.corner == (80, 0) and found.size == (320, 320)
    pixels = found.pixels()
    assert pixels.shape == (130, 160, 3)
    mask = np.zeros(pixels.shape[:2], bool)
    mask[found.mask.window] = found.mask.mask()
    assert np.abs(pixels[mask].astype(int) - (30, 180, 30)).mean() < 4  # JPEG
    assert np.abs(np.median(pixels[~mask], axis=0) - 128).max() < 4
    assert mask.sum() == 6400


def test_each_match_is_an_example_and_the_same_one_has_the_same_id(scene):
    both = scene.prompt(points=[(50, 50), (150, 50)], selection='all')
    red, green = examples_of(both, 'n', counter=True)
    assert red.counter and red.id != green.id
    assert examples_of(both, 'n')[0].id == red.id


def test_the_look_is_the_segments_and_survives_a_file(scene):
    (found,) = examples_of(scene.prompt(points=[(50, 50)]), 'n')
    expected = appearance(scene)[0]
    np.testing.assert_allclose(found.looks['n'].vector, expected, atol=1e-3)
    np.testing.assert_array_equal(
        found.looks['n'].vector, found.looks['n'].vector.astype(np.float16))


def test_parts_of_the_thing_are_nothing_else_that_was_seen():
    red, blue = (200, 30, 30), (30, 30, 200)
    inner, outer, other = (20, 20, 60, 60), (10, 10, 90, 90), (200, 200, 300, 300)
    apart = made_scene([outer, other], [red, blue])
    nested = made_scene([outer, inner, other], [red, red, blue])
    twins = made_scene([outer, other], [red, red])
    looks = [
        examples_of(scene.prompt(box=outer), 'n')[0].looks['n'].nearest
        for scene in (apart, nested, twins)]
    assert looks[0] == looks[1] < 0.5 and looks[2] > 0.99
    both = twins.prompt(selection='all')  # twins that are both shown are no strangers
    assert {found.looks['n'].nearest for found in examples_of(both, 'n')} == {0}


def test_large_pictures_are_kept_smaller(model, monkeypatch):
    monkeypatch.setattr(examples, 'LONGEST', 160)
    scene = made_scene([(11, 11, 91, 91)], [(200, 30, 30)])
    (found,) = examples_of(scene.prompt(points=[(50, 50)]), 'n')
    assert found.size == (160, 160)
    assert found.mask.area == pytest.approx(1600, rel=0.05)
    assert max(found.pixels().shape) <= 81


@pytest.mark.parametrize(('change', 'points', 'error', 'says'), [
    ({}, (300, 20), PromptError, 'nothing to learn'),
    ({'image': None}, (50, 50), TextError, 'without its image')])
def test_what_teaches_nothing_is_refused(scene, change, points, error, says):
    with pytest.raises(error, match=says):
        examples_of(replace(scene, **change).prompt(points=[points]), 'n')


def test_another_network_learns_it_from_the_picture(model, astronaut):
    scene = model(astronaut)
    index = int(np.argmax(scene.areas * (scene.areas < 60_000)))
    (found,) = examples_of(scene.prompt(box=scene.boxes[index]), 'old')
    again = learn_again(found, 'new', model)
    assert set(again.looks) == {'old', 'new'} and again.id == found.id
    assert again.looks['new'].vector @ found.looks['old'].vector > 0.85


def test_a_network_that_does_not_find_it_learns_nothing(scene):
    (found,) = examples_of(scene.prompt(points=[(50, 50)]), 'old')
    empty = made_scene([], [])
    assert learn_again(found, 'new', lambda image: empty) is found
    elsewhere = made_scene([(200, 200, 300, 300)], [(9, 9, 9)])
    assert learn_again(found, 'new', lambda image: elsewhere) is found


def test_the_picture_lies_where_it_was(scene):
    (found,) = examples_of(scene.prompt(points=[(150, 50)]), 'old')
    shown = []
    learn_again(found, 'new', lambda image: shown.append(image) or scene)
    assert shown[0].shape == (320, 320, 3)
    difference = cv2.absdiff(shown[0], scene.image)[:125, 85:235]
    assert difference.mean() < 4
    assert shown[0][200, 20].tolist() == [114] * 3  # what was not kept is grey


def test_a_damaged_picture_says_so(scene):
    (found,) = examples_of(scene.prompt(points=[(50, 50)]), 'n')
    with pytest.raises(WordsError, match='damaged'):
        Example(b'no jpeg', found.mask, found.corner, found.size).pixels()
