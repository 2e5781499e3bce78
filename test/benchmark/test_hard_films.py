# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Films that are hard to follow: what happens in them, and what is counted."""

import json
import sys

import cv2
from made_scene import SIZE, made_scene
import numpy as np
import pytest

from benchmark.hard import __main__ as hard
from benchmark.hard import films, followed, scenes
from benchmark.hard.films import FILMS, Shot

GREY, RED, BLUE = (128, 128, 128), (220, 30, 30), (30, 30, 220)
LENGTH = 45


def sequence(colour=RED, side=40):
    """A square that goes to the right, a pixel a frame."""
    frames = []
    for x in range(60, 60 + LENGTH):
        thing = np.zeros((160, 240), bool)
        thing[60 : 60 + side, x : x + side] = True
        frames.append((np.where(thing[..., None], colour, GREY).astype(np.uint8), thing))
    return frames


@pytest.fixture(scope='module')
def made():
    return {name: film(sequence(), sequence(BLUE)) for name, film in FILMS.items()}


@pytest.mark.parametrize('name', FILMS)
def test_the_truth_is_what_is_seen_of_the_thing(made, name):
    film = made[name]
    assert len(film) == LENGTH
    assert film[0].share == 1
    for shot in film:
        assert shot.image.shape == (160, 240, 3) and shot.image.dtype == np.uint8
        assert (shot.image[shot.truth] == RED).all()
        assert shot.share == np.count_nonzero(shot.truth) / 40**2
    if name != 'twin':
        assert all((shot.image == RED).all(axis=-1).sum() == shot.truth.sum() for shot in film)


def test_a_film_is_always_the_same(made):
    for name, film in FILMS.items():
        again = film(sequence(), sequence(BLUE))
        assert all((one.image == two.image).all() for one, two in zip(made[name], again))


def test_poles_hide_a_quarter_at_most_at_a_time(made):
    shares = [shot.share for shot in made['poles']]
    assert min(shares) == 0.75 and sum(share == 1 for share in shares) > 3


def test_the_board_covers_all_for_a_while_and_goes(made):
    shares = np.array([shot.share for shot in made['board']])
    hidden = np.flatnonzero(shares == 0)
    assert len(hidden) >= films.COVERED and (np.diff(hidden) == 1).all()
    assert shares[-1] == 1


def test_the_twin_crosses_in_front(made):
    film = made['twin']
    red = np.array([(shot.image == RED).all(axis=-1) for shot in film])
    others = red & ~np.array([shot.truth for shot in film])
    middles = [np.nonzero(other)[1].mean() - (60 + n + 19.5) for n, other in enumerate(others)]
    assert middles[0] > 40 and middles[-1] < -40
    assert min(shot.share for shot in film) < 0.3


@pytest.mark.parametrize('name', ['away', 'leaves'])
def test_the_thing_is_gone_for_a_while_and_comes_back(made, name):
    shares = np.array([shot.share for shot in made[name]])
    hidden = np.flatnonzero(shares == 0)
    assert len(hidden) > 5 and (np.diff(hidden) == 1).all()
    assert shares[-1] == 1
    blue = (made[name][int(hidden.mean())].image == BLUE).all(axis=-1)
    assert blue.sum() == 40**2  # another sequence is seen meanwhile, and its thing


def test_what_is_counted():
    box, truth = (100, 100, 180, 180), np.zeros((SIZE, SIZE), bool)
    truth[100:180, 100:180] = True
    there, gone = made_scene([box], [RED]), made_scene([(0, 0, 60, 60)], [BLUE])
    seen, away = (Shot(there.image, truth, 1.0), there), (
        Shot(gone.image, np.zeros_like(truth), 0.0), gone)

    def outcome(*shots, told=None):
        film, found = zip(*shots)
        said = followed.follow(film, told or found, followed.by_box)
        return followed.count(film, found, said)

    assert outcome(*[seen] * 4) == followed.Outcome(1.0, 1.0, 0.0, None)
    assert outcome(seen, away, away, seen, seen) == followed.Outcome(1.0, 1.0, 0.0, 0)
    lie = outcome(seen, away, away, seen, told=[there] * 4)  # what is gone is said to be there
    assert lie == followed.Outcome(1.0, 1.0, 2 / 3, 0)


@pytest.mark.parametrize('shares, right, frames', [
    ([1, 1, 0.5], [1, 1, 1], None),
    ([1, 0, 0.2, 0.6, 1, 1], [1, 0, 0, 0, 0, 1], 2),
    ([1, 0, 0.2, 0.6, 1, 1], [1, 0, 1, 1, 1, 1], 0),
    ([1, 0, 0.2, 0.6, 1, 1], [1, 0, 0, 0, 0, 0], 3),
    ([1, 0, 0.2], [1, 0, 0], 0),
])
def test_frames_until_it_is_back(shares, right, frames):
    assert followed.frames_until_back(np.array(shares), np.array(right, bool)) == frames


def test_a_thing_is_asked_for_by_its_parts():
    scene = made_scene(
        [(20, 20, 80, 60), (20, 60, 80, 100), (200, 200, 260, 260), (20, 22, 80, 58)], [RED] * 4)
    truth = np.zeros((SIZE, SIZE), bool)
    truth[20:100, 20:80] = True
    parts, others = (
        [prompt.box.tolist() for prompt in followed.by_parts(scene, thing)]
        for thing in (truth, ~truth))
    assert parts == [[20, 20, 80, 60], [20, 60, 80, 100]]
    assert others == [[200, 200, 260, 260]]


def test_kept_scenes_are_those_of_the_image(tmp_path):
    scene, asked = made_scene([(20, 20, 80, 60)], [RED]), []

    def model(image):
        asked.append(image)
        return scene

    film = [Shot(scene.image, np.ones((SIZE, SIZE), bool), 1.0)] * 3
    found = scenes.scenes_of(model, film, tmp_path / 'scenes')
    assert len(asked) == 1 and len(found) == 3
    assert found[2].image is scene.image
    assert (found[2].masks() == scene.masks()).all()
    scenes.scenes_of(model, film, None)
    assert len(asked) == 4


@pytest.mark.parametrize('backwards', [False, True])
def test_sequences_are_seen_from_either_end(tmp_path, backwards):
    for folder in ('images', 'masks'):
        (tmp_path / 'a' / folder).mkdir(parents=True)
        for shade in range(3):
            picture = np.full((8, 8, 3), shade, np.uint8)
            cv2.imwrite(str(tmp_path / 'a' / folder / f'{shade}.png'), picture)
    found = [image[0, 0, 0] for image, _ in hard.load(tmp_path, backwards)['a']]
    assert found == ([2, 1, 0] if backwards else [0, 1, 2])


def test_the_figures_are_printed_and_written(tmp_path, monkeypatch, capsys):
    outcomes = {
        'a': followed.Outcome(0.5, 0.75, 0.25, 3), 'b': followed.Outcome(1.0, 1.0, 0.0, None)}
    monkeypatch.setattr(hard, 'measure', lambda *given: outcomes)
    monkeypatch.setattr(hard, 'FastSam', lambda **given: None)
    monkeypatch.setattr(hard, 'sequences', lambda data: [])
    file = tmp_path / 'figures.json'
    monkeypatch.setattr(sys, 'argv', ['hard', 'data', '--only', 'poles', '--json', str(file)])
    hard.main()
    assert '| poles | 0.750 | 0.875 | 12.5% | 3 | 0.500, 1.000 |' in capsys.readouterr().out
    assert json.loads(file.read_text())['poles']['a'] == {
        'j': 0.5, 'best': 0.75, 'wrong': 0.25, 'back': 3}
