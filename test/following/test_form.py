# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Colours and form, side by side in one vector."""

import numpy as np
import pytest

from fastsam_ros.core.looks import unit
from fastsam_ros.following.looks import COLOURS, LookTable, learned
from fastsam_ros.following.small_mask import MaskTable, SmallMask


def random_looks(count, coefficients=32):
    rng = np.random.default_rng(count)
    colours = np.sqrt(rng.integers(0, 9, (count, COLOURS)))
    return np.concatenate([unit(colours), unit(rng.normal(size=(count, coefficients)))], axis=1)


@pytest.fixture(params=[32, 35, 3])
def table(request):
    """What eight squares of noise look like."""
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (40, 80, 3), np.uint8)
    image[:, 40:] //= 4
    masks = [SmallMask(10 * n, 5, np.full((20, 10), 255, np.uint8)) for n in range(8)]
    return LookTable(image, 1, MaskTable.of(masks), rng.normal(size=(8, request.param)) * 7)


@pytest.mark.parametrize('form', [False, True])
def test_the_more_similar_of_two_looks_counts(table, form):
    looks = random_looks(6, table.rows.shape[1] - COLOURS)
    pairs = np.array([(k, n) for k in range(3) for n in range(8)]).T
    found = table.likenesses(looks, pairs, form).reshape(3, 1, 8)
    colours, forms = (
        (looks[:, half] @ table.rows[:, half].T).reshape(3, 2, 8)
        for half in (slice(COLOURS), slice(COLOURS, None)))
    assert (forms < 0).any()
    alike = colours**1.5 * np.sqrt(np.maximum(forms, 0)) if form else colours
    np.testing.assert_allclose(found, alike.max(axis=1, keepdims=True), atol=1e-3)


def test_what_is_seen_looks_like_itself(table):
    table.make(np.arange(8))
    lengths = [np.linalg.norm(half, axis=1) for half in np.split(table.rows, [COLOURS], axis=1)]
    np.testing.assert_allclose(lengths, 1, rtol=1e-6)
    itself = table.likenesses(table.rows[:2], np.array([[0, 0], [0, 1]]), form=True)
    np.testing.assert_allclose(itself, 1, rtol=1e-5)


def test_what_is_learned_lies_between_and_keeps_its_length():
    looks = random_looks(4)
    for old, new, mixed in zip(looks[:2], looks[2:], learned(looks[:2], looks[2:], 0.5)):
        for half in (slice(0, COLOURS), slice(COLOURS, None)):
            wanted = old[half] + new[half]
            np.testing.assert_allclose(mixed[half], wanted / np.linalg.norm(wanted), atol=1e-6)
    nothing = np.zeros((1, COLOURS + 32), np.float32)
    assert not learned(nothing, nothing, 0.5).any()
