# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page beside a FastSAM node: ROS begun, and ended after the server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import rclpy
from rclpy.signals import SignalHandlerOptions

from fastsam_ros.ros.topics.dds_profile import make_room
from fastsam_ros.web.ros.bridge import RosBridge
from fastsam_ros.web.server import serve


def serve_node(
    host: str,
    port: int,
    token: str,
    node: str,
    cameras: Sequence[str],
    image_transport: str,
    ros_arguments: Sequence[str] = (),
) -> int:
    """
    Serve the page of a node until Ctrl-C.

    :param host: address to listen on
    :param port: 0 for any that is free
    :param token: what visitors have to show; '': none on a loopback address, else a new one
    :param node: name of the FastSAM node
    :param cameras: which to show; none: those that the node has
    :param image_transport: auto, raw or compressed
    :param ros_arguments: the command line as ROS reads it, with `--ros-args`
    :return: exit status
    """
    words = list(ros_arguments)

    with ExitStack() as stack:
        def bridge() -> RosBridge:
            # The server handles the signals; rclpy's own would shut ROS down before the page.
            make_room()
            rclpy.init(args=words, signal_handler_options=SignalHandlerOptions.NO)
            stack.callback(rclpy.try_shutdown)
            return RosBridge(node, cameras, image_transport, words)

        return serve(bridge, host, port, token)
