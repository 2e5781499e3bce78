# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments answer a prompt: hand-made scenes for the rules, real ones for exactness."""

import numpy as np
import pytest

from fastsam_ros.core import Prompt, PromptError, Scene, Selection, TextError, answers
from fastsam_ros.core.clicks import click_logits
from fastsam_ros.core.letterbox import Letterbox

# Rectangles in a 64x64 image, most confident first: a page, a picture on it, a dot elsewhere.
PAGE, PICTURE, DOT = 0, 1, 2
BOXES = np.array([[4, 4, 44, 60], [12, 12, 32, 28], [50, 50, 58, 58]], np.float32)
ON_PAGE, ON_PICTURE, ON_DOT, ON_NOTHING = (8, 40), (20, 20), (54, 54), (60, 4)


@pytest.fixture
def rectangles():
    """A scene whose masks are their boxes."""
    return Scene(
        extents=BOXES,
        scores=np.float32([0.9, 0.8, 0.7]),
        coefficients=np.eye(3, 32, dtype=np.float32),
        prototypes=np.ones((32, 16, 16), np.float32),
        letterbox=Letterbox.fit(64, 64, 64),
    )


def test_nothing_given_is_everything(rectangles):
    answer = rectangles.prompt(selection='all')
    np.testing.assert_array_equal(answer.indices, [PAGE, PICTURE, DOT])
    np.testing.assert_array_equal(answer.scores, rectangles.scores)


@pytest.mark.parametrize(('points', 'labels', 'expected'), [
    ([ON_PAGE], [1], [PAGE]),
    ([ON_PICTURE], [1], [PAGE, PICTURE]),
    ([ON_PICTURE, ON_DOT], [], [PAGE, PICTURE, DOT]),
    ([ON_PAGE, ON_PICTURE], [1, 0], []),
    ([ON_PICTURE, ON_PAGE], [1, 0], [PICTURE]),
    ([ON_PICTURE, ON_PAGE], [0, 0], [DOT]),
    ([ON_NOTHING], [1], []),
])
def test_all_holds_any_foreground_and_no_background(rectangles, points, labels, expected):
    answer = rectangles.prompt(points, labels, selection='all')
    np.testing.assert_array_equal(np.sort(answer.indices), expected)


def test_union_subtracts_what_background_points_hit(rectangles):
    answer = rectangles.prompt([ON_PAGE, ON_PICTURE], [1, 0], selection='union')
    page, picture, _ = rectangles.masks()
    np.testing.assert_array_equal(answer.mask, page & ~picture)
    (runs,) = answer.run_lengths()
    assert runs.area == (page & ~picture).sum()


def test_union_drops_a_segment_whose_background_point_nothing_cuts_out(rectangles):
    answer = rectangles.prompt([ON_PICTURE, ON_PAGE], [1, 0], selection='union')
    np.testing.assert_array_equal(answer.mask, rectangles.masks()[PICTURE])


def test_union_never_holds_a_background_point(scene):
    rng = np.random.default_rng(0)
    for _ in range(50):
        points = rng.integers(0, 512, (4, 2))
        answer = scene.prompt(points, [1, 1, 0, 0], selection='union')
        for x, y in points[2:]:
            assert not answer.mask[y, x]


@pytest.mark.parametrize('selection', ['best', 'all', 'union'])
def test_only_a_union_is_cut(rectangles, selection):
    answer = rectangles.prompt([ON_PAGE], [0], selection=selection)
    page, picture, dot = rectangles.masks()
    expected = {'best': picture, 'all': picture | dot, 'union': dot}[selection]
    np.testing.assert_array_equal(answer.mask, expected)
    joined = np.zeros_like(page)
    for runs in answer.run_lengths():
        joined[runs.window] |= runs.mask()
    np.testing.assert_array_equal(answer.mask, joined)


def test_union_of_nothing_is_no_mask(rectangles):
    answer = rectangles.prompt([ON_NOTHING], selection='union')
    assert answer.run_lengths() == []
    assert not answer.mask.any()


@pytest.mark.parametrize(('box', 'expected'), [
    ((10, 10, 34, 30), [PICTURE]), ((0, 0, 64, 64), [PAGE]), ((48, 48, 64, 64), [DOT]),
    ((60, 0, 64, 8), []),
])
def test_best_in_a_box_has_the_highest_iou(rectangles, box, expected):
    np.testing.assert_array_equal(rectangles.prompt(box=box).indices, expected)


@pytest.mark.parametrize('far', [1e6, 1e19, 1e300])
@pytest.mark.parametrize('selection', ['best', 'all'])
def test_a_box_may_reach_as_far_as_it_likes(rectangles, far, selection):
    wanted = rectangles.prompt(box=(0, 0, 64, 64), selection=selection)
    for box in ((0, 0, far, far), (-far, -far, far, far)):
        answer = rectangles.prompt(box=box, selection=selection)
        np.testing.assert_array_equal(answer.indices, wanted.indices)
        np.testing.assert_array_equal(answer.scores, wanted.scores)


def test_all_in_a_box_lie_in_it_by_half(rectangles):
    answer = rectangles.prompt(box=(0, 0, 48, 31), selection='all')
    np.testing.assert_array_equal(np.sort(answer.indices), [PICTURE])
    answer = rectangles.prompt(box=(0, 0, 48, 40), selection='all')
    np.testing.assert_array_equal(np.sort(answer.indices), [PAGE, PICTURE])


def test_box_and_points_must_both_hold(rectangles):
    answer = rectangles.prompt([ON_PICTURE], box=(10, 10, 34, 30), selection='all')
    np.testing.assert_array_equal(answer.indices, [PICTURE])
    assert len(rectangles.prompt([ON_DOT], box=(10, 10, 34, 30))) == 0


def test_best_box_is_exact_on_a_real_scene(scene):
    rng = np.random.default_rng(1)
    masks = scene.masks()
    for _ in range(30):
        corners = np.sort(rng.integers(0, 513, (2, 2)), axis=0)
        x0, y0, x1, y1 = corners.ravel()
        if x0 == x1 or y0 == y1:
            continue
        inside = masks[:, y0:y1, x0:x1].sum(axis=(1, 2))
        iou = inside / ((x1 - x0) * (y1 - y0) + masks.sum(axis=(1, 2)) - inside)
        answer = scene.prompt(box=(x0, y0, x1, y1))
        if not iou.max():
            assert len(answer) == 0
        else:
            assert iou[answer.indices[0]] == iou.max()
            np.testing.assert_allclose(answer.scores, iou.max(), rtol=1e-6)


def test_points_hit_as_the_decoded_masks_do(scene):
    rng = np.random.default_rng(2)
    points = rng.integers(0, 512, (5000, 2))
    expected = scene.masks()[:, points[:, 1], points[:, 0]]
    assert expected.any()
    assert (scene.hits(points) != expected).sum() <= 1e-5 * expected.size


def test_many_prompts_at_once_equal_one_by_one(scene):
    rng = np.random.default_rng(3)
    prompts = [Prompt(points=rng.integers(0, 512, (k % 3, 2)), selection='all') for k in range(20)]
    prompts.append(Prompt(box=(10, 20, 300, 400)))
    for prompt, answer in zip(prompts, scene.answer(prompts)):
        (alone,) = scene.answer([prompt])
        np.testing.assert_array_equal(answer.indices, alone.indices)
        np.testing.assert_array_equal(answer.scores, alone.scores)
        assert answer.prompt is prompt


def test_best_is_the_first_of_all(scene):
    for point in ((256, 100), (200, 300), (400, 200)):
        everything = scene.prompt([point], selection='all')
        best = scene.prompt([point])
        np.testing.assert_array_equal(best.indices, everything.indices[:1])
        assert (np.diff(everything.scores) <= 0).all()


def test_an_empty_scene_answers_nothing(scene):
    empty = scene.select(np.empty(0, np.int64))
    for arguments in ({}, {'points': [(1, 1)]}, {'box': (0, 0, 9, 9)}):
        for selection in [s for s in Selection if arguments or s != Selection.SIMILAR]:
            answer = empty.prompt(**arguments, selection=selection)
            assert len(answer) == 0
            assert not answer.mask.any()


@pytest.mark.parametrize(('arguments', 'message'), [
    ({'points': [(np.nan, 1)]}, 'finite'),
    ({'points': [(-1, 5)]}, r'\(-1, 5\) lies outside the 64x64 image'),
    ({'points': [(64, 5)]}, 'outside'),
    ({'points': [(1, 2, 3)]}, 'pairs of x, y'),
    ({'points': [(1, 2)], 'labels': [1, 0]}, '1 points came with 2 labels'),
    ({'points': [(1, 2)], 'labels': [7]}, 'must be 1'),
    ({'box': (70, 0, 90, 10)}, 'box .* lies outside the 64x64 image'),
    ({'box': (9, 0, 9, 10)}, 'is empty'),
    ({'box': (10.2, 10.2, 10.4, 10.4)}, 'is empty: in whole pixels'),
    ({'box': (0, 9, 10, 3)}, 'is empty'),
    ({'box': (1e18, 0, 1e19, 10)}, 'box .* lies outside the 64x64 image'),
    ({'box': (-1e19, 0, -1e18, 10)}, 'box .* lies outside the 64x64 image'),
    ({'box': (63.6, 0, 65, 10)}, 'box .* lies outside the 64x64 image'),
    ({'box': (1, 2, 3)}, 'four numbers; 3 came'),
    ({'box': (0, 0, np.inf, 10)}, 'finite'),
    ({'selection': 9}, 'unknown selection 9'),
    ({'selection': 'most'}, "unknown selection 'most'"),
])
def test_bad_prompts_are_refused_in_words(rectangles, arguments, message):
    with pytest.raises(PromptError, match=message):
        rectangles.prompt(**arguments)


def test_text_without_a_model_says_how_to_get_one(rectangles):
    with pytest.raises(TextError, match='fastsam models get'):
        rectangles.prompt(text='dog')


def test_ten_thousand_points(scene):
    points = np.random.default_rng(4).uniform(0, 512, (10000, 2))
    assert len(scene.prompt(points, selection='all')) > 0


def test_many_clicks_are_answered_as_each_alone(scene):
    rng = np.random.default_rng(5)
    points = rng.uniform(0, (scene.width, scene.height), (40, 2))
    prompts = [Prompt([point]) for point in points]
    prompts[7:7] = [Prompt(points[:3]), Prompt([points[0]], [0]), Prompt(box=(10, 20, 200, 300))]
    together = scene.answer(prompts)
    assert sum(len(one) for one in together) > 20
    for prompt, got in zip(prompts, together):
        (alone,) = scene.answer([prompt])
        np.testing.assert_array_equal(got.indices, alone.indices)
        # Sums of several points at once are made in another order.
        np.testing.assert_allclose(got.scores, alone.scores, rtol=1e-5)
        assert (got.labels, got.prompt) == (alone.labels, prompt)
        if prompt.is_click:  # the general rule says the same
            best = scene.prompt(prompt.points, selection='all')
            np.testing.assert_array_equal(got.indices, best.indices[:1])
            np.testing.assert_allclose(got.scores, best.scores[:1], rtol=1e-5)


def test_points_that_are_no_clicks_are_not_ranked_as_such(rectangles, monkeypatch):
    ranked = []

    def count(segments, points, asked):
        ranked.append(asked.any(axis=0).tolist())
        return click_logits(segments, points, asked)

    monkeypatch.setattr(answers, 'click_logits', count)
    rectangles.answer([Prompt([ON_PAGE, ON_DOT], selection='all'), Prompt([ON_PICTURE])])
    assert sorted(ranked) == [[False, False, True], [True, True]]


def test_no_clicks_and_none_outside(scene):
    assert scene.answer([]) == []
    with pytest.raises(PromptError, match='outside'):
        scene.answer([Prompt([(1, 1)]), Prompt([(scene.width, 1)])])


@pytest.mark.parametrize('fields', [
    {'points': [(1, 2, 3), (4, 5, 6)]},
    {'points': [1, 2, 3, 4]},
    {'points': [(1, 2), (3,)]},
    {'points': 'here'},
    {'box': 'all of it'},
    {'points': [[[1, 2]]]},
    {'labels': [[1, 0]], 'points': [(1, 2), (3, 4)]},
    {'box': [[1, 2, 3, 4]]},
    {'text': 5},
    {'text': b'dog'},
], ids=str)
def test_values_of_another_shape_or_kind_are_refused(fields):
    with pytest.raises(PromptError):
        Prompt(**fields)
