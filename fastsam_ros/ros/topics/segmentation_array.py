# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What each frame brings as the bytes of a SegmentationArray; see `fastsam_ros.ros.topics.cdr`.

By way of messages it takes five times as long, and here there are a hundred segments many times a
second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
import struct

from builtin_interfaces.msg import Time
import numpy as np
from std_msgs.msg import Header

from fastsam_ros.core import RunLengths
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.native import library
from fastsam_ros.following.thing import State, Status, ThingSegment
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics import cdr, messages
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.topics.stamps import as_time

ARRAY, COUNT = struct.Struct('<III'), struct.Struct('<I')  # height, width, number of segmentations
COUNTS = np.dtype('<u4')
# A Segmentation as src/messages/segmentations.cpp takes it: strings and mask by their numbers.
SEGMENT = np.dtype([
    ('id', np.uint32), ('prompt_id', np.uint32), ('label', np.uint32), ('score', np.float32),
    ('prompt_score', np.float32), ('label_score', np.float32), ('mask', np.int64)])


class Strings:
    """Strings that many segments share, numbered."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, values: Iterable[str]) -> list[int]:
        """Strings' numbers; those that have none yet get one."""
        numbers = self._numbers
        return [numbers.setdefault(value, len(numbers)) for value in values]

    def serialised(self) -> tuple[np.ndarray, np.ndarray]:
        """All of them in CDR, uint8, and where each ends, int64."""
        values = [cdr.text(value) for value in self._numbers]
        ends = np.array([*accumulate(map(len, values))], np.int64)
        return np.frombuffer(b''.join(values), np.uint8), ends


def everything(result: Result, order: np.ndarray) -> bytes | SegmentationArray:
    """
    A SegmentationArray of no prompt, as its bytes where the middleware reads them.

    :param order: (K,) int64, numbers of the scene's segments from 0 on; see `messages.by_area`
    """
    if not middleware_reads_it():
        return messages.everything_message(result, order)
    scene, strings = result.scene.without_candidates, Strings()
    segments = np.zeros(len(order), SEGMENT)
    segments['prompt_id'] = strings.number([''])
    segments['label'] = np.array(strings.number(scene.labels), np.uint32)[order]
    segments['id'], segments['mask'] = result.ids[order], order
    segments['score'], segments['label_score'] = scene.scores[order], scene.label_scores[order]
    size = scene.height, scene.width
    return pack(result.header, size, segments, strings, scene.run_table())


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
    strings = Strings()
    segments = np.array([
        (one.id, *strings.number([name, one.label]), one.score, one.prompt_score, one.label_score,
         n) for n, (name, one) in enumerate(found)], SEGMENT)
    masks = RunTable.of([segment.runs for _, segment in found])
    states = [_state(camera, status) for status in statuses]
    return pack(header, size, segments, strings, masks, states)


def _state(camera: str, status: Status) -> bytes:
    """Serialise a PromptStatus without its prompts."""
    ids, seen = np.array(status.segment_ids, COUNTS), as_time(status.seen)
    return b''.join((
        cdr.text(status.name), cdr.filled_up(cdr.string(camera) + bytes([status.state])),
        COUNT.pack(len(ids)), ids, cdr.STAMP.pack(seen.sec, seen.nanosec),
        cdr.text(status.message), COUNT.pack(0)))


def pack(
    header: Header, size: tuple[int, int], segments: np.ndarray, strings: Strings,
    masks: RunTable, states: Sequence[bytes] = (),
) -> bytes:
    """
    Serialise a SegmentationArray.

    :param size: height and width of the image
    :param segments: (K,) of type SEGMENT
    :param strings: that these name
    :param masks: likewise
    :param states: of the prompts, serialised
    """
    before = cdr.begin(header) + ARRAY.pack(*size, len(segments))
    after = b''.join([COUNT.pack(len(states)), *states])
    written = (
        len(segments), segments.ctypes.data, *strings.serialised(), masks.boxes, masks.ends,
        masks.counts)
    room = library().fastsam_segmentations(*written, None)
    message, view = cdr.unfilled(len(before) + room + len(after))
    view[:len(before)], view[-len(after):] = before, after
    if room:
        between = np.frombuffer(view, np.uint8, room, len(before))
        library().fastsam_segmentations(*written, between.ctypes.data)
    return message


@cache
def middleware_reads_it() -> bool:
    """Whether the middleware reads such bytes as the message that they are meant to be."""
    mask = RunLengths(2, 1, 3, 2, 4, np.array([0, 2, 1, 2, 1], np.uint32))
    segments = (ThingSegment(7, mask, 0.5, 0.75, 'dog', 0, 0.25),) * 2
    states = [Status('it', State.FOLLOWED, segments, 10**9), Status('', State.LOST, (), 1, 'why')]
    sample = Header(stamp=Time(sec=-1, nanosec=2), frame_id='any'), (5, 6), 'front', states
    return cdr.is_read(lambda: pack_prompted(*sample), lambda: messages.prompted_message(*sample))
