# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colours and form, side by side in one vector."""

import numpy as np
import pytest

from fastsam_ros.core.looks import unit
from fastsam_ros.following.looks import COLOURS, both_alike, compared, learned


def random_looks(count, coefficients=32):
    rng = np.random.default_rng(count)
    colours = np.sqrt(rng.integers(0, 9, (count, COLOURS)))
    return np.concatenate([unit(colours), unit(rng.normal(size=(count, coefficients)))], axis=1)


@pytest.mark.parametrize('coefficients', [32, 35, 3])
def test_either_half_is_compared_by_itself(coefficients):
    some, others = random_looks(3, coefficients), random_looks(4, coefficients)
    pairs = np.array([(k, n) for k in range(3) for n in range(4)]).T
    colours, forms = compared(some, others, pairs)
    np.testing.assert_allclose(
        colours.reshape(3, 4), some[:, :COLOURS] @ others[:, :COLOURS].T, rtol=1e-5)
    cosines = some[:, COLOURS:] @ others[:, COLOURS:].T
    np.testing.assert_allclose(forms.reshape(3, 4), np.maximum(cosines, 0), atol=1e-6)
    assert (cosines < 0).any()
    for seen in compared(some, some, np.array([range(3), range(3)])):
        np.testing.assert_allclose(seen, 1, rtol=1e-5)


def test_what_is_learned_lies_between_and_keeps_its_length():
    looks = random_looks(4)
    for old, new, mixed in zip(looks[:2], looks[2:], learned(looks[:2], looks[2:], 0.5)):
        for half in (slice(0, COLOURS), slice(COLOURS, None)):
            wanted = old[half] + new[half]
            np.testing.assert_allclose(mixed[half], wanted / np.linalg.norm(wanted), atol=1e-6)
    nothing = np.zeros((1, COLOURS + 32), np.float32)
    assert not learned(nothing, nothing, 0.5).any()


def test_colours_tell_more_than_forms():
    colours, forms = np.array([1, 0.5, 1, 0.0]), np.array([1, 1, 0.5, 1])
    np.testing.assert_allclose(both_alike(colours, forms), [1, 0.354, 0.707, 0], atol=1e-3)
