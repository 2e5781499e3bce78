# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Decoding in torch gives what C++ gives, on the CPU and on a GPU if there is one."""

from devices import DEVICES
import numpy as np
from oracles.masks import whole
import pytest
from random_masks import random_masks
import torch

from fastsam_ros.backends.cuda import decode as decode_module
from fastsam_ros.backends.cuda.masks import move_sides_there
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import decode
from fastsam_ros.core.masks.fading import Fading
from fastsam_ros.core.masks.shaping import grow

SIZES = [(480, 640), (96, 64), (1080, 1920), (300, 901), (37, 53), (16, 400)]


@pytest.fixture(params=DEVICES)
def device(request):
    return request.param


def on_device(device, coefficients, prototypes, extents, letterbox):
    tensors = (torch.from_numpy(array).to(device) for array in (coefficients, prototypes))
    return *tensors, extents, letterbox


def assert_same(got, expected, letterbox):
    """Equal but where a logit is 0 up to rounding: at most one pixel in 100,000 of the masks."""
    assert len(got) == len(expected)
    size = letterbox.height, letterbox.width
    different = 0
    for one, other in zip(got, expected):
        if not np.array_equal(one.counts, other.counts):
            different += (whole(one, *size) != whole(other, *size)).sum()
        else:
            fields = ('x', 'y', 'width', 'height', 'area')
            assert all(getattr(one, f) == getattr(other, f) for f in fields)
        assert one.counts.dtype == np.uint32
        assert (one.counts[1:] > 0).all()  # runs that touch are one
        assert one.counts.sum() == one.width * one.height
        assert one.counts[1::2].sum() == one.area
    assert different <= 1e-5 * sum(runs.area for runs in expected)


@pytest.mark.parametrize(('height', 'width'), SIZES)
@pytest.mark.parametrize('seed', [0, 1])
def test_run_lengths_of_random_masks(device, height, width, seed):
    masks = random_masks(height, width, seed=seed)
    expected = decode(*masks)
    assert sum(runs.area > 0 for runs in expected) > 10
    assert_same(decode_module.decode(*on_device(device, *masks)), expected, masks[3])


@pytest.mark.parametrize(('height', 'width'), SIZES)
def test_masks_that_fade(device, height, width):
    coefficients, prototypes, extents, letterbox = random_masks(height, width)
    fading = Fading.of(extents, letterbox)
    expected = decode(coefficients, prototypes, extents, letterbox, fades=True)
    cut = decode(coefficients, prototypes, extents, letterbox)
    assert sum(a.area > b.area for a, b in zip(expected, cut)) > 5
    arrays = on_device(device, coefficients, prototypes, extents, letterbox)
    assert_same(decode_module.decode(*arrays, fading), expected, letterbox)


def test_boxes_grow_as_on_the_host(device):
    moved = 0
    for seed in range(4):
        coefficients, prototypes, extents, letterbox = random_masks(300, 420, seed=seed)
        expected = grow(coefficients, prototypes, extents, letterbox)
        got = grow(
            coefficients, torch.from_numpy(prototypes).to(device), extents, letterbox,
            move_sides_there)
        np.testing.assert_array_equal(got, expected)
        moved += (expected != extents).any(axis=1).sum()
    assert moved > 3


def test_run_lengths_of_a_photograph(device, scene):
    arrays = on_device(
        device, scene.coefficients, scene.prototypes, scene.extents, scene.letterbox)
    expected = decode(scene.coefficients, scene.prototypes, scene.extents, scene.letterbox)
    assert_same(decode_module.decode(*arrays), expected, scene.letterbox)


def test_many_passes_give_what_one_gives(device, monkeypatch):
    masks = on_device(device, *random_masks(480, 640, 50))
    expected = decode_module.decode(*masks)
    monkeypatch.setattr(decode_module, 'ELEMENTS', 20000)
    got = decode_module.decode(*masks)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one.counts, other.counts)


def test_empty_runs_between_two_that_touch(device):
    """Wherever they lie in their row: here two full rows, and what rounding leaves at edges."""
    runs = torch.tensor([  # segment, row, first pixel, behind the last
        (0, 2, 1, 1), (0, 3, 2, 6), (0, 3, 9, 9), (0, 4, 0, 0), (0, 4, 2, 6), (0, 5, 7, 7),
        (1, 0, 4, 4), (2, 0, 3, 3), (2, 1, 3, 5)], device=device)
    got = decode_module.assemble(3, decode_module.Toggles(*runs.T))
    assert [one.counts.tolist() for one in got] == [[0, 8], [], [0, 2]]
    assert [(one.x, one.y, one.width, one.height) for one in got[::2]] == [
        (2, 3, 4, 2), (3, 1, 2, 1)]


@pytest.mark.parametrize('fades', [False, True])
@pytest.mark.parametrize('elements', [1, 2000, 100_000])
def test_a_pass_holds_no_more_than_it_may(device, elements, fades, monkeypatch):
    """Neither of prototype pixels, however small the windows are, nor of rows."""
    coefficients, prototypes, extents, letterbox = random_masks(480, 640, 60)
    extents[30:, 2:] = extents[30:, :2] + 3
    fading = Fading.of(extents, letterbox) if fades else None
    masks = *on_device(device, coefficients, prototypes, extents, letterbox), fading
    expected = [runs.area for runs in decode_module.decode(*masks)]
    toggles, held = decode_module.find_toggles, []

    def count(logits, windows, reaches, rows, axes):
        held.append((len(logits), logits.numel(), rows * logits.shape[2]))
        return toggles(logits, windows, reaches, rows, axes)

    monkeypatch.setattr(decode_module, 'find_toggles', count)
    monkeypatch.setattr(decode_module, 'ELEMENTS', elements)
    assert [runs.area for runs in decode_module.decode(*masks)] == expected
    segments, pixels, rows = np.array(held).T
    assert segments.sum() == 60
    assert (pixels <= max(elements, prototypes[0].size)).all()
    assert (rows <= elements + 480 * prototypes.shape[2]).all()  # the last segment may reach over


@pytest.mark.parametrize('count', [0, 1])
def test_nothing_in_nothing_out(device, count):
    coefficients, prototypes, _, letterbox = on_device(device, *random_masks(480, 640))
    masks = coefficients[:count], prototypes, np.zeros((count, 4), np.float32), letterbox
    assert [runs.area for runs in decode_module.decode(*masks)] == [0] * count


@pytest.mark.parametrize('sign', [-1, 1])
def test_all_or_nothing_of_a_box(device, sign):
    letterbox = Letterbox.fit(48, 64, 64)
    box = np.array([[8, 4, 40, 20], [0, 0, 64, 48]], np.float32)
    arrays = on_device(
        device, np.full((2, 32), sign, np.float32), np.ones((32, 12, 16), np.float32), box,
        letterbox)
    got = decode_module.decode(*arrays)
    expected = [[0, 512], [0, 3072]] if sign > 0 else [[], []]
    assert [runs.counts.tolist() for runs in got] == expected
