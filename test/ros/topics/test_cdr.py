# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Bytes of messages: filled in place, and only where the middleware reads them."""

import struct

from builtin_interfaces.msg import Time
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header, String

from fastsam_ros.ros.topics import cdr


@pytest.mark.parametrize('frame', ['', 'a', 'map', 'camera', 'Kamera größer'])
def test_a_header_is_serialised_as_rclpy_does(frame):
    header = Header(stamp=Time(sec=-5, nanosec=4_000_000_000), frame_id=frame)
    data = cdr.begin(header)
    assert data == serialize_message(header).ljust(len(data), b'\0')


def test_what_is_written_in_place_is_in_the_bytes_and_in_no_others():
    before = bytes(5)
    data, view = cdr.unfilled(5)
    view[:] = b'abcde'
    other, _ = cdr.unfilled(5)
    assert data == b'abcde' and before == bytes(5) and other is not data
    assert isinstance(data, bytes) and len(view) == 5


def test_bytes_are_read_when_the_message_comes_out():
    def of(text):
        return lambda: cdr.LITTLE_ENDIAN + cdr.text(text)

    assert deserialize_message(of('here')(), String).data == 'here'
    assert cdr.is_read(of('here'), lambda: String(data='here'))
    assert not cdr.is_read(of('there'), lambda: String(data='here'))
    assert not cdr.is_read(lambda: struct.pack('<I', 9), lambda: String(data='here'))
