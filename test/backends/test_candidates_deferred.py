# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of candidates: the same as those of segments, and not made before somebody looks."""

import numpy as np
import pytest

from fastsam_ros.backends import processing
from fastsam_ros.fastsam import FastSam


@pytest.mark.parametrize('shaping', ['always', 'never'])
def test_masks_of_candidates_are_made_when_they_are_looked_at(astronaut, monkeypatch, shaping):
    decoded = []

    def decode(coefficients, *others):
        decoded.append(len(coefficients))
        return original(coefficients, *others)

    original = processing.decode
    monkeypatch.setattr(processing, 'decode', decode)
    model = FastSam(device='cpu', precision='fp32', confidence=0.4, candidates=0.1,
                    grow=shaping, clean=shaping)
    scene = model(astronaut)
    assert decoded == [scene.confident]
    scene.prompt(points=[(250, 200)])
    assert decoded == [scene.confident] and len(scene) > scene.confident + 5
    last = len(scene) - 1
    one = scene.run_lengths([last])[0]
    assert decoded == [scene.confident, 1]
    model.confidence, model.candidates = 0.1, None
    whole = model(astronaut)
    assert len(whole) <= len(scene)  # an empty mask is no segment, but may be a candidate's
    masks = [runs for runs in scene.run_lengths() if runs.area]
    assert len(masks) == len(whole) and (not one.area or one is masks[-1])
    for runs, wanted in zip(masks, whole.run_lengths()):
        assert (runs.x, runs.y, runs.area) == (wanted.x, wanted.y, wanted.area)
        np.testing.assert_array_equal(runs.counts, wanted.counts)
