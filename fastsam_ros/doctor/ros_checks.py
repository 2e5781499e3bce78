# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The part of `fastsam doctor` that looks at ROS: this shell, and cameras that publish."""

from __future__ import annotations

from collections.abc import Iterator
import importlib.util
import os
import time

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.doctor.findings import Finding, State
from fastsam_ros.ros.topics.colour_conversion import find_colour_conversion

TYPES = {'sensor_msgs/msg/Image': Image, 'sensor_msgs/msg/CompressedImage': CompressedImage}
NODE = 'fastsam'  # as the node is called when nobody names it
NUMPY = "pip install 'numpy<2' in the virtual environment, or build cv_bridge from source"
SEARCH = 0.6  # of the time, for finding topics; the rest for listening


def look_at_ros(wait: float) -> Iterator[Finding]:
    """
    Look at the shell, and listen for cameras.

    :param wait: seconds
    """
    yield _distribution()
    yield _messages()
    yield check_conversion()
    context = Context()
    rclpy.init(context=context)
    node = Node('fastsam_doctor', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    try:
        yield from _cameras(node, executor, wait)
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)


def _distribution() -> Finding:
    names = ('ROS_DISTRO', 'RMW_IMPLEMENTATION', 'ROS_DOMAIN_ID', 'ROS_LOCALHOST_ONLY')
    settings = ', '.join(f'{name}={os.environ[name]}' for name in names if os.environ.get(name))
    return Finding('ROS', 'rclpy', State.GOOD, settings or 'with usual settings')


def _messages() -> Finding:
    if importlib.util.find_spec('fastsam_ros.msg'):
        return Finding('ROS', 'messages', State.GOOD, 'fastsam_ros.msg and .srv are built')
    advice = 'colcon build, then . install/setup.bash; in a checkout: make build, . scripts/env.sh'
    return Finding('ROS', 'messages', State.BAD, 'fastsam_ros.msg is not built', advice)


def check_conversion() -> Finding:
    """Which converter has the colours of images: the user's cv_bridge where it is sound."""
    conversion = find_colour_conversion()
    if not conversion.problem:
        return Finding('ROS', 'images', State.GOOD, f'converted by {conversion.name}')
    text = f'{conversion.problem}; {conversion.name} converts images instead'
    advice = f'cv_bridge is of no use to other programs of this Python: {NUMPY}'
    return Finding('ROS', 'images', State.NOTE, text, advice)


def _cameras(node: Node, executor: SingleThreadedExecutor, wait: float) -> Iterator[Finding]:
    _spin(executor, wait * SEARCH)
    heard: dict[str, list] = {}
    topics = [
        (name, kind)
        for name, kinds in node.get_topic_names_and_types()
        for kind in kinds
        if kind in TYPES and node.count_publishers(name)
    ]
    for name, kind in topics:
        # Best effort takes from every publisher.
        profile = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
        messages = heard.setdefault(name, [])
        node.create_subscription(TYPES[kind], name, messages.append, profile)
    start = time.monotonic()
    _spin(executor, wait * (1 - SEARCH))
    seconds = time.monotonic() - start
    for name, _ in topics:
        yield _camera(node, name, heard[name], seconds)
    if not topics:
        advice = (
            'start a camera, or `ros2 run fastsam_ros demo_camera`; on another machine: is '
            'ROS_DOMAIN_ID the same there?'
        )
        yield Finding('Cameras', 'topics', State.NOTE, 'nobody publishes images', advice)
    yield _node(node)


def _camera(node: Node, topic: str, messages: list, seconds: float) -> Finding:
    offers = [info.qos_profile for info in node.get_publishers_info_by_topic(topic)]
    qos = ', '.join(sorted({_words(profile) for profile in offers}))
    if not messages:
        advice = 'is the camera running? Look with: ros2 topic hz ' + topic
        return Finding('Cameras', topic, State.NOTE, f'{qos}; no image came', advice)
    last = messages[-1]
    what = (
        last.format
        if isinstance(last, CompressedImage)
        else f'{last.encoding} {last.width}x{last.height}'
    )
    advice = ''
    if isinstance(last, Image) and not topic.startswith(f'/{NODE}/'):
        advice = f'ros2 launch fastsam_ros fastsam.launch.py image:={topic}'
    elif isinstance(last, CompressedImage):
        base = topic.removesuffix('/compressed')
        advice = f'parameter image_transport: compressed, and image:={base}'
    rate = len(messages) / seconds
    return Finding('Cameras', topic, State.GOOD, f'{what} at {rate:.0f} Hz, {qos}', advice)


def _words(profile: QoSProfile) -> str:
    names = profile.reliability.name, profile.durability.name
    return ' '.join(names).lower().replace('_', ' ')


def _node(node: Node) -> Finding:
    names = [f'{space.rstrip("/")}/{name}' for name, space in node.get_node_names_and_namespaces()]
    running = [
        name
        for name in names
        if any(
            kind == 'fastsam_ros/srv/Prompt'
            for service, kinds in node.get_service_names_and_types()
            for kind in kinds
            if service.startswith(f'{name}/')
        )
    ]
    if running:
        return Finding('Cameras', 'node', State.GOOD, f'running: {", ".join(running)}')
    return Finding('Cameras', 'node', State.NOTE, 'no fastsam node is running')


def _spin(executor: SingleThreadedExecutor, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        executor.spin_once(timeout_sec=left)
