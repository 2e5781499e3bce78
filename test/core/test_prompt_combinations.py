# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompts of points, box and text at once: the best answer is the first of all of them."""

from itertools import product

from made_scene import made_scene
import numpy as np
import pytest

PERSON, DOG, BENCH = 0, 1, 2
BOXES = [(20, 20, 120, 300), (60, 120, 110, 180), (10, 200, 300, 310)]
INSIDE = 0.5  # part of a mask that ALL wants in the box


class Looks:
    """Knows how like a text each segment of a scene is."""

    threshold = 0.5

    def __init__(self, scores):
        self.scores = np.asarray(scores, np.float32)

    def match(self, scene, text, candidates):
        return self.scores[candidates], (text,) * len(candidates)


def scene_of(boxes, looks):
    return made_scene(boxes, [(200, 0, 0)] * len(boxes), matcher=Looks(looks))


@pytest.fixture
def owner():
    """A person who holds a dog, and a bench before them; the text is 'dog'."""
    return scene_of(BOXES, [0.1, 0.9, 0.2])


@pytest.mark.parametrize('selection', ['best', 'all'])
def test_a_box_around_a_person_who_holds_a_dog_finds_the_dog(owner, selection):
    answer = owner.prompt(box=BOXES[PERSON], text='dog', selection=selection)
    assert answer.indices.tolist() == [DOG]
    assert answer.labels == ('dog',)


def test_a_point_decides_between_segments_that_fill_the_box_alike():
    boxes = [(0, 0, 100, 200), (10, 0, 100, 200)]  # the first fills the box best
    scene = made_scene(boxes, [(0, 0, 0)] * 2, scores=[0.3, 0.9])
    assert scene.prompt(box=boxes[0]).indices.tolist() == [0]
    for selection in ('best', 'all'):
        answer = scene.prompt([(50, 50)], box=boxes[0], selection=selection)
        assert answer.indices[0] == 1


def test_the_best_need_not_lie_in_the_box_by_half(owner):
    head = (20, 20, 120, 80)
    for arguments in ({}, {'points': [(70, 50)]}):
        assert owner.prompt(box=head, **arguments).indices.tolist() == [PERSON]
        assert len(owner.prompt(box=head, **arguments, selection='all')) == 0


def test_of_equal_segments_the_most_confident_is_the_best():
    # 100 / 400 and 120 / 480; more of the box is covered by the second, so it is looked at first.
    scene = made_scene([(0, 0, 10, 10), (0, 8, 10, 28)], [(0, 0, 0)] * 2)
    everything = scene.prompt(box=(0, 0, 20, 20), selection='all')
    assert everything.scores.tolist() == [0.25, 0.25]
    assert scene.prompt(box=(0, 0, 20, 20)).indices.tolist() == [0]
    assert everything.indices.tolist() == [0, 1]


POINTS = [
    ([], []), ([(80, 90)], [1]), ([(80, 90), (150, 150)], [1, 1]), ([(80, 90), (30, 30)], [1, 0]),
    ([(150, 150)], [0])]
WINDOWS = [None, (50, 50, 200, 200), (0, 0, 320, 320), (75, 85, 90, 95)]


@pytest.mark.parametrize(('points', 'box', 'text'), [*product(POINTS, WINDOWS, ['', 'dog'])])
def test_best_is_the_first_of_all_for_every_combination(points, box, text):
    rng = np.random.default_rng(0)
    for _ in range(20):
        low = rng.integers(0, 200, (15, 2))
        boxes = np.concatenate([low, low + rng.integers(5, 120, (15, 2))], axis=1)
        scene = scene_of([tuple(corners) for corners in boxes.tolist()], rng.uniform(0, 1, 15))
        asked = {'points': points[0], 'labels': points[1], 'box': box, 'text': text}
        best, everything = scene.prompt(**asked), scene.prompt(**asked, selection='all')
        if len(best) and best.indices[0] not in everything.indices:
            assert part_inside(scene, best.indices[0], box) < INSIDE
            assert all(best.scores[0] >= everything.scores)
        else:
            assert best.indices.tolist() == everything.indices[:1].tolist()
            assert best.scores.tolist() == everything.scores[:1].tolist()


def part_inside(scene, index, box):
    x0, y0, x1, y1 = box
    (mask,) = scene.masks([index])
    return mask[y0:y1, x0:x1].sum() / mask.sum()
