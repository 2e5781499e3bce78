# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Segments with a place and a size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.space.boxes import OPTICAL, Box, boxes
from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.depth import DepthImage
from fastsam_ros.space.points import measure
from fastsam_ros.space.transforms import Transform


class Segment(Protocol):
    """What is asked of a segment."""

    runs: RunLengths
    id: int
    score: float
    label: str


@dataclass(frozen=True, eq=False)
class Thing:
    """
    A segment of which enough depth is known.

    :param id: the segment's
    :param label: what it is, or ''
    :param score: that it is there, or, with a label, that it is that, 0 to 1
    :param box: around what is seen of it
    :param distance: from the camera, along the optical axis, metres
    """

    id: int
    label: str
    score: float
    box: Box
    distance: float

    @property
    def caption(self) -> str:
        """For people: what it is, how far away and how large."""
        sides = ' x '.join(f'{side:.2f}' for side in self.box.size.tolist())
        return f'{self.label or self.id}  {self.distance:.2f} m\n{sides} m'


def things_of(
    segments: Sequence[Segment], depth: DepthImage, camera: CameraModel,
    transform: Transform | None = None, frame: str = '',
) -> list[Thing]:
    """
    The segments that have a place, in their order.

    :param segments: of an image
    :param depth: registered to it
    :param camera: of the image
    :param transform: to where boxes are wanted; None: they stay in the camera's frame
    :param frame: its name, which says whether z is up there
    """
    moved = transform is not None
    found = measure([s.runs for s in segments], depth, camera, sampled=moved)
    around = boxes(found, transform, upright=OPTICAL not in frame)
    return [
        Thing(segment.id, segment.label, segment.score, box, distance)
        for segment, box, distance in zip(segments, around, found.depth.tolist()) if box]
