# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A PointCloud2 of 5 MB many times a second: points are written where they are published from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
import struct

from builtin_interfaces.msg import Time
import numpy as np
from sensor_msgs.msg import PointCloud2
from std_msgs.msg import Header

from fastsam_ros.media.space_messages import cloud_message, datatype
from fastsam_ros.ros.depth.message_types import TYPES
from fastsam_ros.ros.topics import cdr
from fastsam_ros.space.points import POINT, new_points

SIZE = struct.Struct('<III')  # height, width, number of fields
FIELD = struct.Struct('<IBxxxI')  # offset, datatype, count
DATA = struct.Struct('<BxxxIII')  # is_bigendian, point_step, row_step, bytes of data
IS_DENSE = b'\x01'
FIELDS = b''.join(
    cdr.text(name) + FIELD.pack(POINT.fields[name][1], datatype(name), 1) for name in POINT.names)

Allocate = Callable[[int], np.ndarray]  # a number of points to an array of type POINT


def point_cloud(
    header: Header, make: Callable[[Allocate], np.ndarray]
) -> bytes | PointCloud2:
    """
    A PointCloud2, not organised, as its bytes where the middleware reads them.

    :param make: gives the points, (M,) of type POINT, in what it is given to allocate them by
    """
    return (pack if middleware_reads_it() else as_message)(header, make)


def pack(header: Header, make: Callable[[Allocate], np.ndarray]) -> bytes:
    """Serialise a PointCloud2; see `point_cloud`."""
    message = b''

    def allocate(number: int) -> np.ndarray:
        nonlocal message
        size = number * POINT.itemsize
        before = b''.join([
            cdr.begin(header), SIZE.pack(1, number, len(POINT.names)), FIELDS,
            DATA.pack(False, POINT.itemsize, size, size)])
        message, view = cdr.unfilled(len(before) + size + len(IS_DENSE))
        view[:len(before)], view[-len(IS_DENSE):] = before, IS_DENSE
        return np.frombuffer(view, POINT, number, len(before))

    make(allocate)
    return message


def as_message(header: Header, make: Callable[[Allocate], np.ndarray]) -> PointCloud2:
    """Make the same by the generated class; see `point_cloud`."""
    return cloud_message(TYPES, header, make(new_points))


@cache
def middleware_reads_it() -> bool:
    """Whether the middleware reads such bytes as the message that they are meant to be."""
    header = Header(stamp=Time(sec=-1, nanosec=2), frame_id='any')

    def make(allocate: Allocate) -> np.ndarray:
        points = allocate(2)
        points[:] = (1.0, 2.0, 3.0, 4, 5)
        return points

    return cdr.is_read(lambda: pack(header, make), lambda: as_message(header, make))
