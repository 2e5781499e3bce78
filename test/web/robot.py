# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The real node and a camera that does not move, for the test of the page in a browser.

    python test/web/robot.py PICTURE [--ros-args -p model:=... -p text_model:=scripted]

`text_model:=scripted` is the text model that knows colours; see scripted_encoder.py.
"""

from __future__ import annotations

from pathlib import Path
import sys

import cv2
import rclpy
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.node import Node
from std_msgs.msg import Header

from fastsam_ros.ros.node import THREADS, FastSamNode
from fastsam_ros.ros.topics.conversions import to_image

sys.path.insert(0, str(Path(__file__).parents[1] / 'helpers'))
import scripted_encoder

PERIOD = 0.2  # seconds between two frames


class StillCamera(Node):
    """Publishes one picture again and again, each time with a new stamp."""

    def __init__(self, path: str) -> None:
        # A name that no remapping of the node's own is meant for.
        super().__init__('still_camera', use_global_arguments=False)
        self._picture = cv2.imread(path)
        self._publisher = self.create_publisher(type(self._message()), 'image', 1)
        self.create_timer(PERIOD, lambda: self._publisher.publish(self._message()))

    def _message(self):
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id='camera')
        return to_image(header, self._picture, 'bgr8')


def main() -> None:
    """Run both until SIGINT or SIGTERM."""
    scripted_encoder.register()
    rclpy.init()
    executor = MultiThreadedExecutor(THREADS + 1)
    for node in (FastSamNode(), StillCamera(sys.argv[1])):
        executor.add_node(node)
    try:
        executor.spin()
    except (KeyboardInterrupt, ExternalShutdownException):
        rclpy.try_shutdown()


if __name__ == '__main__':
    main()
