# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Clouds, markers and boxes of a bag's segments, as messages beside those of the segments."""

from __future__ import annotations

from collections.abc import Iterator

from rosbags.typesys.store import Typestore

from fastsam_ros.core.errors import DepthError
from fastsam_ros.media.bags.depth import BagDepth
from fastsam_ros.media.bags.types import BagTypes
from fastsam_ros.media.frames import Frame
from fastsam_ros.media.results import Result
from fastsam_ros.media.space_messages import (
    CLOUD,
    DETECTIONS,
    MARKERS,
    Markers,
    cloud_message,
    detections_message,
)
from fastsam_ros.space.points import cloud
from fastsam_ros.space.things import things_of

UP = (0.0, -1.0, 0.0)  # in a camera's optical frame


class BagSpace:
    """
    Messages in space of each frame of a bag.

    :param depth: the bag's
    :param store: from `typestore`
    :param base: what topics begin with: the node's name, and prompted/ for answers
    """

    def __init__(self, depth: BagDepth, store: Typestore, base: str) -> None:
        self.topics = {
            f'{base}points': CLOUD, f'{base}markers': MARKERS, f'{base}detections_3d': DETECTIONS}
        self.missing: list[tuple[int, DepthError]] = []
        self._depth, self._types, self._markers = depth, BagTypes(store), Markers()

    def messages(self, frame: Frame, result: Result) -> Iterator[object]:
        """
        A frame's, in the order of the topics; none when it has no depth, and `missing` says why.

        :param frame: the image
        :param result: its segments
        """
        try:
            place = self._depth(frame)
        except DepthError as error:
            self.missing.append((frame.stamp, error))
            return
        things = things_of(result.segments, place.depth, place.camera)
        points = cloud(result.runs, result.ids, place.depth, place.camera, frame.image)
        yield cloud_message(self._types, frame.header, points)
        yield self._markers.message(self._types, frame.header, things, UP)
        yield detections_message(self._types, frame.header, things)
