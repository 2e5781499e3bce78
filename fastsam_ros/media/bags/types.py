# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Messages of bags, made empty and filled in as those of ROS are."""

from __future__ import annotations

import numpy as np
from rosbags.interfaces import Nodetype
from rosbags.typesys import get_types_from_msg
from rosbags.typesys.store import Typestore

# vision_msgs 4, as it is from Humble on: the fields that are filled in.
VISION = {
    'vision_msgs/msg/ObjectHypothesis': 'string class_id\nfloat64 score\n',
    'vision_msgs/msg/ObjectHypothesisWithPose': (
        'vision_msgs/ObjectHypothesis hypothesis\n'
        'geometry_msgs/PoseWithCovariance pose\n'
    ),
    'vision_msgs/msg/BoundingBox3D': (
        'geometry_msgs/Pose center\n'
        'geometry_msgs/Vector3 size\n'
    ),
    'vision_msgs/msg/Detection3D': (
        'std_msgs/Header header\n'
        'vision_msgs/ObjectHypothesisWithPose[] results\n'
        'vision_msgs/BoundingBox3D bbox\n'
        'string id\n'
    ),
    'vision_msgs/msg/Detection3DArray': (
        'std_msgs/Header header\n'
        'vision_msgs/Detection3D[] detections\n'
    ),
}


def register_vision(store: Typestore) -> None:
    """Make vision_msgs known, which is no part of ROS' own messages."""
    for name, text in VISION.items():
        if name not in store.types:
            store.register(get_types_from_msg(text, name))


class BagTypes:
    """
    What `fastsam_ros.media.space_messages` makes its messages of.

    :param store: which types there are
    """

    def __init__(self, store: Typestore) -> None:
        self._store = store

    def new(self, name: str) -> object:
        """A message with zeros and nothing in its fields."""
        _, fields = self._store.fielddefs[name]
        return self._store.types[name](**{
            field: self._nothing(kind, detail) for field, (kind, detail) in fields})

    def octets(self, values: np.ndarray) -> np.ndarray:
        """The same, flat."""
        return np.ascontiguousarray(values).view(np.uint8).reshape(-1)

    def _nothing(self, kind: Nodetype, detail: object) -> object:
        if kind == Nodetype.NAME:
            return self.new(detail)
        if kind == Nodetype.BASE:
            return '' if detail[0] == 'string' else np.dtype(_numpy(detail[0])).type(0).item()
        (inner, what), number = detail
        if inner == Nodetype.BASE and what[0] != 'string':
            return np.zeros(number if kind == Nodetype.ARRAY else 0, _numpy(what[0]))
        return [self._nothing(inner, what) for _ in range(number)] \
            if kind == Nodetype.ARRAY else []


def _numpy(name: str) -> str:
    return {'octet': 'uint8', 'byte': 'uint8', 'char': 'uint8'}.get(name, name)
