# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth images: units by encoding, padding, byte order, and what is no depth."""

from types import SimpleNamespace

import numpy as np
import pytest

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.depth import DepthImage


def make_message(pixels: np.ndarray, encoding: str, padding: int = 0, is_bigendian: int = 0):
    row = pixels.shape[1] * pixels.itemsize
    data = np.zeros((len(pixels), row + padding), np.uint8)
    data[:, :row] = pixels.view(np.uint8).reshape(len(pixels), row)
    values = {
        'height': len(pixels), 'width': pixels.shape[1], 'encoding': encoding,
        'is_bigendian': is_bigendian, 'step': row + padding, 'data': data.tobytes()}
    return SimpleNamespace(**values)


@pytest.mark.parametrize('encoding', ['16UC1', 'mono16'])
@pytest.mark.parametrize('padding', [0, 6])
def test_integers_are_millimetres(encoding, padding):
    pixels = np.array([[0, 1500, 65535], [1, 2, 65534]], np.uint16)
    depth = DepthImage.from_message(make_message(pixels, encoding, padding))
    np.testing.assert_allclose(depth.metres, [[0, 1.5, 0], [0.001, 0.002, 65.534]], rtol=1e-6)
    assert depth.density == pytest.approx(4 / 6)


def test_reals_are_metres_and_only_what_is_finite_and_ahead_is_depth():
    largest = np.finfo(np.float32).max
    pixels = np.array(
        [[np.nan, 1.5004, np.inf], [-1, largest, 80], [0.0006, 0.0004, -np.inf]], '<f4')
    depth = DepthImage.from_message(make_message(pixels, '32FC1'))
    expected = [[0, 1.5004, 0], [0, 0, 80], [0.0006, 0.0004, 0]]
    np.testing.assert_allclose(depth.metres, np.array(expected, np.float32))
    assert depth.millimetres.tolist() == [[0, 1500, 0], [0, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize('kind, encoding', [('>u2', '16UC1'), ('>f4', '32FC1')])
def test_the_other_byte_order_is_read(kind, encoding):
    message = make_message(np.array([[258, 3]], kind), encoding, is_bigendian=1)
    assert DepthImage.from_message(message).pixels.tolist() == [[258, 3]]


@pytest.mark.parametrize('changes, words', [
    ({'encoding': 'bgr8'}, "not 'bgr8'"),
    ({'encoding': '64FC1'}, "not '64FC1'"),
    ({'step': 3}, 'step of 3'),
    ({'height': 9}, '16 bytes'),
    ({'width': 0}, '0x2'),
])
def test_what_is_no_depth_image_is_refused(changes, words):
    message = make_message(np.ones((2, 4), np.uint16), '16UC1')
    with pytest.raises(DepthError, match=words):
        DepthImage.from_message(SimpleNamespace(**{**vars(message), **changes}))


@pytest.mark.parametrize('kind', [np.uint16, np.float32])
def test_inside_and_outside_of_a_mask_make_up_the_whole(kind):
    depth = DepthImage(np.array([[1, 2], [3, 0]], kind))
    mask = np.array([[True, False], [False, True]])
    parts = depth.where(mask), depth.where(~mask)
    assert all(part.pixels.dtype == kind for part in parts)
    assert sum(part.metres for part in parts).tolist() == depth.metres.tolist()
    assert parts[0].valid.tolist() == [[True, False], [False, False]]
