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

import cv2
import numpy as np
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.core.errors import ImageError
from fastsam_ros.core.images import contiguous
from fastsam_ros.ros.topics.conversions import to_rgb

QUALITY = 82  # of JPEG
LONGEST = 1920  # pixels; more than a screen shows is not sent
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


def to_jpeg(pixels: np.ndarray) -> bytes:
    """
    A picture for the browser.

    :param pixels: (H, W, 3) uint8 RGB; a very large one is made smaller
    """
    scale = LONGEST / max(pixels.shape[:2])
    if scale < 1:
        pixels = cv2.resize(
            contiguous(pixels), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    options = (cv2.IMWRITE_JPEG_QUALITY, QUALITY)
    done, data = cv2.imencode('.jpg', contiguous(pixels[..., ::-1]), options)
    if not done:
        raise ImageError(f'a picture of shape {pixels.shape} could not be made a JPEG')
    return data.tobytes()


def to_message(
    picture: bytes, stamp: tuple[int, int], size: tuple[int, int] | None = None
) -> Image:
    """
    An image message of what a browser shows.

    :param picture: JPEG or PNG
    :param stamp: seconds and nanoseconds
    :param size: width and height of the camera's picture, which `to_jpeg` may have made smaller:
        it gets them back, as prompts and answers are in its pixels; None: those that it has
    :raises ImageError: when it is neither
    """
    pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ImageError(f'{len(picture)} bytes are no picture: expected JPEG or PNG')
    if size is not None and size != pixels.shape[1::-1]:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    height, width = pixels.shape[:2]
    message = Image(height=height, width=width, encoding='bgr8', step=3 * width)
    message.header.stamp.sec, message.header.stamp.nanosec = stamp
    message.data = array('B', pixels.tobytes())
    return message
