# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A scene's masks in all their forms agree with one another."""

from dataclasses import replace
import os
from pathlib import Path
import subprocess
import sys

from made_scene import made_scene
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


def test_run_lengths_areas_and_masks_agree(scene):
    masks = scene.masks()
    assert masks.shape == (len(scene), 512, 512)
    np.testing.assert_array_equal(scene.areas, masks.sum(axis=(1, 2)))
    for mask, runs in zip(masks, scene.run_lengths()):
        assert mask[runs.window].sum() == runs.area == mask.sum()
        np.testing.assert_array_equal(mask[runs.window], runs.mask())


def test_every_segment_shows_a_pixel(scene):
    assert len(scene) > 10
    assert (scene.areas > 0).all()


def test_masks_stay_inside_their_boxes(scene):
    for box, runs in zip(scene.boxes, scene.run_lengths()):
        assert box[0] <= runs.x
        assert box[1] <= runs.y
        assert runs.x + runs.width <= np.ceil(box[2])
        assert runs.y + runs.height <= np.ceil(box[3])


def test_some_masks_are_those_of_all(scene):
    some = [3, 0, 3]
    np.testing.assert_array_equal(scene.masks(some), scene.masks()[some])


def test_label_map_has_the_smallest_on_top(scene):
    order = np.argsort(-scene.areas, kind='stable')
    expected = np.zeros((512, 512), np.uint16)
    for number, mask in enumerate(scene.masks(order), 1):
        expected[mask] = number
    np.testing.assert_array_equal(scene.label_map(order), expected)


def test_label_map_numbers_the_scenes_own_order_by_default(scene):
    labels = scene.label_map()
    smallest = int(np.argmin(scene.areas))
    assert (labels[scene.masks([smallest])[0]] == smallest + 1).all()


def test_select_keeps_what_was_decoded(scene):
    picked = scene.select(np.array([4, 1]))
    np.testing.assert_array_equal(picked.scores, scene.scores[[4, 1]])
    np.testing.assert_array_equal(picked.masks(), scene.masks([4, 1]))


# In a process of its own, which gives back what it does not use: other tests' threads take memory
# meanwhile, and what was kept from the first run would hide what the second one takes.
CHOICES = {
    'a number': (2, [2]),
    'a negative number': (-1, [4]),
    'numbers': ([3, 0, 3], [3, 0, 3]),
    'negative numbers': (np.array([-2, 0]), [3, 0]),
    'a slice': (slice(1, None, 2), [1, 3]),
    'a slice from the end': (slice(-2, None), [3, 4]),
    'booleans': (np.array([False, True, False, False, True]), [1, 4]),
    'a list of booleans': ([True, False, False, True, False], [0, 3]),
    'nothing': ([], []),
    'unsigned numbers': (np.array([4, 1], np.uint8), [4, 1]),
}
WRONG = {
    'too large': 5,
    'too small': [-6],
    'booleans too few': [True, False],
    'fractions': [0.5],
    'pairs': [[0, 1]],
    'a word': 'first',
}


@pytest.fixture
def five():
    """Boxes of five sizes, from large to small, in one another."""
    boxes = [(10 * n, 10 * n, 300 - 10 * n, 200) for n in range(5)]
    return made_scene(boxes, [(255, 50 * n, 0) for n in range(5)])


def rows(masks):
    return [(m.x, m.y, m.width, m.height, m.area, m.counts.tolist()) for m in masks]


@pytest.mark.parametrize('name', CHOICES)
def test_segments_are_chosen(five, name):
    chosen, expected = CHOICES[name]
    runs = five.run_lengths()
    assert rows(five.run_lengths(chosen)) == rows([runs[index] for index in expected])
    assert rows(five.run_table(chosen)) == rows([runs[index] for index in expected])
    np.testing.assert_array_equal(five.masks(chosen), five.masks()[expected])
    np.testing.assert_array_equal(five.label_map(chosen), five.label_map(expected))
    some = five.select(chosen)
    np.testing.assert_array_equal(some.scores, five.scores[expected])
    np.testing.assert_array_equal(some.extents, five.extents[expected])
    assert rows(some.run_lengths()) == rows(five.run_lengths(expected))


@pytest.mark.parametrize('method', ['run_lengths', 'masks', 'label_map', 'select'])
@pytest.mark.parametrize('name', WRONG)
def test_a_wrong_choice_is_refused(five, name, method):
    with pytest.raises(IndexError):
        getattr(five, method)(WRONG[name])


@pytest.mark.parametrize('fields', [
    {'scores': np.float32([0.9])},
    {'scores': np.ones((5, 1), np.float32)},
    {'extents': np.zeros((4, 4), np.float32)},
    {'extents': np.zeros((5, 3), np.float32)},
    {'coefficients': np.zeros((4, 32), np.float32)},
    {'coefficients': np.zeros(5, np.float32)},
    {'runs': []},
    {'confident': 6},
    {'confident': -1},
    {'image': np.zeros((4, 4, 3), np.uint8)},
], ids=str)
def test_arrays_that_contradict_one_another_are_refused(five, fields):
    with pytest.raises(ValueError):
        replace(five, **fields)


def test_candidates_answer_no_prompt(five):
    scene = replace(five, confident=3)
    assert len(scene) == 5
    assert len(scene.prompt(points=[(150, 100)], selection='all')) == 3
    assert len(scene.prompt(box=(0, 0, 320, 320), selection='all')) == 3
    assert len(scene.prompt(selection='all')) == 3
    assert len(scene.without_candidates) == scene.without_candidates.confident == 3
    assert scene.without_candidates.image is scene.image
    assert five.without_candidates is five


@pytest.mark.parametrize('chosen, confident', [
    ([0, 1, 2, 3, 4], 3), ([2, 0, 4, 1], 2), ([3, 0], 0), ([0, 1], 2), ([], 0)])
def test_what_is_selected_stays_confident(five, chosen, confident):
    assert replace(five, confident=3).select(chosen).confident == confident


def test_points_hit_the_masks_that_hold_them(scene):
    points = np.random.default_rng(0).uniform(0, 512, (300, 2))
    x, y = points.T.astype(int)
    np.testing.assert_array_equal(scene.hits(points), scene.masks()[:, y, x])
    np.testing.assert_array_equal(scene.hits(points[:1]), scene.masks()[:, y[:1], x[:1]])
    assert scene.hits(np.empty((0, 2))).shape == (len(scene), 0)


PROGRAM = """
from dataclasses import replace
import numpy as np
from skimage.data import astronaut
from benchmark.rig.peak import peak
from fastsam_ros.fastsam import FastSam
scene = FastSam(device='cpu', precision='fp32', confidence=0.1)(
    np.tile(astronaut(), (3, 4, 1))[:1080, :1920])
print(len(scene), peak(lambda: replace(scene, runs=None)))
"""


def test_decoding_needs_little_memory():
    said = subprocess.run(
        [sys.executable, '-c', PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, 'MALLOC_MMAP_THRESHOLD_': '65536'})
    count, megabytes = map(float, said.stdout.split())
    assert count >= 50
    assert megabytes < 50


def test_labels_are_looked_for_among_the_sure_segments_and_of_some_candidates_alone():
    asked = []

    class Labeller:
        def label(self, scene, indices, labels, scores):
            asked.append(scene.indices_of(indices).tolist())
            shown = scene.scores[indices]
            return tuple(f'word {score:.1f}' for score in shown), shown

    boxes = [(0, 0, 100, 100), (200, 0, 300, 100), (0, 200, 100, 300), (200, 200, 300, 300)]
    scene = made_scene([*boxes, (150, 150, 180, 180)], [(255, 0, 0)] * 5,
                       scores=[0.9, 0.8, 0.3, 0.2, 0.1])
    scene = replace(scene, confident=2, labeller=Labeller())
    assert scene.labels_at([1, 4, 0, 2, 4]) == [
        (f'word {score}', pytest.approx(score)) for score in (0.8, 0.1, 0.9, 0.3, 0.1)]
    assert asked == [[2, 4], [0, 1]]
    assert scene.labels_at([]) == []
