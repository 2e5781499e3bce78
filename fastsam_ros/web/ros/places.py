# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the kept things are in space, and how large, as ~/prompted/markers tells."""

from __future__ import annotations

import math
from typing import Any

from visualization_msgs.msg import Marker, MarkerArray

DIGITS = 3  # of metres


def places(message: MarkerArray, camera_frame: str) -> dict[str, dict[str, Any]]:
    """
    Distance and size of each thing, for JSON.

    :param message: boxes of things; its ids are the segments'
    :param camera_frame: the image's frame_id: in another frame nobody knows the distance from the
        camera
    :return: by the segment's id: `distance` of the box's centre from the camera, m, or None;
        `size`, m, longest side first
    """
    return {
        str(marker.id): {'distance': _distance(marker, camera_frame), 'size': _size(marker)}
        for marker in message.markers
        if marker.action == Marker.ADD and marker.type == Marker.CUBE}


def _distance(marker: Marker, camera_frame: str) -> float | None:
    if marker.header.frame_id != camera_frame:
        return None
    centre = marker.pose.position
    return round(math.hypot(centre.x, centre.y, centre.z), DIGITS)


def _size(marker: Marker) -> list[float]:
    sides = marker.scale.x, marker.scale.y, marker.scale.z
    return sorted((round(side, DIGITS) for side in sides), reverse=True)
