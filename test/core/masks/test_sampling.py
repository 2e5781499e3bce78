# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Values between pixels, and what is asked of pictures with very long sides."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks import sampling
from fastsam_ros.core.masks.edges import edge_map
from fastsam_ros.core.masks.refinement import refine

LONG = 33_000  # pixels


@pytest.mark.parametrize('border', [cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE])
@pytest.mark.parametrize('shift', [0, -7.3, 40, 900])
def test_pieces_are_as_the_whole(border, shift, monkeypatch):
    rng = np.random.default_rng(0)
    values = rng.random((30, 100), np.float32)
    x, y = np.meshgrid(np.arange(70, dtype=np.float32), np.arange(41, dtype=np.float32))
    x, y = (side + shift + rng.normal(0, 2, side.shape).astype(np.float32) for side in (x, y))
    whole = sampling.sample(values, x, y, border)
    monkeypatch.setattr(sampling, 'LONGEST', 20)
    monkeypatch.setattr(sampling, 'TILE', 16)
    np.testing.assert_allclose(sampling.sample(values, x, y, border), whole, atol=1e-5)


def half_of(height, width):
    """Logits, extent and letterbox of a mask that fills half of a long picture."""
    letterbox = Letterbox.fit(height, width, 8192)
    logits = np.full((letterbox.input_height // 4, letterbox.input_width // 4), -5, np.float32)
    half = tuple(slice(side // 2 if side > 100 else None) for side in logits.shape)
    logits[half] = 5
    return logits, np.array([0, 0, width, height], np.float32), letterbox


@pytest.mark.parametrize('size', [(8, LONG), (LONG, 8)])
def test_masks_of_long_pictures_follow_its_edges(size):
    image = np.zeros((*size, 3), np.uint8)
    image[tuple(slice(side // 2 - 5 if side > 100 else None) for side in size)] = 255
    runs = refine(*half_of(*size), image)
    assert runs.area == 8 * (LONG // 2 - 5)


@pytest.mark.parametrize('size', [(8, LONG), (LONG, 8)])
def test_long_pictures_have_thin_edges(size):
    logits, extent, letterbox = half_of(*size)
    edges = edge_map(extent[None], np.ones(1), logits[None], letterbox, thin=True)
    places = np.argwhere(edges > 0.5)
    assert edges.shape == size and len(places)
    assert np.abs(places.max(axis=1) - LONG // 2).max() < 10
