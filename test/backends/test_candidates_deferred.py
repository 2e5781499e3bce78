# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of candidates: the same as those of segments, and not made before somebody looks."""

import numpy as np
import pytest
import torch

from fastsam_ros.backends import decoders, processing
from fastsam_ros.backends.cuda import masks
from fastsam_ros.backends.cuda.processing import TorchProcessing
from fastsam_ros.core.masks.run_lengths import EMPTY
from fastsam_ros.fastsam import FastSam


@pytest.mark.parametrize('where', ['host', 'device'])
@pytest.mark.parametrize('shaping', ['always', 'never'])
def test_masks_of_candidates_are_made_when_they_are_looked_at(
        astronaut, weights, monkeypatch, shaping, where):
    decoded = []

    def decode(coefficients, *others, **options):
        decoded.append(len(coefficients))
        return original(coefficients, *others, **options)

    on_host = decoders, 'decode_grown' if shaping == 'always' else 'decode'
    room, name = {'host': on_host, 'device': (masks, 'decode')}[where]
    original = getattr(room, name)
    monkeypatch.setattr(room, name, decode)
    model = FastSam(str(weights), device='cpu', precision='fp32', confidence=0.4, candidates=0.1,
                    grow=shaping, clean=shaping)
    if where == 'device':
        model._processing = TorchProcessing(model._backend.detect, torch.device('cpu'))
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
    found = [runs for runs in scene.run_lengths() if runs.area]
    assert len(found) == len(whole)
    assert not one.area or one.counts.tolist() == found[-1].counts.tolist()
    for runs, wanted in zip(found, whole.run_lengths()):
        assert (runs.x, runs.y, runs.area) == (wanted.x, wanted.y, wanted.area)
        np.testing.assert_array_equal(runs.counts, wanted.counts)


def test_boxes_hold_the_masks_of_candidates_once_they_are_made(photographs):
    model = FastSam(device='cpu', precision='fp32', confidence=0.4, candidates=0.01)
    moved = 0
    for name in ('coffee', 'chelsea', 'rocket'):
        scene = model(photographs[name])
        before = scene.extents.copy()
        candidates = scene.select(slice(scene.confident, None))
        moved += np.count_nonzero((scene.extents != before).any(axis=1))
        for (x0, y0, x1, y1), runs in zip(candidates.extents, candidates.runs):
            assert runs.area == 0 or (
                x0 <= runs.x + 0.5 and runs.x + runs.width - 0.5 <= x1
                and y0 <= runs.y + 0.5 and runs.y + runs.height - 0.5 <= y1)
    assert moved > 20


def test_a_segment_that_is_left_out_shifts_no_box_of_a_candidate(astronaut, monkeypatch):
    """As where the first mask has no pixel."""
    model = FastSam(device='cpu', precision='fp32', confidence=0.4, candidates=0.1)
    whole = model(astronaut)
    whole.run_lengths()

    def without_first(*segments):
        runs, extents = original(*segments)
        return [EMPTY, *runs[1:]] if len(runs) == whole.confident else runs, extents

    original = processing.decode_here
    monkeypatch.setattr(processing, 'decode_here', without_first)
    scene = model(astronaut)
    scene.run_lengths()
    assert len(scene) == len(whole) - 1
    np.testing.assert_array_equal(scene.extents, whole.extents[1:])


def test_a_box_is_moved_by_what_is_left_of_its_mask_alone(photographs):
    """Of boxes that are not grown: the network's, moved out to the mask without its specks."""
    settings = {'device': 'cpu', 'precision': 'fp32', 'confidence': 0.2}
    plain = FastSam(**settings, grow='never', clean='never')
    shaped = FastSam(**settings, grow='always', clean='always')
    moved = 0
    for name in ('coffee', 'chelsea', 'rocket', 'astronaut'):
        network, scene = plain(photographs[name]), shaped(photographs[name])
        assert len(network) == len(scene)
        for box, held, runs in zip(network.extents, scene.extents, scene.runs):
            if (box[2] - box[0]) * (box[3] - box[1]) <= 0.1 * scene.width * scene.height:
                wanted = [min(box[0], runs.x), min(box[1], runs.y),
                          max(box[2], runs.x + runs.width), max(box[3], runs.y + runs.height)]
                np.testing.assert_allclose(held, wanted, rtol=1e-5)
                moved += not np.array_equal(held, box)
    assert moved > 20
