# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Bytes of a SegmentationArray, as rclpy reads them."""

from builtin_interfaces.msg import Time
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from fastsam_ros.core import RunLengths, Scene
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.following.thing import State, Status, ThingSegment
from fastsam_ros.msg import Segmentation, SegmentationArray
from fastsam_ros.ros.topics import cdr, messages, segmentation_array
from fastsam_ros.ros.topics.result import Result

SHAPE = 37, 53
LABELS = '', 'cup', 'dining table', 'Bär'
CANDIDATES = 3  # they have ids too, and nobody asks for their masks


class Named(Scene):
    """A scene whose segments have the labels that this test is about."""

    @property
    def labels(self):
        return tuple(LABELS[i % len(LABELS)] for i in range(len(self)))

    @property
    def label_scores(self):
        return self.scores / 2


def made_result(header, count):
    rng = np.random.default_rng(count)
    masks = rng.random((count, *SHAPE)) > rng.random((count, 1, 1))
    masks[count // 2 :, :, :1] = True  # a first run of no pixels
    runs = [RunLengths.from_mask(mask) for mask in masks]
    total = count + CANDIDATES
    scene = Named(
        np.zeros((total, 4), np.float32), rng.random(total, np.float32),
        np.zeros((total, 32), np.float32), None, Letterbox.fit(*SHAPE, 64),
        DeferredMasks(runs, total, None), confident=count)
    ids = rng.permutation(2**32 - np.arange(1, total + 1)).astype(np.uint32)
    return Result(header, scene, ids)


def as_message(result, order):
    """The same by the generated classes."""
    found = []
    for index in order.tolist():
        run = result.scene.runs[index]
        box = RegionOfInterest(
            x_offset=run.x, y_offset=run.y, width=run.width, height=run.height)
        found.append(Segmentation(
            id=int(result.ids[index]), score=float(result.scene.scores[index]), box=box,
            label=result.scene.labels[index],
            label_score=float(result.scene.label_scores[index]), area=run.area,
            counts=run.counts.tolist()))
    return SegmentationArray(
        header=result.header, height=SHAPE[0], width=SHAPE[1], segmentations=found)


@pytest.mark.parametrize('count', [0, 1, 2, 40])
@pytest.mark.parametrize('frame', ['', 'a', 'map', 'camera', 'Kamera größer'])
def test_the_bytes_are_the_messages(count, frame):
    header = Header(stamp=Time(sec=-5, nanosec=4_000_000_000), frame_id=frame)
    result, order = made_result(header, count), np.arange(count)[::-1]
    expected = as_message(result, order)
    got = segmentation_array.everything(result, order)
    assert len(got) == len(serialize_message(expected))
    assert deserialize_message(got, SegmentationArray) == expected


@pytest.mark.parametrize('frame', ['', 'camera', 'Kamera größer'])
def test_standing_prompts_are_packed_as_their_message(frame):
    rng = np.random.default_rng(0)
    masks = [RunLengths.from_mask(rng.random(SHAPE) > share) for share in (0.9, 0.1, 0.5)]
    segments = [
        ThingSegment(2**32 - 1 - n, mask, 0.25, 0.75, label, n, 0.5)
        for n, (mask, label) in enumerate(zip(masks, LABELS))]
    statuses = [
        Status('it', State.FOLLOWED, tuple(segments[:2]), 5 * 10**9 + 7),
        Status('größer', State.SEARCHING, (), 0, 'no segment of this frame continues it'),
        Status('', State.FOLLOWED, tuple(segments[2:]), -1)]
    header = Header(stamp=Time(sec=-5, nanosec=4_000_000_000), frame_id=frame)
    for camera in ('', 'front'):
        expected = messages.prompted_message(header, SHAPE, camera, statuses)
        assert [s.area for s in expected.segmentations] == sorted(
            (mask.area for mask in masks), reverse=True)
        got = segmentation_array.prompted(header, SHAPE, camera, statuses)
        assert len(got) == len(serialize_message(expected))
        assert deserialize_message(got, SegmentationArray) == expected


def test_the_middleware_is_asked_once_and_reads_it():
    assert segmentation_array.middleware_reads_it()


@pytest.mark.parametrize('spoilt', [
    lambda data, kind: kind(),  # another format, read as something else
    lambda data, kind: 1 / 0])
def test_a_middleware_that_reads_it_differently_gets_messages(monkeypatch, spoilt):
    header = Header(stamp=Time(sec=5), frame_id='lens')
    result, order = made_result(header, 3), np.arange(3)
    monkeypatch.setattr(cdr, 'deserialize_message', spoilt)
    segmentation_array.middleware_reads_it.cache_clear()
    try:
        assert segmentation_array.everything(result, order) == as_message(result, order)
        status = Status('it', State.LOST, (), 5, 'why')
        made = segmentation_array.prompted(header, SHAPE, 'front', [status])
        assert made == messages.prompted_message(header, SHAPE, 'front', [status])
    finally:
        segmentation_array.middleware_reads_it.cache_clear()
