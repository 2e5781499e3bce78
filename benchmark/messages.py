# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What ROS adds to a frame: its message taken and read, the result's made and published."""

from __future__ import annotations

from collections.abc import Callable
import time

import numpy as np
import rclpy
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from benchmark.report.results import Row
from benchmark.rig.networks import Network
from benchmark.rig.pictures import frames, threshold
from benchmark.rig.timing import interleaved
from fastsam_ros.fastsam import FastSam
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics import messages, segmentation_array
from fastsam_ros.ros.topics.conversions import to_image, to_rgb
from fastsam_ros.ros.topics.result import Result


def measure(network: Network, height: int, width: int, segments: int, rounds: int) -> list[Row]:
    """One row a stage."""
    images = frames(height, width)
    model = FastSam(str(network.onnx), device='cpu')
    model.confidence = threshold(model, images, segments)
    scenes = [model(image) for image in images]
    rclpy.init()
    node = rclpy.create_node('benchmark_messages')
    publisher = node.create_publisher(SegmentationArray, 'segmentations', QoSProfile(depth=2))
    node.create_subscription(
        SegmentationArray, 'segmentations', lambda message: None, QoSProfile(depth=2), raw=True)
    _wait(lambda: publisher.get_subscription_count())
    images = [to_image(Header(), image[..., ::-1], 'bgr8') for image in images]
    taken = [serialize_message(image) for image in images]
    found = [Result(Header(), scene, np.arange(len(scene), dtype=np.uint32)) for scene in scenes]
    outputs = [_message(one) for one in found]
    times = interleaved({
        'take': lambda turn: deserialize_message(taken[turn % len(taken)], Image),
        'convert (bgr8)': lambda turn: to_rgb(images[turn % len(images)]),
        'message': lambda turn: _message(found[turn % len(found)]),
        'publish': lambda turn: publisher.publish(outputs[turn % len(outputs)]),
    }, rounds)
    node.destroy_node()
    rclpy.try_shutdown()
    return [
        Row('messages', network.name, f'{width}x{height}', name, taken, {'segments': segments})
        for name, taken in times.items()]


def _message(result: Result) -> bytes:
    return segmentation_array.everything(result, messages.by_area(result))


def _wait(ready: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError('the publisher found no subscription in this process')
        time.sleep(0.01)
