# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The demo camera's depth: that of a room, with calibration and, where tf2_msgs is, its pose."""

from __future__ import annotations

from geometry_msgs.msg import TransformStamped
import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from fastsam_ros.demo.room import Room
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.transforms import Transform

FRAME = 'room'  # z up; its origin is on the floor below the table


class DepthCamera:
    """
    Publishes depth that lies on the image, and calibrations.

    :param node: whose topics they are
    :param width: of the images, pixels
    :param height: of the images, pixels
    """

    def __init__(self, node: Node, width: int, height: int) -> None:
        self._room = Room(width, height)
        self._depth = node.create_publisher(Image, 'depth', 1)
        self._infos = [
            node.create_publisher(CameraInfo, topic, 1)
            for topic in ('camera_info', 'depth/camera_info')]
        self._poses = _pose_publisher(node)

    def publish(self, header: Header, seconds: float) -> np.ndarray:
        """
        Publish all but the picture.

        :param header: of all messages
        :param seconds: which moment is seen
        :return: the picture, (H, W, 3) uint8 RGB
        """
        picture, depth = self._room(seconds)
        info = info_message(header, self._room.camera)
        for publisher in self._infos:
            publisher.publish(info)
        if self._depth.get_subscription_count():
            self._depth.publish(to_image(header, depth, '16UC1'))
        if self._poses is not None:
            publisher, kind = self._poses
            publisher.publish(kind(transforms=[
                pose_message(header, self._room.pose(seconds))]))
        return picture


def _pose_publisher(node: Node):
    """What publishes on /tf, and its messages; None where tf2_msgs is not installed."""
    try:
        from tf2_msgs.msg import TFMessage
    except ImportError:
        return None
    return node.create_publisher(TFMessage, '/tf', 100), TFMessage


def info_message(header: Header, camera: CameraModel) -> CameraInfo:
    """The calibration of a camera without distortion."""
    info = CameraInfo(header=header, width=camera.width, height=camera.height)
    (fx, fy), (cx, cy) = camera.focal, camera.centre
    info.distortion_model, info.d = 'plumb_bob', [0.0] * 5
    info.k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def pose_message(header: Header, pose: Transform) -> TransformStamped:
    """Where the camera is in the room."""
    message = TransformStamped(child_frame_id=header.frame_id)
    message.header.stamp, message.header.frame_id = header.stamp, FRAME
    place, turn = message.transform.translation, message.transform.rotation
    place.x, place.y, place.z = pose.translation.tolist()
    turn.x, turn.y, turn.z, turn.w = pose.quaternion
    return message
