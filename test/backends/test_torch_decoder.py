# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Decoding in torch gives what decoding in numpy gives; here with torch on the CPU."""

import numpy as np
import pytest
import torch

from fastsam_ros.backends import torch_decoder
from fastsam_ros.backends.torch_decoder import TorchDecoder
from fastsam_ros.core.decoding import HostDecoder
from fastsam_ros.core.letterbox import Letterbox

SIZES = [(480, 640), (96, 64), (1080, 1920), (300, 901), (37, 53), (16, 400)]


def random_masks(height, width, count=24, seed=0):
    """Coefficients, prototypes, extents and letterbox of blobs with outlines of many shapes."""
    rng = np.random.default_rng(seed + height)
    letterbox = Letterbox.fit(height, width, 320)
    shape = letterbox.input_height // 4, letterbox.input_width // 4
    coarse = torch.from_numpy(rng.normal(size=(1, 32, shape[0] // 6 + 2, shape[1] // 6 + 2)))
    smooth = torch.nn.functional.interpolate(coarse, shape, mode='bicubic')[0].numpy()
    prototypes = (smooth + 0.05 * rng.normal(size=smooth.shape)).astype(np.float32)
    coefficients = rng.normal(size=(count, 32)).astype(np.float32)
    corners = np.sort(rng.uniform(0, 1, (count, 2, 2)), axis=1) * (width, height)
    extents = corners.reshape(count, 4).astype(np.float32)
    extents[0] = 0, 0, width, height
    extents[1] = width / 2, 0, width / 2, height  # empty
    extents[2] = width, height, width, height
    return coefficients, prototypes, extents, letterbox


def on_device(coefficients, prototypes, extents, letterbox):
    return torch.from_numpy(coefficients), torch.from_numpy(prototypes), extents, letterbox


def whole(runs, letterbox):
    mask = np.zeros((letterbox.height, letterbox.width), bool)
    mask[runs.window] = runs.mask()
    return mask


def assert_same(got, expected, letterbox):
    """Equal but where a logit is 0 up to rounding: at most one pixel in 100,000 of the masks."""
    assert len(got) == len(expected)
    different = 0
    for one, other in zip(got, expected):
        if not np.array_equal(one.counts, other.counts):
            different += (whole(one, letterbox) != whole(other, letterbox)).sum()
        else:
            fields = ('x', 'y', 'width', 'height', 'area')
            assert all(getattr(one, f) == getattr(other, f) for f in fields)
        assert one.counts.dtype == np.uint32
        assert one.counts.sum() == one.width * one.height
        assert one.counts[1::2].sum() == one.area
    assert different <= 1e-5 * sum(runs.area for runs in expected)


@pytest.mark.parametrize(('height', 'width'), SIZES)
@pytest.mark.parametrize('seed', [0, 1])
def test_run_lengths_of_random_masks(height, width, seed):
    masks = random_masks(height, width, seed=seed)
    expected = HostDecoder().run_lengths(*masks)
    assert sum(runs.area > 0 for runs in expected) > 10
    assert_same(TorchDecoder().run_lengths(*on_device(*masks)), expected, masks[3])


def test_run_lengths_of_a_photograph(scene):
    arrays = on_device(scene.coefficients, scene.prototypes, scene.extents, scene.letterbox)
    assert_same(TorchDecoder().run_lengths(*arrays), scene.run_lengths(), scene.letterbox)


def test_many_passes_give_what_one_gives(monkeypatch):
    masks = on_device(*random_masks(480, 640, 50))
    expected = TorchDecoder().run_lengths(*masks)
    monkeypatch.setattr(torch_decoder, 'ELEMENTS', 20000)
    got = TorchDecoder().run_lengths(*masks)
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one.counts, other.counts)
    areas = TorchDecoder().areas(*masks)
    np.testing.assert_array_equal(areas, [runs.area for runs in expected])


@pytest.mark.parametrize('count', [0, 1])
def test_nothing_in_nothing_out(count):
    coefficients, prototypes, _, letterbox = on_device(*random_masks(480, 640))
    masks = coefficients[:count], prototypes, np.zeros((count, 4), np.float32), letterbox
    assert [runs.area for runs in TorchDecoder().run_lengths(*masks)] == [0] * count
    assert TorchDecoder().areas(*masks).tolist() == [0] * count


@pytest.mark.parametrize('sign', [-1, 1])
def test_all_or_nothing_of_a_box(sign):
    letterbox = Letterbox.fit(48, 64, 64)
    box = np.array([[8, 4, 40, 20], [0, 0, 64, 48]], np.float32)
    arrays = torch.full((2, 32), float(sign)), torch.ones(32, 12, 16), box, letterbox
    got = TorchDecoder().run_lengths(*arrays)
    expected = [[0, 512], [0, 3072]] if sign > 0 else [[], []]
    assert [runs.counts.tolist() for runs in got] == expected


def test_logits_at_points():
    coefficients, prototypes, extents, letterbox = random_masks(300, 901)
    x, y = np.random.default_rng(0).integers(0, (901, 300), (500, 2)).T
    x[:4], y[:4] = (0, 900, 0, 900), (0, 0, 299, 299)
    expected = HostDecoder().logits_at(coefficients, prototypes, letterbox, x, y)
    device = on_device(coefficients, prototypes, extents, letterbox)
    got = TorchDecoder().logits_at(device[0], device[1], letterbox, x, y)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, atol=1e-4)
    masks = HostDecoder().run_lengths(coefficients, prototypes, extents, letterbox)
    left, top, right, bottom = np.ceil(extents.T)[..., None]
    inside = (left <= x) & (x < right) & (top <= y) & (y < bottom)
    hits = np.array([whole(runs, letterbox)[y, x] for runs in masks])
    clear = abs(expected) > 1e-4
    np.testing.assert_array_equal((inside & (got > 0))[clear], hits[clear])
