# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Image messages as a browser shows them, and back.

Messages stay as the bytes that came until somebody looks: a camera sends more frames than the
node answers, and a 1080p frame costs 8 ms to encode.
"""

from __future__ import annotations

from array import array
import struct

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.ros.topics.conversions import to_rgb
from fastsam_ros.web.session.jpeg import to_jpeg, to_pixels

SHOWN = (b'\xff\xd8\xff', b'\x89PNG')  # how what browsers show begins


def stamp_of(message: bytes) -> tuple[int, int]:
    """
    Seconds and nanoseconds of a serialized message that begins with a header.

    :param message: CDR: four bytes, the second of which tells the byte order, then the stamp
    """
    return struct.unpack_from('<iI' if message[1] & 1 else '>iI', message, 4)


def read(message: bytes, kind: type[Image | CompressedImage]) -> Image | CompressedImage:
    """
    The message that the bytes hold.

    :param message: serialized
    :param kind: of the message
    """
    return deserialize_message(message, kind)


def encode(message: Image | CompressedImage) -> bytes:
    """
    A picture for the browser: JPEG, or PNG when it came as one.

    :raises ImageError: when the picture cannot be read
    """
    if isinstance(message, CompressedImage):
        data = bytes(message.data)
        if data.startswith(SHOWN):
            return data
    return to_jpeg(to_rgb(message))


def to_message(
    picture: bytes, stamp: tuple[int, int], size: tuple[int, int] | None = None
) -> Image:
    """
    An image message of what a browser shows.

    :param picture: JPEG or PNG
    :param stamp: seconds and nanoseconds
    :param size: width and height of the camera's picture; None: those that it has
    :raises ImageError: when it is neither
    """
    pixels = to_pixels(picture, size)
    height, width = pixels.shape[:2]
    message = Image(height=height, width=width, encoding='bgr8', step=3 * width)
    message.header.stamp.sec, message.header.stamp.nanosec = stamp
    message.data = array('B', pixels.tobytes())
    return message
