# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Point clouds as drivers send them: padded rows, more fields, and what contradicts itself."""

import numpy as np
import pytest
from sensor_msgs.msg import PointCloud2, PointField

from fastsam_ros.core.errors import DepthError
from fastsam_ros.ros.depth.subscriptions import read_points

STEP = 20  # bytes; an intensity before x, y and z, and 4 bytes behind them


def cloud_of(points, pad=0, **changes):
    """A cloud of (H, W, 3), each row followed by bytes that are no points."""
    height, width, _ = points.shape
    rows = np.full((height, width * STEP + pad), 0x7f, np.uint8)
    for row, some in zip(rows, points.astype('<f4')):
        values = row[: width * STEP].reshape(width, STEP)
        values[:, 4:16] = some.reshape(width, 3).view(np.uint8)
    fields = [
        PointField(name=name, offset=4 * number, datatype=PointField.FLOAT32, count=1)
        for number, name in enumerate(('intensity', 'x', 'y', 'z'))]
    fields += [PointField(name='ring', offset=16, datatype=PointField.UINT16, count=1)]
    message = PointCloud2(
        height=height, width=width, fields=fields, point_step=STEP, row_step=rows.shape[1],
        data=rows.tobytes())
    for name, value in changes.items():
        setattr(message, name, value)
    return message


POINTS = np.arange(24, dtype=np.float32).reshape(2, 4, 3)


@pytest.mark.parametrize('pad', [0, 12])
def test_rows_may_be_padded(pad):
    assert np.array_equal(read_points(cloud_of(POINTS, pad)), POINTS.reshape(-1, 3))


@pytest.mark.parametrize('row_step', [0, 7, 10_000])
def test_what_one_row_says_of_its_length_does_not_matter(row_step):
    message = cloud_of(POINTS[:1], row_step=row_step)
    assert np.array_equal(read_points(message), POINTS[0])


def test_the_last_row_needs_no_padding():
    message = cloud_of(POINTS, 12)
    message.data = message.data[:-12]
    assert np.array_equal(read_points(message), POINTS.reshape(-1, 3))


@pytest.mark.parametrize('size', [(0, 0), (0, 4), (1, 0), (3, 0)])
def test_a_cloud_may_be_empty(size):
    assert read_points(cloud_of(np.empty((*size, 3), np.float32))).shape == (0, 3)


@pytest.mark.parametrize('changes, words', [
    ({'width': 5}, '5x2 points of 20 bytes, in rows of 100, cannot have 160 bytes'),
    ({'row_step': 81}, '4x2 points of 20 bytes, in rows of 81, cannot have 160 bytes'),
    ({'point_step': 12}, 'cannot have 160 bytes'),
    ({'fields': []}, 'this one has no fields'),
    ({'is_bigendian': True}, 'little-endian float32; this one has intensity, x, y, z, ring')])
def test_what_contradicts_itself_is_refused(changes, words):
    with pytest.raises(DepthError, match=words):
        read_points(cloud_of(POINTS, **changes))
