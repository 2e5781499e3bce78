# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
This package's messages for bags, where there is no ROS.

The fields are those of msg/*.msg (a test compares them); bags carry them along, so that a reader
needs nothing installed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from fastsam_ros.media.bags.types import register_vision
from fastsam_ros.media.results import Result, Segment

SEGMENTATION = 'fastsam_ros/msg/Segmentation'
ARRAY = 'fastsam_ros/msg/SegmentationArray'
PROMPT = 'fastsam_ros/msg/Prompt'
STATUS = 'fastsam_ros/msg/PromptStatus'
DEFINITIONS = {
    PROMPT: (
        'uint8 BEST=0\n'
        'uint8 ALL=1\n'
        'uint8 UNION=2\n'
        'uint8 SIMILAR=3\n'
        'string id\n'
        'geometry_msgs/Point[] points\n'
        'uint8[] labels\n'
        'sensor_msgs/RegionOfInterest box\n'
        'string text\n'
        'uint8 selection\n'
    ),
    STATUS: (
        'uint8 UNKNOWN=0\n'
        'uint8 FOLLOWED=1\n'
        'uint8 SEARCHING=2\n'
        'uint8 LOST=3\n'
        'string id\n'
        'string camera\n'
        'uint8 state\n'
        'uint32[] segment_ids\n'
        'builtin_interfaces/Time seen\n'
        'string message\n'
        'fastsam_ros/Prompt[] prompts\n'
    ),
    SEGMENTATION: (
        'uint32 id\n'
        'string prompt_id\n'
        'float32 score\n'
        'float32 prompt_score\n'
        'string label\n'
        'float32 label_score\n'
        'sensor_msgs/RegionOfInterest box\n'
        'uint32 area\n'
        'uint32[] counts\n'
    ),
    ARRAY: (
        'std_msgs/Header header\n'
        'uint32 height\n'
        'uint32 width\n'
        'fastsam_ros/Segmentation[] segmentations\n'
        'fastsam_ros/PromptStatus[] prompts\n'
    ),
}


def typestore() -> Typestore:
    """All messages of ROS 2, this package's, and those of vision_msgs that it writes."""
    store = get_typestore(Stores.LATEST)
    for name, text in DEFINITIONS.items():
        store.register(get_types_from_msg(text, name))
    register_vision(store)
    return store


def array_message(store: Typestore, result: Result, header: object, prompts: Sequence) -> object:
    """
    A SegmentationArray.

    :param store: from `typestore`
    :param result: the segments
    :param header: the image's, taken over as it is
    :param prompts: what was asked; their ids, or numbers where they have none, are echoed
    """
    names = [prompt.id or str(number) for number, prompt in enumerate(prompts)]
    segments = sorted(result.segments, key=lambda segment: -segment.runs.area)
    rows = [_segmentation(store, segment, names) for segment in segments]
    return store.types[ARRAY](
        header=header, height=result.height, width=result.width, segmentations=rows,
        prompts=_statuses(store, result, names))


def _statuses(store: Typestore, result: Result, names: Sequence[str]) -> list[object]:
    """How the prompts stand, as `~/prompted` says it."""
    kind, time = store.types[STATUS], store.types['builtin_interfaces/msg/Time']
    ids = {state.name: [] for state in result.states}
    for segment in result.segments:
        if segment.prompt >= 0 and ids:
            ids[names[segment.prompt]].append(segment.id)
    return [
        kind(
            id=state.name, camera='', state=getattr(kind, state.state.upper()),
            segment_ids=np.array(ids[state.name], np.uint32), seen=time(*state.seen),
            message=state.message, prompts=[])
        for state in result.states]


def _segmentation(store: Typestore, segment: Segment, names: Sequence[str]) -> object:
    runs = segment.runs
    region = store.types['sensor_msgs/msg/RegionOfInterest'](
        x_offset=runs.x,
        y_offset=runs.y,
        height=runs.height,
        width=runs.width,
        do_rectify=False,
    )
    return store.types[SEGMENTATION](
        id=segment.id,
        prompt_id=names[segment.prompt] if segment.prompt >= 0 else '',
        score=segment.score,
        prompt_score=segment.prompt_score,
        label=segment.label,
        label_score=segment.label_score,
        box=region,
        area=runs.area,
        counts=runs.counts.astype(np.uint32),
    )
