# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Image messages to RGB arrays and back.

What pixels mean is decided in `media/image_encodings.py`, who converts colours in
`colour_conversion.py`.
"""

from __future__ import annotations

from array import array

import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from fastsam_ros.media import image_encodings
from fastsam_ros.ros.topics.colour_conversion import find_colour_conversion


def to_rgb(message: Image | CompressedImage) -> np.ndarray:
    """
    The picture in a message; see `encodings.to_rgb` and `encodings.decode`.

    :return: (H, W, 3) uint8 RGB; for rgb8 and bgr8 a view of the message's own data
    :raises ImageError: when the message contradicts itself or its encoding is not known
    """
    if isinstance(message, CompressedImage):
        return image_encodings.decode(message)
    return image_encodings.to_rgb(message, find_colour_conversion().convert)


def to_image(header: Header, pixels: np.ndarray, encoding: str) -> Image:
    """
    A message of an array.

    :param header: taken as it is
    :param pixels: (H, W) or (H, W, C), uint8 or uint16
    :param encoding: of ROS, one that fits the array
    """
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    message = Image(
        header=header, height=height, width=width, encoding=encoding,
        step=pixels.nbytes // height, is_bigendian=0)
    # An array.array that is set after construction is taken over at once; see interfaces.md.
    message.data = to_array('B', pixels)
    return message


def to_array(code: str, values: np.ndarray) -> array:
    """What rclpy copies at the speed of memory: numpy's values as an array.array of that type."""
    result = array(code)
    result.frombytes(values.data.cast('B') if values.size else b'')
    return result
