# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Large messages as bytes, ready to be published.

rclpy makes bytes of a message by way of a Python object and a C structure, each a copy. The bytes
are CDR (OMG's Common Data Representation), which the middlewares of ROS 2 speak and rosbag2
records: numbers lie at multiples of their size; a string is its length with the final 0, and its
bytes. A middleware that speaks anything else gets messages.
"""

from __future__ import annotations

from collections.abc import Callable
import ctypes
from functools import lru_cache
import struct

from rclpy.serialization import deserialize_message
from std_msgs.msg import Header

LITTLE_ENDIAN = b'\x00\x01\x00\x00'  # what CDR begins with
STAMP = struct.Struct('<iI')  # sec, nanosec


@lru_cache(maxsize=1024)  # labels come again and again; ids are what clients make up
def text(value: str) -> bytes:
    """A string, filled up to a multiple of four bytes."""
    return filled_up(string(value))


def string(value: str) -> bytes:
    """A string before anything that needs no alignment."""
    characters = value.encode() + b'\0'
    return struct.pack('<I', len(characters)) + characters


def filled_up(data: bytes) -> bytes:
    """What lies before a number of four bytes."""
    return data + b'\0' * (-len(data) % 4)


def begin(header: Header) -> bytes:
    """A message's first bytes, where a header is its first field."""
    stamp = STAMP.pack(header.stamp.sec, header.stamp.nanosec)
    return LITTLE_ENDIAN + stamp + text(header.frame_id)


def is_read(data: Callable[[], bytes], message: Callable[[], object]) -> bool:
    """
    Whether the middleware reads bytes as the message that they are meant to be.

    :param data: makes the bytes
    :param message: makes the message
    """
    try:
        expected = message()
        return deserialize_message(data(), type(expected)) == expected
    except Exception:  # each middleware has errors of its own
        return False


def unfilled(size: int) -> tuple[bytes, memoryview]:
    """
    Bytes that are still to be written, and where: large ones need not be copied then.

    As CPython's documentation has it, who has just made bytes without contents may fill them, as
    long as nobody else has seen them.

    :return: the bytes, and a view that must not outlive them
    """
    data = _new_bytes(None, size)
    return data, memoryview((ctypes.c_char * size).from_address(_address(data))).cast('B')


_new_bytes = ctypes.pythonapi.PyBytes_FromStringAndSize
_new_bytes.restype, _new_bytes.argtypes = ctypes.py_object, (ctypes.c_char_p, ctypes.c_ssize_t)
_address = ctypes.pythonapi.PyBytes_AsString
_address.restype, _address.argtypes = ctypes.c_void_p, (ctypes.py_object,)
