# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth messages brought onto images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header

from fastsam_ros.core.errors import DepthError
from fastsam_ros.ros.depth.subscriptions import Calibration, read_points
from fastsam_ros.ros.depth.transforms import Transforms
from fastsam_ros.ros.parameters import DEPTH_TO_IMAGE, declare_pose
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.projection import Registered, project_points, register
from fastsam_ros.space.transforms import Transform


class Registration:
    """
    Knows how a depth sensor stands to a camera, and remembers the last depth that it moved.

    :param image: calibration of the camera
    :param depth: calibration of the depth sensor; not needed for depth that lies on the image
    :param pose: of the sensor in the image's optical frame, as the parameter depth_to_image;
        empty: by transforms
    :param transforms: looks frames up
    :raises DepthError: when the pose is none
    """

    def __init__(
        self, image: Calibration, depth: Calibration, pose: Sequence[float],
        transforms: Transforms,
    ) -> None:
        self._image, self._depth, self._transforms = image, depth, transforms
        self._pose = Transform.from_pose(pose) if pose else None
        self._read: tuple[Image, DepthImage] | None = None
        self._moved: tuple[object, CameraModel, Registered] | None = None
        self._lock = Lock()  # of two who ask for the same, the second takes what the first made

    def __call__(
        self, message: Image | PointCloud2, header: Header, camera: CameraModel
    ) -> Registered:
        """
        Depth as a camera sees it.

        :param message: of the sensor
        :param header: the image's
        :param camera: of the image
        :raises DepthError: when the depth cannot be brought there
        """
        with self._lock:
            if self._moved is None or self._moved[0] is not message or self._moved[1] != camera:
                self._moved = message, camera, self._move(message, header, camera)
            return self._moved[2]

    def read(self, message: Image) -> DepthImage:
        """
        What is in a depth message.

        :raises DepthError: when it is no depth
        """
        if self._read is None or self._read[0] is not message:
            self._read = message, DepthImage.from_message(message)
        return self._read[1]

    def depth_info(self, message: Image) -> CameraInfo | None:
        """The calibration that goes with a depth message, if any is known."""
        for calibration in (self._depth, self._image):
            try:
                info = calibration.info
            except DepthError:
                continue
            if calibration is self._depth or (info.width, info.height) == (
                    message.width, message.height):
                return info
        return None

    def _move(
        self, message: Image | PointCloud2, header: Header, camera: CameraModel
    ) -> Registered:
        def transform() -> Transform:
            return self._pose or self._transforms.lookup(
                header.frame_id, message.header.frame_id, header.stamp)

        if isinstance(message, PointCloud2):
            return project_points(read_points(message), camera, transform())
        depth = self.read(message)
        frames = message.header.frame_id, header.frame_id
        return register(
            depth, frames, camera, lambda: self._depth.model(depth.width, depth.height), transform)


def find_pose(node: Node, name: str, settings: Mapping[str, object]) -> Sequence[float]:
    """
    The parameter depth_to_image of a camera, or of all.

    :param name: of the camera; '' when it is the only one
    :raises ParameterError: when what was given is not allowed
    """
    return (declare_pose(node, name) if name else []) or list(settings[DEPTH_TO_IMAGE])
