# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Products in pieces are products."""

import numpy as np
import pytest

from fastsam_ros.core import products


@pytest.mark.parametrize('limit', [1, 100, 1 << 18])
@pytest.mark.parametrize('shape', [(5, 7), (3, 5, 7), (5, 0)])
def test_pieces_give_the_whole(limit, shape, monkeypatch):
    monkeypatch.setattr(products, 'LIMIT', limit)
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(11, 5)), rng.normal(size=shape)
    left, right = left.astype(np.float32), right.astype(np.float32)
    np.testing.assert_allclose(products.multiply(left, right), left @ right, atol=1e-5)


def test_into_an_array_of_any_strides():
    rng = np.random.default_rng(0)
    left, right = (rng.normal(size=s).astype(np.float32) for s in ((4, 5), (3, 5, 7)))
    out = np.zeros((4, 3, 7), np.float32)
    products.multiply(left, right, out.transpose(1, 0, 2))
    np.testing.assert_allclose(out.transpose(1, 0, 2), left @ right, atol=1e-5)


def test_nothing_times_something():
    assert products.multiply(np.empty((0, 5), np.float32), np.ones((5, 3))).shape == (0, 3)
