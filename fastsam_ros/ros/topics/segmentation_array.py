# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What each frame brings as the bytes of a SegmentationArray; see `fastsam_ros.ros.topics.cdr`.

By way of messages it takes five times as long, and here there are a hundred segments many times a
second.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import repeat
import struct

from builtin_interfaces.msg import Time
import numpy as np
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from fastsam_ros.core import RunLengths
from fastsam_ros.following.thing import State, Status, ThingSegment
from fastsam_ros.msg import Segmentation, SegmentationArray
from fastsam_ros.ros.topics import cdr, messages
from fastsam_ros.ros.topics.conversions import to_array
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.topics.stamps import as_time

ARRAY, COUNT = struct.Struct('<III'), struct.Struct('<I')  # height, width, number of segmentations
# Of a segment the scores, and what follows the label: label_score; x_offset, y_offset, height,
# width, do_rectify; area; number of counts. Each field fills a multiple of four bytes.
SCORES, AFTER = struct.Struct('<ff'), struct.Struct('<fIIIII2I')
COUNTS = np.dtype('<u4')
# id, prompt_id, score, prompt_score, label, its score, mask
Segment = tuple[int, str, float, float, str, float, RunLengths]


def everything(result: Result, order: np.ndarray) -> bytes | SegmentationArray:
    """
    A SegmentationArray of no prompt, as its bytes where the middleware reads them.

    :param order: of the scene's segments; see `fastsam_ros.ros.topics.messages.by_area`
    """
    scene = result.scene.without_candidates
    labels = scene.labels
    segments = zip(
        result.ids[order].tolist(), repeat(''), scene.scores[order].tolist(), repeat(0.0),
        [labels[i] for i in order.tolist()], scene.label_scores[order].tolist(),
        scene.run_lengths(order))
    make = pack if middleware_reads_it() else as_message
    return make(result.header, scene.height, scene.width, list(segments))


def prompted(
    header: Header, size: tuple[int, int], camera: str, statuses: Sequence[Status]
) -> bytes | SegmentationArray:
    """As `messages.prompted_message`, as its bytes where the middleware reads them."""
    if not middleware_reads_it():
        return messages.prompted_message(header, size, camera, statuses)
    return pack_prompted(header, size, camera, statuses)


def pack_prompted(
    header: Header, size: tuple[int, int], camera: str, statuses: Sequence[Status]
) -> bytes:
    """Serialise what `messages.prompted_message` makes."""
    segments = [
        (one.id, status.name, one.score, one.prompt_score, one.label, one.label_score, one.runs)
        for status in statuses for one in status.segments]
    segments.sort(key=lambda segment: -segment[-1].area)
    return pack(header, *size, segments, [_state(camera, status) for status in statuses])


def _state(camera: str, status: Status) -> bytes:
    """Serialise a PromptStatus without its prompts."""
    ids, seen = np.array(status.segment_ids, COUNTS), as_time(status.seen)
    return b''.join((
        cdr.text(status.name), cdr.filled_up(cdr.string(camera) + bytes([status.state])),
        COUNT.pack(len(ids)), ids, cdr.STAMP.pack(seen.sec, seen.nanosec),
        cdr.text(status.message), COUNT.pack(0)))


def pack(
    header: Header, height: int, width: int, segments: Sequence[Segment],
    states: Sequence[bytes] = (),
) -> bytes:
    """
    Serialise a SegmentationArray.

    :param states: of the prompts, serialised
    """
    parts = [cdr.begin(header), ARRAY.pack(height, width, len(segments))]
    count, scores, after, text = COUNT.pack, SCORES.pack, AFTER.pack, cdr.text
    for id, prompt_id, score, fit, label, sure, run in segments:
        counts = run.counts
        parts += (  # few, as joining takes longer than adding
            count(id) + text(prompt_id) + scores(score, fit) + text(label) + after(
                sure, run.x, run.y, run.height, run.width, False, run.area, len(counts)),
            counts.astype(COUNTS, copy=False))
    return b''.join((*parts, count(len(states)), *states))


def as_message(
    header: Header, height: int, width: int, segments: Sequence[Segment]
) -> SegmentationArray:
    """Make the same by the generated classes; see `pack`."""
    found = []
    for id, prompt_id, score, fit, label, sure, run in segments:
        box = RegionOfInterest(
            x_offset=run.x, y_offset=run.y, height=run.height, width=run.width)
        segmentation = Segmentation(
            id=id, prompt_id=prompt_id, score=score, prompt_score=fit, label=label,
            label_score=sure, box=box, area=run.area)
        segmentation.counts = to_array('I', run.counts)
        found.append(segmentation)
    return SegmentationArray(header=header, height=height, width=width, segmentations=found)


@cache
def middleware_reads_it() -> bool:
    """Whether the middleware reads such bytes as the message that they are meant to be."""
    mask = RunLengths(2, 1, 3, 2, 4, np.array([0, 2, 1, 2, 1], np.uint32))
    segments = (ThingSegment(7, mask, 0.5, 0.75, 'dog', 0, 0.25),) * 2
    states = [Status('it', State.FOLLOWED, segments, 10**9), Status('', State.LOST, (), 1, 'why')]
    sample = Header(stamp=Time(sec=-1, nanosec=2), frame_id='any'), (5, 6), 'front', states
    return cdr.is_read(lambda: pack_prompted(*sample), lambda: messages.prompted_message(*sample))
