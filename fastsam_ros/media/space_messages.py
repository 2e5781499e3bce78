# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Messages of things in space: for topics and for bags.

Who publishes and who writes bags have different classes for the same messages. So what makes an
empty message of a type is given, and its fields are set here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from fastsam_ros.drawing.palette import colour
from fastsam_ros.space.boxes import Box
from fastsam_ros.space.points import POINT
from fastsam_ros.space.things import Thing

CLOUD = 'sensor_msgs/msg/PointCloud2'
MARKERS = 'visualization_msgs/msg/MarkerArray'
DETECTIONS = 'vision_msgs/msg/Detection3DArray'
LABELS = 'vision_msgs/msg/LabelInfo'

UINT32, FLOAT32 = 6, 7  # of sensor_msgs/PointField
KINDS = {'label': UINT32}  # of fields that are not float32; rgb is one whose bytes are colours
CUBE, TEXT = 1, 9  # of visualization_msgs/Marker
ADD, DELETE = 0, 2
BOXES, NAMES = 'boxes', 'names'  # namespaces of markers
SEEN_THROUGH = 0.35  # how opaque boxes are
LETTERS = 0.06  # height of a marker's text, metres
LARGEST = 0x7FFFFFFF  # of a marker's id


class Types(Protocol):
    """One side's classes."""

    def new(self, name: str) -> object:
        """An empty message; its fields can be set."""

    def octets(self, values: np.ndarray) -> object:
        """What a field of type uint8[] takes."""


def cloud_message(types: Types, header: object, points: np.ndarray) -> object:
    """
    A sensor_msgs/PointCloud2, not organised.

    :param header: taken as it is
    :param points: (M,) of type POINT
    """
    message = types.new(CLOUD)
    message.header, message.height, message.width = header, 1, len(points)
    message.fields = [_field(types, name) for name in POINT.names]
    message.point_step, message.row_step = POINT.itemsize, points.nbytes
    message.is_dense = True
    message.data = types.octets(points.view(np.uint8))
    return message


def _field(types: Types, name: str) -> object:
    field = types.new('sensor_msgs/msg/PointField')
    field.name, field.offset, field.count = name, POINT.fields[name][1], 1
    field.datatype = datatype(name)
    return field


def datatype(name: str) -> int:
    """What sensor_msgs/PointField says of a field of POINT."""
    return KINDS.get(name, FLOAT32)


def detections_message(types: Types, header: object, things: Sequence[Thing]) -> object:
    """
    A vision_msgs/Detection3DArray.

    :param header: taken as it is
    :param things: what is seen
    """
    message = types.new(DETECTIONS)
    message.header = header
    message.detections = [_detection(types, header, thing) for thing in things]
    return message


def _detection(types: Types, header: object, thing: Thing) -> object:
    detection = types.new('vision_msgs/msg/Detection3D')
    detection.header, detection.id = header, str(thing.id)
    _place(detection.bbox.center, thing.box)
    _set_axes(detection.bbox.size, thing.box.size)
    result = types.new('vision_msgs/msg/ObjectHypothesisWithPose')
    result.hypothesis.class_id, result.hypothesis.score = thing.label, float(thing.score)
    _place(result.pose.pose, thing.box)
    detection.results = [result]
    return detection


def labels_message(types: Types, header: object, names: Sequence[str]) -> object:
    """
    A vision_msgs/LabelInfo: 0 is unknown, n the n-th name.

    :param header: taken as it is
    :param names: what the pixels of a class map mean, from 1 on
    """
    message = types.new(LABELS)
    message.header = header
    message.class_map = [
        _label(types, number, name) for number, name in enumerate(['unknown', *names])]
    return message


def _label(types: Types, number: int, name: str) -> object:
    label = types.new('vision_msgs/msg/VisionClass')
    label.class_id, label.class_name = number, name
    return label


class Markers:
    """Boxes and names for RViz and Foxglove; remembers which are shown, to take them away."""

    def __init__(self) -> None:
        self._shown: set[int] = set()

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._shown)

    def message(
        self, types: Types, header: object, things: Sequence[Thing], up: Sequence[float]
    ) -> object:
        """
        A visualization_msgs/MarkerArray.

        :param header: taken as it is
        :param things: what is seen; what was in the last message and is not here is deleted
        :param up: which way is up in the header's frame, x, y, z
        """
        now = {thing.id & LARGEST for thing in things}
        message = types.new(MARKERS)
        message.markers = [
            *_deletions(types, header, sorted(self._shown - now)),
            *(marker for thing in things for marker in (
                _cube(types, header, thing), _name(types, header, thing, up)))]
        self._shown = now
        return message

    def clear(self, types: Types, header: object) -> object:
        """A message that takes all of them away."""
        return self.message(types, header, [], (0.0, 0.0, 1.0))


def _deletions(types: Types, header: object, ids: Iterable[int]) -> list[object]:
    gone = [_marker(types, header, id, space) for id in ids for space in (BOXES, NAMES)]
    for marker in gone:
        marker.action = DELETE
    return gone


def _marker(types: Types, header: object, id: int, namespace: str) -> object:
    marker = types.new('visualization_msgs/msg/Marker')
    marker.header, marker.ns, marker.id, marker.action = header, namespace, id & LARGEST, ADD
    return marker


def _cube(types: Types, header: object, thing: Thing) -> object:
    marker = _marker(types, header, thing.id, BOXES)
    marker.type = CUBE
    _place(marker.pose, thing.box)
    _set_axes(marker.scale, np.maximum(thing.box.size, 0.001))  # RViz refuses a scale of 0
    red, green, blue = colour(thing.id)
    marker.color.r, marker.color.g, marker.color.b = red / 255, green / 255, blue / 255
    marker.color.a = SEEN_THROUGH
    return marker


def _name(types: Types, header: object, thing: Thing, up: Sequence[float]) -> object:
    marker = _marker(types, header, thing.id, NAMES)
    marker.type, marker.text = TEXT, thing.caption
    above = np.asarray(up) @ thing.box.size / 2
    raised = thing.box.centre + np.asarray(up) * (abs(above) + 2 * LETTERS)
    _place(marker.pose, Box(raised, thing.box.size))
    marker.scale.z = LETTERS
    marker.color.r = marker.color.g = marker.color.b = marker.color.a = 1.0
    return marker


def _place(pose: object, box: Box) -> None:
    _set_axes(pose.position, box.centre)
    turn = pose.orientation
    turn.x, turn.y, turn.z, turn.w = box.quaternion


def _set_axes(vector: object, values: np.ndarray) -> None:
    vector.x, vector.y, vector.z = values.tolist()
