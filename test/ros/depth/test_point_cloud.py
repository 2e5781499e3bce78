# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Bytes of a PointCloud2, as rclpy and rosbags have them."""

from builtin_interfaces.msg import Time
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

from fastsam_ros.ros.depth import point_cloud as module
from fastsam_ros.ros.depth.point_cloud import point_cloud
from fastsam_ros.ros.topics import cdr
from fastsam_ros.space.points import POINT

STORE, CLOUD = get_typestore(Stores.LATEST), 'sensor_msgs/msg/PointCloud2'


def made_points(number: int) -> np.ndarray:
    points = np.empty(number, POINT)
    rng = np.random.default_rng(number)
    for axis in 'xyz':
        points[axis] = rng.normal(size=number)
    points['rgb'], points['label'] = rng.integers(0, 2**32, (2, number), np.uint32)
    return points


def filling(points: np.ndarray):
    def make(allocate):
        made = allocate(len(points))
        made[:] = points
        return made

    return make


def as_message(header: Header, points: np.ndarray) -> PointCloud2:
    """The same by the generated classes."""
    message = PointCloud2(
        height=1, width=len(points), is_bigendian=False, point_step=20, row_step=20 * len(points),
        data=points.tobytes(), is_dense=True, header=header)
    message.fields = [
        PointField(name=name, offset=4 * n, datatype=7 if n < 4 else 6, count=1)
        for n, name in enumerate(['x', 'y', 'z', 'rgb', 'label'])]
    return message


def by_rosbags(message: PointCloud2) -> bytes:
    """Its bytes, all padding 0; rclpy leaves in the padding whatever was there."""
    header, types = message.header, STORE.types
    stamp = types['builtin_interfaces/msg/Time'](header.stamp.sec, header.stamp.nanosec)
    field = types['sensor_msgs/msg/PointField']
    return bytes(STORE.serialize_cdr(types[CLOUD](
        types['std_msgs/msg/Header'](stamp, header.frame_id), message.height, message.width,
        [field(f.name, f.offset, f.datatype, f.count) for f in message.fields],
        message.is_bigendian, message.point_step, message.row_step,
        np.array(message.data, np.uint8), message.is_dense), CLOUD))


@pytest.mark.parametrize('number', [0, 1, 1001])
@pytest.mark.parametrize('frame', ['', 'a', 'map', 'camera', 'Kamera größer'])
def test_the_bytes_are_those_of_others(number, frame):
    header = Header(stamp=Time(sec=-5, nanosec=4_000_000_000), frame_id=frame)
    points = made_points(number)
    expected = as_message(header, points)
    got = point_cloud(header, filling(points))
    assert got == by_rosbags(expected)
    assert len(got) == len(serialize_message(expected))
    assert deserialize_message(got, PointCloud2) == expected


def test_a_middleware_that_reads_them_differently_gets_messages(monkeypatch):
    monkeypatch.setattr(cdr, 'deserialize_message', lambda data, kind: kind())
    module.middleware_reads_it.cache_clear()
    header, points = Header(stamp=Time(sec=5), frame_id='lens'), made_points(7)
    try:
        assert point_cloud(header, filling(points)) == as_message(header, points)
    finally:
        module.middleware_reads_it.cache_clear()
