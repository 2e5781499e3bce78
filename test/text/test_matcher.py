# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which segments answer a text, with a text model whose answers are known beforehand."""

from dataclasses import replace
from threading import Barrier, Thread

from made_scene import made_scene
import numpy as np
import pytest
from scripted_encoder import COLOURS, ScriptedEncoder

from fastsam_ros.core.errors import ParameterError, PromptError, TextError
from fastsam_ros.text.embedding_cache import FRAMES
from fastsam_ros.text.matcher import TextMatcher

RED, GREEN, YELLOW, BLUE = (COLOURS[name] for name in ('red', 'green', 'yellow', 'blue'))
BOXES = [(10, 10, 60, 60), (100, 10, 160, 50), (10, 200, 40, 280), (200, 200, 300, 300)]
SHOWN = [RED, YELLOW, RED, GREEN]


@pytest.fixture
def matcher():
    return TextMatcher(ScriptedEncoder(), background='mean')


@pytest.fixture
def scene(matcher):
    return made_scene(BOXES, SHOWN, matcher=matcher)


def everything(scene):
    return np.arange(len(scene))


def moved(scene, boxes, shown, **fields):
    return made_scene(boxes, shown, matcher=scene.matcher, **fields)


def test_all_segments_that_show_it_and_no_others(scene):
    answer = scene.prompt(text='red', selection='all')
    assert sorted(answer.indices) == [0, 2]
    assert answer.labels == ('red', 'red')
    assert ((answer.scores > 0.9) & (answer.scores <= 1)).all()
    assert scene.prompt(text='yellow').indices.tolist() == [1]


@pytest.mark.parametrize('text', ['purple', 'a zebra', 'blue'])
def test_what_is_not_there_is_an_empty_answer(text, scene):
    answer = scene.prompt(text=text, selection='all')
    assert len(answer) == 0
    assert not answer.mask.any()


def test_an_empty_scene_is_an_empty_answer(matcher):
    assert len(made_scene([], [], matcher=matcher).prompt(text='red')) == 0
    assert matcher.encoder.batches == []


def test_several_texts_label_each_segment_with_its_best(scene):
    answer = scene.prompt(text='green, red\nyellow', selection='all')
    found = dict(zip(answer.indices.tolist(), answer.labels, strict=True))
    assert found == {0: 'red', 1: 'yellow', 2: 'red', 3: 'green'}


def test_a_negative_takes_away(scene):
    both = scene.prompt(text='red yellow', selection='all')
    assert sorted(both.indices) == [0, 1, 2]
    assert scene.prompt(text='red yellow -red', selection='all').indices.tolist() == [1]


def test_phrases_to_fit_better_than_can_be_added(scene):
    scene = replace(scene, matcher=TextMatcher(ScriptedEncoder(), contrast=('object', 'red')))
    assert scene.prompt(text='red yellow', selection='all').indices.tolist() == [1]


def test_scores_of_one_segment_do_not_depend_on_the_others(scene):
    alone = moved(scene, BOXES[:1], SHOWN[:1])
    assert alone.prompt(text='red').scores == scene.prompt(text='red', selection='all').scores[0]


def test_best_first(matcher):
    orange = (255, 60, 0)
    answer = made_scene(BOXES[:2], [orange, RED], matcher=matcher).prompt(
        text='red', selection='all'
    )
    assert answer.indices.tolist() == [1, 0]
    assert answer.scores[0] >= answer.scores[1]


def test_swapped_red_and_blue_would_be_noticed(scene):
    assert scene.prompt(text='red', selection='all').indices.tolist()
    swapped = replace(scene, image=np.ascontiguousarray(scene.image[..., ::-1]),
                      extents=scene.extents.copy())
    assert len(swapped.prompt(text='red')) == 0
    assert sorted(swapped.prompt(text='blue', selection='all').indices) == [0, 2]


def test_permuting_segments_permutes_answers(scene):
    order = np.array([2, 0, 3, 1])
    permuted = replace(scene, extents=scene.extents[order], scores=scene.scores[order],
                       coefficients=scene.coefficients[order], runs=None)
    scores, labels = scene.matcher.match(scene, 'red, green', everything(scene))
    other, others = scene.matcher.match(permuted, 'red, green', everything(scene))
    np.testing.assert_array_equal(other, scores[order])
    assert others == tuple(np.array(labels)[order])


def test_indices_are_right_after_gating(matcher):
    boxes = [(0, 0, 5, 5), *BOXES[:2], (11, 10, 60, 60), *BOXES[2:]]
    shown = [RED, RED, YELLOW, RED, RED, GREEN]
    scene = made_scene(boxes, shown, matcher=matcher)
    # 0 is too small and 3 is 1 once more.
    assert sorted(scene.prompt(text='red', selection='all').indices) == [1, 4]
    candidates = np.array([5, 0, 3, 2])
    scores, labels = matcher.match(scene, 'red, yellow, green', candidates)
    assert labels == ('green', '', 'red', 'yellow')
    assert scores[1] == -1
    assert (scores[[0, 2, 3]] > 0.9).all()


def test_what_was_not_looked_at_matches_no_threshold(scene):
    scene.matcher.min_area, scene.matcher.threshold = 2500, 0.0  # 0 and 3 are large enough
    answer = scene.prompt(text='blue', selection='all')
    assert sorted(answer.indices) == [0, 3]
    assert all(answer.labels)


def test_only_the_most_confident_are_looked_at_when_there_are_many(scene):
    scene.matcher.max_candidates = 2
    assert scene.prompt(text='red', selection='all').indices.tolist() == [0]
    assert scene.matcher.encoder.batches == [2]


def test_limits_can_be_changed_between_questions(scene):
    scene.matcher.min_area = 3000
    assert scene.prompt(text='red', selection='all').indices.tolist() == []
    scene.matcher.min_area = 2400
    assert len(scene.prompt(text='red', selection='all')) == 2
    scene.matcher.threshold = 1.0
    assert len(scene.prompt(text='blue', selection='all')) == 0


@pytest.mark.parametrize(
    'setting',
    [{'threshold': 1.5}, {'min_area': -1}, {'overlap': 2.0}, {'max_candidates': 0},
     {'background': 'plaid'}],
)
def test_bad_settings_are_refused(setting):
    with pytest.raises(ParameterError, match=next(iter(setting))):
        TextMatcher(ScriptedEncoder(), **setting)


@pytest.mark.parametrize('text', ['', ' , ', '-red', '\n;'])
def test_a_text_that_asks_for_nothing_is_refused(text, scene):
    with pytest.raises(PromptError, match='asks for nothing'):
        scene.matcher.match(scene, text, everything(scene))


def test_a_scene_without_its_image_is_refused(scene):
    with pytest.raises(TextError, match='image'):
        replace(scene, image=None).prompt(text='red')


def test_crops_of_a_scene_go_in_one_batch_and_only_once(scene):
    for text in ('red', 'green', 'blue, yellow'):
        scene.prompt(text=text)
        scene.prompt(text=text)
    assert scene.matcher.encoder.batches == [4]


def test_texts_are_encoded_once(scene):
    for _ in range(3):
        scene.prompt(text='red, green -blue')
    seen = scene.matcher.encoder.texts
    assert len(seen) == len(set(seen))


def test_segments_that_stay_are_followed(scene):
    scene.prompt(text='red')
    boxes = [(12, 10, 62, 60), *BOXES[1:3], (100, 100, 200, 200)]
    after = moved(scene, boxes, SHOWN)
    assert sorted(after.prompt(text='red', selection='all').indices) == [0, 2]
    assert after.prompt(text='green').indices.tolist() == [3]
    assert scene.matcher.encoder.batches == [4, 1]  # only the one that went elsewhere


def test_something_else_in_the_same_place_is_looked_at(scene):
    assert scene.prompt(text='red').indices.tolist() == [0]
    after = moved(scene, BOXES, [BLUE, YELLOW, RED, GREEN])
    assert after.prompt(text='blue').indices.tolist() == [0]
    assert after.prompt(text='red').indices.tolist() == [2]
    assert scene.matcher.encoder.batches == [4, 1]


def test_small_changes_do_not_add_up(scene):
    shades = range(255, -1, -25)
    for shade in shades:
        after = moved(scene, BOXES[:1], [(shade, 0, 255 - shade)])
        found = [text for text in ('red', 'blue') if len(after.prompt(text=text))]
    assert found == ['blue']


def test_followed_scores_are_those_of_a_fresh_look(scene):
    scene.prompt(text='red')
    after = moved(scene, BOXES, SHOWN)
    kept = scene.matcher.match(after, 'red, green', everything(after))
    fresh = TextMatcher(ScriptedEncoder(), background='mean')
    np.testing.assert_array_equal(kept[0], fresh.match(after, 'red, green', everything(after))[0])


def test_two_cameras_do_not_mix(scene):
    other = moved(scene, BOXES, [GREEN, GREEN, YELLOW, RED])
    for _ in range(3):
        assert scene.prompt(text='green').indices.tolist() == [3]
        assert sorted(other.prompt(text='green', selection='all').indices) == [0, 1]
    assert sum(scene.matcher.encoder.batches) == 8


def test_segments_of_many_cameras_are_followed(scene):
    for _ in range(3):
        for camera in range(12):
            frame = moved(scene, [(20 * camera, 0, 20 * camera + 50, 50)], [RED])
            assert len(frame.prompt(text='red')) == 1
    assert sum(scene.matcher.encoder.batches) == 12


def test_memory_is_bounded(scene):
    scenes = [moved(scene, [(shift, 0, shift + 50, 50)], [RED]) for shift in range(2 * FRAMES)]
    for other in scenes:
        other.prompt(text='red')
    assert len(scene.matcher._embeddings) == FRAMES


def test_many_threads_get_the_same_answer(scene):
    found, barrier = [], Barrier(8)

    def ask():
        barrier.wait()
        answer = scene.prompt(text='red', selection='all')
        found.append(sorted(answer.indices.tolist()))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[0, 2]] * 8
    assert scene.matcher.encoder.batches == [4]


def test_text_and_point_and_box_must_all_hold(scene):
    assert scene.prompt(text='red', points=[(30, 30)]).indices.tolist() == [0]
    assert len(scene.prompt(text='green', points=[(30, 30)])) == 0
    assert scene.prompt(text='red', box=(0, 190, 50, 290)).indices.tolist() == [2]


def test_without_a_text_model_the_way_to_one_is_said(scene):
    with pytest.raises(TextError, match='fastsam models get'):
        replace(scene, matcher=None).prompt(text='red')


def test_after_a_change_of_light_each_segment_is_looked_at_once(scene, monkeypatch):
    """However many earlier frames showed the same places."""
    from fastsam_ros.text import embedding_cache

    for shift in range(5):
        moved(scene, BOXES, [(255 - shift, 0, 0)] * 4).prompt(text='red')
    looks, thumbnail = [], embedding_cache.thumbnail
    monkeypatch.setattr(
        embedding_cache, 'thumbnail', lambda *of: looks.append(1) or thumbnail(*of))
    for light in (60, 120):
        looks.clear()
        moved(scene, BOXES, [(0, light, 0)] * 4).prompt(text='red')
        assert len(looks) == 4
