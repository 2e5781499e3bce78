# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a text's score is: LERF's relevancy, at the encoder's own scale."""

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.text.matcher import TextMatcher
from fastsam_ros.text.query import BACKGROUND, TEMPLATES

BOX, COLOUR = (10, 10, 60, 60), (255, 0, 0)


def score_of(encoder):
    """How well one segment shows a mug."""
    matcher = TextMatcher(encoder, threshold=0)
    (score,), _ = matcher.match(
        made_scene([BOX], [COLOUR], matcher=matcher), 'mug', np.array([0]))
    return score


class TwoAxes:
    """Texts and images as angles: what is asked for lies at 0, what fits anything at 90."""

    name, device, scale = 'two axes', 'none', 4.0

    def __init__(self, image, others=90.0):
        self.image, self.others = image, dict.fromkeys(BACKGROUND, others)

    def encode_text(self, texts):
        return np.stack([_at(next(
            (angle for phrase, angle in self.others.items() if text.endswith(phrase)), 0.0))
            for text in texts])

    def encode_images(self, crops):
        return np.stack([_at(self.image)] * len(crops))


def _at(degrees):
    return np.float32([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


@pytest.mark.parametrize('angle', [0, 30, 45, 60])
def test_a_score_is_the_probability_of_a_softmax_at_the_encoders_scale(angle):
    score = score_of(TwoAxes(angle))
    fits, other = np.exp(4.0 * np.cos(np.radians([angle, 90 - angle])))
    assert score == pytest.approx(fits / (fits + other), abs=1e-5)


@pytest.mark.parametrize('phrase', BACKGROUND)
def test_each_phrase_that_fits_anything_counts(phrase):
    encoder = TwoAxes(20.0, others=170.0)
    encoder.others[phrase] = 20.0
    assert score_of(encoder) < 0.5


def test_a_text_is_the_mean_of_its_templates():
    matcher = TextMatcher(TwoAxes(0))
    encoder = matcher.encoder
    encoder.encode_text = lambda texts: np.eye(len(TEMPLATES), dtype=np.float32)[
        [TEMPLATES.index(text.replace('mug', '{}')) for text in texts]]
    (vector,) = matcher.text_vectors(['mug'])
    np.testing.assert_allclose(vector, np.full(4, 0.5), atol=1e-6)
