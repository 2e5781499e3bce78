# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
All segments of a frame as the bytes of a SegmentationArray, ready to be published.

rclpy makes bytes of a message by way of a Python object and a C structure a segment, which takes
five times as long, and here there are a hundred segments many times a second. The bytes are CDR
(OMG's Common Data Representation), which all middlewares of ROS 2 speak and rosbag2 records:
numbers lie at multiples of their size; a string is its length with the final 0, and its bytes.
"""

from __future__ import annotations

import struct

import numpy as np

from fastsam_ros.ros.inference.frames import Result

LITTLE_ENDIAN = b'\x00\x01\x00\x00'  # what CDR begins with
STAMP = struct.Struct('<iI')  # sec, nanosec
ARRAY = struct.Struct('<III')  # height, width, number of segmentations
# id; prompt_id; score, prompt_score; label; label_score; x_offset, y_offset, height, width,
# do_rectify; area; number of counts. Both strings are empty, and each field fills a multiple of
# four bytes.
SEGMENTATION = struct.Struct('<I8sff8sfIIIII2I')


def text(value: str) -> bytes:
    """A string, filled up to a multiple of four bytes."""
    characters = value.encode() + b'\0'
    return struct.pack('<I', len(characters)) + characters + b'\0' * (-len(characters) % 4)


EMPTY = text('')
NOTHING = struct.pack('<I', 0)  # an array without elements


def everything(result: Result, order: np.ndarray) -> bytes:
    """
    A serialised SegmentationArray of no prompt.

    :param order: of the scene's segments; see `fastsam_ros.ros.topics.messages.by_area`
    """
    header, scene = result.header, result.scene
    runs = scene.run_lengths(order)
    parts = [
        LITTLE_ENDIAN, STAMP.pack(header.stamp.sec, header.stamp.nanosec), text(header.frame_id),
        ARRAY.pack(scene.height, scene.width, len(runs))]
    for run, id, score in zip(runs, result.ids[order].tolist(), scene.scores[order].tolist()):
        parts.append(SEGMENTATION.pack(
            id, EMPTY, score, 0.0, EMPTY, 0.0, run.x, run.y, run.height, run.width, False,
            run.area, len(run.counts)))
        parts.append(run.counts.astype('<u4', copy=False))
    parts.append(NOTHING)  # the prompts' states
    return b''.join(parts)
