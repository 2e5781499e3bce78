# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera in a process of its own: it sends in real time, whatever becomes of its images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
import multiprocessing
from multiprocessing.connection import Connection
import struct
import time

from builtin_interfaces.msg import Time
import cv2
import numpy as np
import rclpy
from rclpy.qos import QoSProfile
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from fastsam_ros.ros.topics.conversions import to_image

STAMP, BEFORE_STAMP = struct.Struct('<iI'), 4  # of a serialised message; bytes before it
FIRST = 1  # second of the first stamp: a stamp of zero is none
PATIENCE = 120.0  # seconds


def stamp_of(number: int, rate: float) -> Time:
    """The stamp of a camera's n-th image."""
    seconds, rest = divmod(number / rate, 1)
    return Time(sec=FIRST + int(seconds), nanosec=int(rest * 1e9))


@dataclass(frozen=True)
class Sent:
    """
    What the camera sent.

    :param begin: number of the image with which the film began to run
    :param times: when each was sent, time.monotonic(), the same clock in all processes
    """

    begin: int
    times: Sequence[float]


class Camera:
    """The other end of the camera's process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def run(self, count: int) -> None:
        """Let the film run: so many images after the first, which was sent until now."""
        self._pipe.send(count)

    def has_ended(self) -> bool:
        """Whether all of them were sent."""
        return self._pipe.poll()

    def sent(self) -> Sent:
        """What was sent; waits for the end."""
        return Sent(*self._pipe.recv())


@contextmanager
def camera(pictures: Sequence[np.ndarray], rate: float) -> Iterator[Camera]:
    """
    Start a camera on the topic `image`.

    :param pictures: (H, W, 3) uint8 RGB; the first is sent until `Camera.run`
    :param rate: Hz
    """
    context = multiprocessing.get_context('spawn')
    here, there = context.Pipe()
    messages = [
        serialize_message(to_image(
            Header(frame_id='camera'), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), 'bgr8'))
        for picture in pictures]
    process = context.Process(target=_send, args=(messages, rate, there))
    process.start()
    try:
        yield Camera(here)
    finally:
        here.close()
        process.join(PATIENCE)


def _send(messages: list[bytes], rate: float, pipe: Connection) -> None:
    """The camera's process; it ends when nobody holds the other end of the pipe."""
    with suppress(EOFError, ConnectionError):
        _send_until_closed(messages, rate, pipe)


def _send_until_closed(messages: list[bytes], rate: float, pipe: Connection) -> None:
    rclpy.init()
    node = rclpy.create_node('camera')
    publisher = node.create_publisher(Image, 'image', QoSProfile(depth=2))
    begin = end = None
    times: list[float] = []
    while end is None or len(times) < end:
        if pipe.poll():
            begin = len(times)
            end = begin + pipe.recv()
        index = 0 if begin is None else bounced(len(times) - begin + 1, len(messages))
        message = bytearray(messages[index])
        stamp = stamp_of(len(times), rate)
        STAMP.pack_into(message, BEFORE_STAMP, stamp.sec, stamp.nanosec)
        times.append(_at(times[0] + len(times) / rate if times else 0))
        publisher.publish(bytes(message))
    pipe.send((begin, times))
    pipe.poll(PATIENCE)  # what was sent last is still to be fetched
    rclpy.try_shutdown()


def bounced(number: int, count: int) -> int:
    """Of a film that runs forwards and backwards again and again, the picture of a number."""
    place = number % max(2 * count - 2, 1)
    return min(place, 2 * count - 2 - place)


def _at(due: float) -> float:
    """Sleep until then; when it is, time.monotonic()."""
    time.sleep(max(due - time.monotonic(), 0))
    return time.monotonic()
