# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
All segments of a frame as the bytes of a SegmentationArray; see `fastsam_ros.ros.topics.cdr`.

By way of messages it takes five times as long, and here there are a hundred segments many times a
second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
import struct

from builtin_interfaces.msg import Time
import numpy as np
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from fastsam_ros.core import RunLengths
from fastsam_ros.msg import Segmentation, SegmentationArray
from fastsam_ros.ros.topics import cdr
from fastsam_ros.ros.topics.conversions import to_array
from fastsam_ros.ros.topics.result import Result

ARRAY = struct.Struct('<III')  # height, width, number of segmentations
# Before the label: id; prompt_id, which is empty; score, prompt_score. After it: label_score;
# x_offset, y_offset, height, width, do_rectify; area; number of counts. Each field fills a
# multiple of four bytes.
BEFORE, AFTER = struct.Struct('<I8sff'), struct.Struct('<fIIIII2I')
Segment = tuple[int, float, str, float, RunLengths]  # id, score, label, its score, mask
EMPTY = cdr.text('')
COUNTS = np.dtype('<u4')
NOTHING = struct.pack('<I', 0)  # an array without elements


def everything(result: Result, order: np.ndarray) -> bytes | SegmentationArray:
    """
    A SegmentationArray of no prompt, as its bytes where the middleware reads them.

    :param order: of the scene's segments; see `fastsam_ros.ros.topics.messages.by_area`
    """
    scene = result.scene.without_candidates
    labels = scene.labels
    segments = zip(
        result.ids[order].tolist(), scene.scores[order].tolist(), [labels[i] for i in order],
        scene.label_scores[order].tolist(), scene.run_lengths(order))
    make = pack if middleware_reads_it() else as_message
    return make(result.header, scene.height, scene.width, list(segments))


def pack(
    header: Header, height: int, width: int, segments: Sequence[Segment]
) -> bytes:
    """Serialise a SegmentationArray."""
    parts = [cdr.begin(header), ARRAY.pack(height, width, len(segments))]
    before, after, text = BEFORE.pack, AFTER.pack, cdr.text
    for id, score, label, sure, run in segments:
        counts = run.counts
        parts += (
            before(id, EMPTY, score, 0.0), text(label),
            after(sure, run.x, run.y, run.height, run.width, False, run.area, len(counts)),
            counts.astype(COUNTS, copy=False))
    parts.append(NOTHING)  # the prompts' states
    return b''.join(parts)


def as_message(
    header: Header, height: int, width: int, segments: Sequence[Segment]
) -> SegmentationArray:
    """Make the same by the generated classes; see `pack`."""
    found = []
    for id, score, label, sure, run in segments:
        box = RegionOfInterest(
            x_offset=run.x, y_offset=run.y, height=run.height, width=run.width)
        segmentation = Segmentation(
            id=id, score=score, label=label, label_score=sure, box=box, area=run.area)
        segmentation.counts = to_array('I', run.counts)
        found.append(segmentation)
    return SegmentationArray(header=header, height=height, width=width, segmentations=found)


@cache
def middleware_reads_it() -> bool:
    """Whether the middleware reads such bytes as the message that they are meant to be."""
    mask = RunLengths(2, 1, 3, 2, 4, np.array([0, 2, 1, 2, 1], np.uint32))
    segments = [(7, 0.5, 'dog', 0.25, mask)] * 2
    sample = Header(stamp=Time(sec=-1, nanosec=2), frame_id='any'), 5, 6, segments
    return cdr.is_read(lambda: pack(*sample), lambda: as_message(*sample))
