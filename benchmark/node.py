# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The whole node in its own process: image message in, SegmentationArray out.

A camera here sends a little faster than the bare network ran just before, at a steady rate, as a
camera does. It sends bytes made before and only counts what comes back, so that it takes little
of the processor from the node. The bare network runs in turns with it, while the node has nothing
to do: one inference after the other with all threads, and as many side by side as the node does.
Needs ROS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from statistics import median
import struct
import subprocess
import sys
import time

from builtin_interfaces.msg import Time
import rclpy
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from benchmark.images import letterboxed
from benchmark.rig.networks import Network
from benchmark.rig.pictures import frames, threshold
from fastsam_ros.fastsam import FastSam
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.ros.topics.dds_profile import make_room

HEIGHT, WIDTH = 480, 854
PROGRAM = Path(__file__).resolve().parents[1] / 'scripts' / 'fastsam_node'
START, SETTLE = 120.0, 0.5  # seconds: for a process to answer; until the last results have come
FASTER = 1.1  # than the bare network: what a camera sends
MESSAGES = 64  # of a camera, then again from the first; longer than any result takes
SECONDS, BEFORE_STAMP = struct.Struct('<i'), 4  # of a serialised stamp; bytes before it


class Camera:
    """
    Sends frames to a node and looks at what comes back.

    :param node: to talk through
    :param image: topic to publish to; segmentations: to listen to
    :param messages: serialised images, each with its index as its stamp's seconds
    """

    def __init__(self, node: Node, image: str, segmentations: str, messages: list[bytes]) -> None:
        self.ages: list[float] = []  # of the results, seconds from the sending of their images
        self._sent = count()
        self._when = [0.0] * len(messages)  # each was sent last, time.monotonic()
        self.begin(SETTLE, after=0.0)
        self._messages = messages
        reliable = QoSProfile(depth=2)
        self._publisher = node.create_publisher(Image, image, reliable)
        node.create_subscription(
            SegmentationArray, segmentations, self._on_result, reliable, raw=True)

    def begin(self, period: float, after: float) -> None:
        """Send with so many seconds between two frames; the first one in so many."""
        self._period, self._due = period, time.monotonic() + after

    def send(self) -> float:
        """Send a frame when it is time to; when the next one is due, time.monotonic()."""
        now = time.monotonic()
        if now >= self._due:
            index = next(self._sent) % len(self._messages)
            self._when[index] = now
            self._publisher.publish(self._messages[index])
            self._due = max(self._due + self._period, now)
        return self._due

    def _on_result(self, message: bytes) -> None:
        (index,) = SECONDS.unpack_from(message, BEFORE_STAMP)
        self.ages.append(time.monotonic() - self._when[index])


class Rig:
    """
    A node with cameras in its own process, and what drives it.

    :param namespace: of the node
    :param names: of its cameras; one without a name: ''
    :param arguments: parameters of the node
    """

    def __init__(self, namespace: str, names: list[str], arguments: dict[str, object]) -> None:
        values = {**arguments, **({'cameras': names} if names[0] else {})}
        self._command = [sys.executable, str(PROGRAM), '--ros-args', '-r', f'__ns:=/{namespace}']
        for key, value in values.items():
            self._command += ['-p', f'{key}:={str(value).replace(chr(39), chr(34))}']
        self._client = rclpy.create_node(f'benchmark_{namespace}')
        self._executor = light_executor()
        self._executor.add_node(self._client)
        messages = [
            serialize_message(to_image(Header(stamp=Time(sec=sec)), image[..., ::-1], 'bgr8'))
            for sec, image in zip(range(MESSAGES), cycle(frames(HEIGHT, WIDTH)))]
        self.cameras = [
            Camera(self._client, f'/{namespace}/{name}/image'.replace('//', '/'),
                   f'/{namespace}/fastsam/{name}/segmentations'.replace('//', '/'), messages)
            for name in names]

    @contextmanager
    def running(self) -> Iterator[Rig]:
        """The process, from its first result on."""
        process = subprocess.Popen(self._command)
        try:
            self._wait(process)
            yield self
        finally:
            process.terminate()
            process.wait(START)
            self._executor.shutdown()
            self._client.destroy_node()

    def results(self, seconds: float, sent: float) -> list[list[float]]:
        """
        What came out while all cameras together sent `sent` frames a second.

        :param seconds: how long
        :return: of each camera, the ages of its results, seconds
        """
        for number, camera in enumerate(self.cameras):  # none at the same moment
            camera.begin(len(self.cameras) / sent, after=number / sent)
        self._spin(seconds / 4)
        for camera in self.cameras:
            camera.ages = []
        self._spin(seconds)
        ages = [list(camera.ages) for camera in self.cameras]
        self._spin(SETTLE, sending=False)
        return ages

    def _spin(self, seconds: float, sending: bool = True) -> None:
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            due = min(camera.send() for camera in self.cameras) if sending else end
            self._executor.spin_once(timeout_sec=max(min(due, end) - now, 0))

    def _wait(self, process: subprocess.Popen) -> None:
        end = time.monotonic() + START
        while not all(camera.ages for camera in self.cameras):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f'the node gave no result: {" ".join(self._command)}')
            self._spin(SETTLE)


@dataclass(frozen=True)
class Window:
    """
    Frames a second at about the same time.

    :param bare: one inference after the other
    :param side_by_side: as many inferences at a time as the node runs
    :param one: of the node with one camera
    :param both: of each camera of the node with two
    :param age: of the results of the one, median, milliseconds from the sending of the image
    """

    bare: float
    side_by_side: float
    one: float
    both: list[float]
    age: float


def light_executor() -> Executor:
    """One that leaves the processors to the node; from Kilted on the one that takes least."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor()
    return EventsExecutor()


def bare_rate(model: FastSam, seconds: float) -> float:
    """Runs a second of the network alone, as many side by side as it is loaded for."""
    batches = [letterboxed(model, image) for image in frames(HEIGHT, WIDTH)]
    end = time.monotonic() + seconds

    def run(_: int) -> int:
        done = 0
        while time.monotonic() < end:
            model._backend.infer(batches[done % len(batches)])
            done += 1
        return done

    begin = time.monotonic()
    with ThreadPoolExecutor(model.streams) as pool:
        runs = sum(pool.map(run, range(model.streams)))
    return runs / (time.monotonic() - begin)  # the last ones end after the time is up


def measure(network: Network, segments: int, seconds: float, rounds: int) -> dict[str, object]:
    """
    Frames a second of the bare network, of the node with one camera and with two.

    :param segments: a frame on average; 0: what the default threshold gives
    :param seconds: of each window
    :param rounds: windows of each
    """
    images = frames(HEIGHT, WIDTH)
    model, beside = (FastSam(str(network.onnx), device='cpu', streams=n) for n in (1, 0))
    if segments:
        model.confidence = threshold(model, images, segments)
    found = sum(len(model(image)) for image in images) / len(images)
    arguments = {'model': str(network.onnx), 'device': 'cpu', 'confidence': model.confidence}
    make_room()
    rclpy.init()
    one, two = Rig('one', [''], arguments), Rig('two', ['front', 'rear'], arguments)
    beside.warm_up(HEIGHT, WIDTH)
    with one.running(), two.running():
        windows = [_window(model, beside, one, two, seconds) for _ in range(rounds)]
    rclpy.try_shutdown()
    about = {'segments': round(found, 1), 'precision': model.precision, 'streams': beside.streams}
    return _summary(network, windows, about)


def _window(model: FastSam, beside: FastSam, one: Rig, two: Rig, seconds: float) -> Window:
    bare = bare_rate(model, seconds)
    both = two.results(seconds, bare * FASTER)
    side_by_side = bare_rate(beside, seconds)
    (ages,) = one.results(seconds, bare * FASTER)
    rates = [len(of) / seconds for of in (ages, *both)]
    return Window(bare, side_by_side, rates[0], rates[1:], 1e3 * median(ages))


def _summary(network: Network, windows: list[Window], about: dict) -> dict[str, object]:
    def of(value: Callable[[Window], float], digits: int) -> float:
        return round(median(map(value, windows)), digits)

    return {
        'section': 'node', 'model': network.name, 'size': f'{WIDTH}x{HEIGHT}', **about,
        'windows': len(windows),
        'bare_fps': of(lambda w: w.bare, 2),
        'bare_side_by_side_fps': of(lambda w: w.side_by_side, 2),
        'node_fps': of(lambda w: w.one, 2),
        'node_age_ms': of(lambda w: w.age, 1),
        'node_to_bare': of(lambda w: w.one / w.bare, 3),
        'node_to_side_by_side': of(lambda w: w.one / w.side_by_side, 3),
        'two_cameras_fps': of(lambda w: sum(w.both), 2),
        'two_to_one': of(lambda w: sum(w.both) / w.one, 3),
        'less_to_more_of_two': of(lambda w: min(w.both) / max(w.both), 3),
    }
