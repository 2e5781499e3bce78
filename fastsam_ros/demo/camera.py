# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demo camera: an ordinary ROS node that publishes `image`."""

from __future__ import annotations

import sys
import time

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.demo.depth_camera import DepthCamera
from fastsam_ros.demo.views import open_view
from fastsam_ros.ros.callback_errors import guarded
from fastsam_ros.ros.process import run
from fastsam_ros.ros.topics.conversions import to_image

ROOM = 'room'
SIDE = IntegerRange(from_value=32, to_value=8192, step=1)
RATE = FloatingPointRange(from_value=0.1, to_value=240.0)
SPEED = FloatingPointRange(from_value=0.0, to_value=10.0)


class DemoCamera(Node):
    """
    Publishes a view over photographs, or what its `source` is, as rgb8; of the room depth as well.

    :raises ImageError: when there is nothing to see
    :raises ParameterError: when a parameter is out of its range
    """

    def __init__(self, name: str = 'demo_camera', **options) -> None:
        super().__init__(name, **options)
        self.logger = self.get_logger()
        source = self._declare('source', '', ParameterDescriptor(description=(
            'Empty: photographs; room: a room with depth, from a formula; a number: that camera; '
            'else a video, a picture or a folder')))
        rate = self._declare('rate', 30.0, ParameterDescriptor(
            description='Images a second', floating_point_range=[RATE]))
        self._speed = self._declare('speed', 1.0, ParameterDescriptor(
            description='How fast time goes by in what is shown; 0: it stands still',
            floating_point_range=[SPEED]))
        width, height = (
            self._declare(side, default, ParameterDescriptor(
                description=f'{side.capitalize()} of the images, pixels', integer_range=[SIDE]))
            for side, default in (('width', 854), ('height', 480)))
        self._frame_id = self._declare('frame_id', 'camera_optical_frame', ParameterDescriptor(
            description="The headers' frame_id"))
        self._room = DepthCamera(self, width, height) if source == ROOM else None
        self._view = None if self._room else open_view(source, width, height)
        self._began = time.monotonic()
        # Reliable: any subscription matches it, and with one image kept nobody waits.
        self._publisher = self.create_publisher(Image, 'image', 1)
        self.create_timer(1 / rate, self._on_time)

    def _declare(self, name: str, default: object, descriptor: ParameterDescriptor) -> object:
        descriptor.read_only = True
        # A number alone is a source, too: that of a camera.
        descriptor.dynamic_typing = name == 'source'
        try:
            value = self.declare_parameter(name, default, descriptor).value
        except ParameterException as error:
            raise ParameterError(f'parameter {name}: {error}') from error
        return str(value) if name == 'source' else value

    @guarded
    def _on_time(self) -> None:
        seconds = self._speed * (time.monotonic() - self._began)
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=self._frame_id)
        picture = self._room.publish(header, seconds) if self._room else self._view(seconds)
        self._publisher.publish(to_image(header, picture, 'rgb8'))

    def close(self) -> None:
        """Take the node out of the graph."""
        self.destroy_node()


def main(arguments: list[str] | None = None) -> int:
    """Run the camera until it is interrupted; see `fastsam_ros.ros.process.run`."""
    return run('demo_camera', DemoCamera, 1, arguments)


if __name__ == '__main__':
    sys.exit(main())
