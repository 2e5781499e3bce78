# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What things in space cost the node's rate: with one subscriber to them and without, in turns.

    python -m benchmark.depth_rate [--rounds 8] [--seconds 4] [--topic points]

The demo's room is seen at 30 Hz, 640x480 with 16 bit depth; the rest is the node's. Needs ROS.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import median
import subprocess
import sys
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from fastsam_ros.demo.depth_camera import info_message
from fastsam_ros.demo.room import Room
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image

PROGRAM = Path(__file__).resolve().parents[1] / 'scripts' / 'fastsam_node'
SIZE = 640, 480
RATE = 30.0  # Hz
VIEWS = 60  # that come again and again
START, SETTLE = 120.0, 1.0  # seconds: for the node to answer; until a change has had its effect
TOPICS = {'points': PointCloud2, 'markers': MarkerArray}


class Robot(Node):
    """A depth camera, and who listens to the node."""

    def __init__(self) -> None:
        super().__init__('depth_rate')
        self.results = self.in_space = 0
        room = Room(*SIZE)
        self._info = info_message(Header(frame_id='camera'), room.camera)
        self._views = [self._messages(room(n / 3)) for n in range(VIEWS)]
        self._publishers = [
            self.create_publisher(kind, topic, 2) for kind, topic in (
                (CameraInfo, 'camera_info'), (Image, 'depth'), (Image, 'image'))]
        self.create_subscription(
            SegmentationArray, 'fastsam/segmentations', self._count_result, 2, raw=True)
        self._sent, self._space = 0, None
        self.create_timer(1 / RATE, self._send)

    def listen(self, topic: str) -> None:
        """Subscribe to a topic in space; '' for none."""
        if self._space is not None:
            self.destroy_subscription(self._space)
            self._space = None
        if topic:
            self._space = self.create_subscription(
                TOPICS[topic], f'fastsam/{topic}', self._count_in_space, 2, raw=True)

    def _messages(self, view) -> tuple[Image, Image]:
        picture, depth = view
        header = Header(frame_id='camera')
        return to_image(header, depth, '16UC1'), to_image(header, picture, 'rgb8')

    def _send(self) -> None:
        stamp = self.get_clock().now().to_msg()
        messages = self._info, *self._views[self._sent % VIEWS]
        self._sent += 1
        for publisher, message in zip(self._publishers, messages):
            message.header.stamp = stamp
            publisher.publish(serialize_message(message))

    def _count_result(self, _: bytes) -> None:
        self.results += 1

    def _count_in_space(self, _: bytes) -> None:
        self.in_space += 1


def measure(robot: Robot, executor: SingleThreadedExecutor, seconds: float) -> tuple[float, float]:
    """Results a second, and messages in space."""
    spin(executor, SETTLE)
    before = robot.results, robot.in_space
    began = time.monotonic()
    spin(executor, seconds)
    took = time.monotonic() - began
    return (robot.results - before[0]) / took, (robot.in_space - before[1]) / took


def spin(executor: SingleThreadedExecutor, seconds: float) -> None:
    """Send and listen for a while."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        executor.spin_once(left)


def compare(robot: Robot, rounds: int, seconds: float, topic: str) -> None:
    """Measure in turns, and print medians."""
    executor = SingleThreadedExecutor()
    executor.add_node(robot)
    end = time.monotonic() + START
    while not robot.results:
        assert time.monotonic() < end, 'the node does not answer'
        spin(executor, SETTLE)
    without, beside, in_space = [], [], []
    for _ in range(rounds):
        robot.listen('')
        without.append(measure(robot, executor, seconds)[0])
        robot.listen(topic)
        rates = measure(robot, executor, seconds)
        beside.append(rates[0])
        in_space.append(rates[1])
    share = median(b / w for b, w in zip(beside, without))
    print(f'results a second: {median(without):.1f} without, {median(beside):.1f} with a '
          f'subscriber to {topic}, which gets {median(in_space):.1f}: {100 * share:.0f} %')


def main() -> None:
    """Start the node and compare."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[1])
    parser.add_argument('--rounds', type=int, default=8)
    parser.add_argument('--seconds', type=float, default=4.0)
    parser.add_argument('--topic', choices=TOPICS, default='points')
    options = parser.parse_args()
    node = subprocess.Popen([sys.executable, PROGRAM, '--ros-args', '-p', 'depth:=true'])
    rclpy.init()
    robot = Robot()
    try:
        compare(robot, options.rounds, options.seconds, options.topic)
    finally:
        node.terminate()
        node.wait()
        rclpy.try_shutdown()


if __name__ == '__main__':
    main()
