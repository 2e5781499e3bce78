# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Pixels of image messages, from a topic or a bag, to RGB.

What is taken is anything with the fields of sensor_msgs/Image or sensor_msgs/CompressedImage: the
node's messages and those of bags that are read without ROS. Libraries that convert colours check
nothing and treat the step, 16 bit and generic encodings differently, so that is done here first:
they get packed 8 bit pixels of a named encoding.
"""

from __future__ import annotations

from collections.abc import Callable
import re
from typing import Protocol

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError

CHANNELS = {
    'rgb8': 3, 'bgr8': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1, 'yuv422': 2, 'yuv422_yuy2': 2,
    'bayer_rggb8': 1, 'bayer_bggr8': 1, 'bayer_gbrg8': 1, 'bayer_grbg8': 1,
}
# OpenCV names a Bayer pattern by the second row's second and third pixel, ROS by the first two.
OPENCV = {
    'rgba8': cv2.COLOR_RGBA2RGB, 'bgra8': cv2.COLOR_BGRA2RGB, 'mono8': cv2.COLOR_GRAY2RGB,
    'yuv422': cv2.COLOR_YUV2RGB_UYVY, 'yuv422_yuy2': cv2.COLOR_YUV2RGB_YUY2,
    'bayer_rggb8': cv2.COLOR_BayerBG2RGB, 'bayer_bggr8': cv2.COLOR_BayerRG2RGB,
    'bayer_gbrg8': cv2.COLOR_BayerGR2RGB, 'bayer_grbg8': cv2.COLOR_BayerGB2RGB,
}
DEEP = {'rgb16', 'bgr16', 'rgba16', 'bgra16', 'mono16', *(
    f'bayer_{order}16' for order in ('rggb', 'bggr', 'gbrg', 'grbg'))}
ALIASES = {'uyvy': 'yuv422', 'yuyv': 'yuv422_yuy2', '8UC': '8UC1', '16UC': '16UC1'}
GENERIC = re.compile(r'(8|16)U(?:C([1-4]))?')
GENERIC_NAMES = {1: 'mono8', 2: 'mono8', 3: 'bgr8', 4: 'bgra8'}  # OpenCV's order of channels
STORED = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
JPEG_START, JPEG_END = b'\xff\xd8', b'\xff\xd9'
KNOWN = ', '.join([*CHANNELS, *sorted(DEEP), '8UC1 to 8UC4', '16UC1 to 16UC4'])
# Takes (H, W, channels) uint8 pixels and their encoding, one of OPENCV's; gives (H, W, 3) RGB.
Converter = Callable[[np.ndarray, str], np.ndarray]


class Message(Protocol):
    """What sensor_msgs/Image has."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int  # bytes from one row to the next
    data: object  # height * step bytes


class CompressedMessage(Protocol):
    """What sensor_msgs/CompressedImage has."""

    format: str
    data: object  # bytes of a file


def convert_by_opencv(pixels: np.ndarray, encoding: str) -> np.ndarray:
    """
    Convert colours.

    :param pixels: (H, W, channels) uint8
    :param encoding: a key of `OPENCV`
    :return: (H, W, 3) uint8 RGB
    """
    return cv2.cvtColor(pixels, OPENCV[encoding])


def to_rgb(message: Message, convert: Converter = convert_by_opencv) -> np.ndarray:
    """
    The picture in an uncompressed message.

    16 bit values are scaled to 8 bit by 255 / 65535; of two channels the first is taken as grey.

    :param message: as sensor_msgs/Image
    :param convert: converts colours where that takes more than another order of channels
    :return: (H, W, 3) uint8 RGB; for rgb8 and bgr8 a view of the message's own data
    :raises ImageError: when the message contradicts itself or its encoding is not known
    """
    encoding, depth, channels = _kind(message.encoding)
    pixels = _pixels(message, depth, channels)
    if depth == 2:
        pixels = _to_8_bit(pixels)
    if message.encoding.endswith('UC2'):
        pixels = pixels[..., :1]
    if encoding == 'rgb8':
        return pixels
    if encoding == 'bgr8':
        return pixels[..., ::-1]
    return np.ascontiguousarray(convert(np.ascontiguousarray(pixels), encoding))


def decode(message: CompressedMessage) -> np.ndarray:
    """
    The picture in a compressed message, in the pixels that the camera has.

    An orientation that EXIF asks for is left out: CameraInfo and all others who read the topic
    know of none.

    :param message: as sensor_msgs/CompressedImage
    :return: (H, W, 3) uint8 RGB
    :raises ImageError: when it is truncated or no picture
    """
    data = np.frombuffer(message.data, np.uint8)
    whole = len(data) and (data[:2].tobytes() != JPEG_START or JPEG_END in data.tobytes())
    # Some versions of OpenCV fill up a truncated JPEG with grey.
    picture = cv2.imdecode(data, STORED) if whole else None
    if picture is None:
        raise ImageError(
            f'{len(data)} bytes of format {message.format!r} are no picture that OpenCV reads: '
            'expected JPEG or PNG, and whole')
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _kind(name: str) -> tuple[str, int, int]:
    """8 bit encoding to convert from, bytes a channel, and channels in the message."""
    name = ALIASES.get(name, name)
    if name in CHANNELS:
        return name, 1, CHANNELS[name]
    if name in DEEP:
        return name.replace('16', '8'), 2, CHANNELS[name.replace('16', '8')]
    generic = GENERIC.fullmatch(name)
    if not generic:
        raise ImageError(f'encoding {name!r} is not one that can be read: {KNOWN}')
    channels = int(generic[2] or 1)
    return GENERIC_NAMES[channels], int(generic[1]) // 8, channels


def _pixels(message: Message, depth: int, channels: int) -> np.ndarray:
    """The message's data as (H, W, channels), a view without the padding of its rows."""
    height, width, step, row = *_sizes(message), message.width * depth * channels
    what = f'{width}x{height} {message.encoding} image'
    if step < row:
        raise ImageError(f'step is {step}, but a row of a {what} takes {row} bytes')
    if len(message.data) < step * (height - 1) + row:
        raise ImageError(
            f'a {what} with step {step} takes {step * height} bytes, but data has '
            f'{len(message.data)}')
    # Many drivers set is_bigendian on 8 bit images, where it means nothing.
    if message.is_bigendian and depth > 1:
        raise ImageError(
            f'a big-endian {what} cannot be read: publish it little-endian with is_bigendian 0')
    kind = np.dtype(np.uint8 if depth == 1 else '<u2')
    data = np.frombuffer(message.data, np.uint8)
    if data.ctypes.data % kind.itemsize or step % kind.itemsize:
        data = data.copy()
    strides = (step, depth * channels, depth)
    return np.ndarray((height, width, channels), kind, data, 0, strides)


def _sizes(message: Message) -> tuple[int, int, int]:
    if not message.height or not message.width:
        raise ImageError(
            f'the image is {message.width} pixels wide and {message.height} high: it is empty')
    if message.encoding in ('yuv422', 'yuv422_yuy2', 'uyvy', 'yuyv') and message.width % 2:
        raise ImageError(
            f'a {message.encoding} image must have an even width, not {message.width}')
    return message.height, message.width, message.step


def _to_8_bit(pixels: np.ndarray) -> np.ndarray:
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    return cv2.convertScaleAbs(flat, alpha=255 / 65535).reshape(pixels.shape)

