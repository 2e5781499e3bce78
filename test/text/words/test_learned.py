# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scores and thresholds of words, from vectors made by hand."""

from made_words import example
import numpy as np
import pytest

from fastsam_ros.text.words.learned import OTHERS, RISE, SHARE, Learned

MUG, PLATE, BETWEEN = (1, 0, 0), (0, 1, 0), (0.6, 0.8, 0)


def learned(**words):
    return Learned({word: tuple(examples) for word, examples in words.items()}, 'n')


def test_the_most_similar_example_counts():
    known = learned(mug=[example(MUG), example(BETWEEN)], plate=[example(PLATE)])
    vectors = np.eye(3, dtype=np.float32)
    scores = known.scores(vectors)
    assert scores.shape == (3, 2) and scores.dtype == np.float32
    assert scores[0, 0] > 0.99 and scores[1, 1] > 0.95 and scores[2].max() < 0.01
    for word in (0, 1):
        np.testing.assert_array_equal(known.scores(vectors, word)[:, 0], scores[:, word])


def test_the_score_is_a_half_at_the_threshold():
    known = learned(mug=[example(MUG)])
    at = OTHERS * np.float32(MUG) + np.sqrt(1 - OTHERS**2) * np.float32(PLATE)
    assert known.scores(at[None], 0)[0, 0] == pytest.approx(0.5, abs=1e-4)


def test_what_else_was_seen_raises_the_threshold():
    alone = learned(mug=[example(MUG, nearest=0.3)]).thresholds[0]
    beside = learned(mug=[example(MUG, nearest=0.9)]).thresholds[0]
    assert alone == np.float32(OTHERS)
    assert beside == pytest.approx(OTHERS + SHARE * (0.9 - OTHERS))
    near = np.float32([0.9, np.sqrt(1 - 0.81), 0])
    rival = learned(mug=[example(MUG)], cup=[example(near)]).thresholds
    np.testing.assert_allclose(rival, beside, atol=1e-6)
    counter = learned(mug=[example(MUG), example(near, counter=True)]).thresholds[0]
    assert counter == pytest.approx(beside, abs=1e-6)


def test_each_further_example_asks_for_a_little_more():
    thresholds = [learned(mug=[example(MUG)] * count).thresholds[0] for count in (1, 2, 3)]
    np.testing.assert_allclose(thresholds, OTHERS + RISE * np.log([1, 2, 3]), atol=1e-6)


def test_what_is_as_near_to_a_counter_example_is_none():
    near = np.float32([0.95, np.sqrt(1 - 0.95**2), 0])
    without = learned(mug=[example(MUG)])
    known = learned(plate=[example(PLATE)], mug=[example(MUG), example(near, counter=True)])
    assert without.scores(near[None], 0)[0, 0] > 0.9
    for scores in (known.scores(near[None], 1)[0], known.scores(near[None])[0, 1:]):
        assert scores[0] == 0
    assert known.scores(np.float32([MUG]), 1)[0, 0] > 0.9
    assert known.scores(np.float32([PLATE]))[0, 0] > 0.9


def test_examples_of_other_networks_are_not_known():
    known = learned(mug=[example(MUG, network='other')], plate=[example(PLATE)],
                    no=[example(MUG, counter=True)])
    assert known.names == ('plate',) and len(known) == 1


def test_articles_case_and_plurals_are_ignored():
    known = learned(**{'My Mug': [example(MUG)], 'valve-7': [example(PLATE)]})
    assert [known.find(text) for text in ('the my mugs', 'MY  MUG', 'Valve 7', 'mug')] == [
        0, 0, 1, None]


def test_nothing_known_and_nothing_asked():
    assert learned().scores(np.zeros((4, 3), np.float32)).shape == (4, 0)
    known = learned(mug=[example(MUG)])
    assert known.scores(np.zeros((0, 3), np.float32), 0).shape == (0, 1)
    assert learned().thresholds.shape == (0,)


def test_a_thousand_words_are_told_apart():
    vectors = np.random.default_rng(0).normal(size=(1000, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = learned(**{f'word {n}': [example(vector)] for n, vector in enumerate(vectors)})
    scores = known.scores(vectors)
    assert (scores.argmax(axis=1) == np.arange(1000)).all()
    assert ((scores >= 0.5) == np.eye(1000, dtype=bool)).all()
