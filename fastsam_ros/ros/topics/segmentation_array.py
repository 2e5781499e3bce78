# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What each frame brings as the bytes of a SegmentationArray; see `fastsam_ros.ros.topics.cdr`.

By way of messages it takes five times as long, and here there are a hundred segments many times a
second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import repeat
import struct

from builtin_interfaces.msg import Time
import numpy as np
from std_msgs.msg import Header

from fastsam_ros.core import RunLengths
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.following.thing import State, Status, ThingSegment
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics import cdr, messages
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.topics.stamps import as_time

ARRAY, COUNT = struct.Struct('<III'), struct.Struct('<I')  # height, width, number of segmentations
COUNTS = np.dtype('<u4')
Segment = tuple[int, str, float, float, str, float]  # id, prompt_id, scores, label, its score


def everything(result: Result, order: np.ndarray) -> bytes | SegmentationArray:
    """
    A SegmentationArray of no prompt, as its bytes where the middleware reads them.

    :param order: of the scene's segments; see `fastsam_ros.ros.topics.messages.by_area`
    """
    if not middleware_reads_it():
        return messages.everything_message(result, order)
    scene = result.scene.without_candidates
    labels = scene.labels
    segments = zip(
        result.ids[order].tolist(), repeat(''), scene.scores[order].tolist(), repeat(0.0),
        [labels[i] for i in order.tolist()], scene.label_scores[order].tolist())
    return pack(result.header, (scene.height, scene.width), segments, scene.run_table(), order)


def prompted(
    header: Header, size: tuple[int, int], camera: str, statuses: Sequence[Status]
) -> bytes | SegmentationArray:
    """As `messages.prompted_message`, as its bytes where the middleware reads them."""
    make = pack_prompted if middleware_reads_it() else messages.prompted_message
    return make(header, size, camera, statuses)


def pack_prompted(
    header: Header, size: tuple[int, int], camera: str, statuses: Sequence[Status]
) -> bytes:
    """Serialise what `messages.prompted_message` makes."""
    found = [(s.name, segment) for s in statuses for segment in s.segments]
    found.sort(key=lambda one: -one[1].runs.area)
    segments = [
        (one.id, name, one.score, one.prompt_score, one.label, one.label_score)
        for name, one in found]
    masks = RunTable.of([segment.runs for _, segment in found])
    states = [_state(camera, status) for status in statuses]
    return pack(header, size, segments, masks, np.arange(len(found)), states)


def _state(camera: str, status: Status) -> bytes:
    """Serialise a PromptStatus without its prompts."""
    ids, seen = np.array(status.segment_ids, COUNTS), as_time(status.seen)
    return b''.join((
        cdr.text(status.name), cdr.filled_up(cdr.string(camera) + bytes([status.state])),
        COUNT.pack(len(ids)), ids, cdr.STAMP.pack(seen.sec, seen.nanosec),
        cdr.text(status.message), COUNT.pack(0)))


def pack(
    header: Header, size: tuple[int, int], segments: Iterable[Segment], masks: RunTable,
    order: np.ndarray, states: Sequence[bytes] = (),
) -> bytes:
    """
    Serialise a SegmentationArray.

    :param size: height and width of the image
    :param segments: K of them
    :param masks: theirs, and maybe others
    :param order: (K,) int64, the number of each one's mask
    :param states: of the prompts, serialised
    """
    parts = [cdr.begin(header), ARRAY.pack(*size, len(order))]
    boxes = masks.boxes[order].tolist()
    for segment, box, counts in zip(segments, boxes, masks.counts_of(order)):
        id, prompt_id, score, fit, label, sure = segment
        x, y, width, height, area, number = box
        fields, name, word = _layout(prompt_id, label)
        parts += (
            fields(id, name, score, fit, word, sure, x, y, height, width, False, area, number),
            counts.astype(COUNTS, copy=False))
    parts.append(COUNT.pack(len(states)))
    return b''.join(parts + [*states])


@lru_cache(maxsize=1024)  # labels come again and again; ids are what clients make up
def _layout(prompt_id: str, label: str) -> tuple[Callable[..., bytes], bytes, bytes]:
    """
    What packs a Segmentation up to its counts, and how it takes both strings.

    The fields are id, prompt_id; score, prompt_score, label, label_score; x_offset, y_offset,
    height, width, do_rectify; area; number of counts. Each fills a multiple of four bytes.
    """
    name, word = cdr.text(prompt_id), cdr.text(label)
    return struct.Struct(f'<I{len(name)}sff{len(word)}sfIIIII2I').pack, name, word


@cache
def middleware_reads_it() -> bool:
    """Whether the middleware reads such bytes as the message that they are meant to be."""
    mask = RunLengths(2, 1, 3, 2, 4, np.array([0, 2, 1, 2, 1], np.uint32))
    segments = (ThingSegment(7, mask, 0.5, 0.75, 'dog', 0, 0.25),) * 2
    states = [Status('it', State.FOLLOWED, segments, 10**9), Status('', State.LOST, (), 1, 'why')]
    sample = Header(stamp=Time(sec=-1, nanosec=2), frame_id='any'), (5, 6), 'front', states
    return cdr.is_read(lambda: pack_prompted(*sample), lambda: messages.prompted_message(*sample))
