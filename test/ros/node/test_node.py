# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the node publishes for a frame, with the model that ships, on the real graph."""

from array import array

import cv2
from graph import decode, header, point, wait_until
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image

STAMP = (1_700_000_000, 123_456_789)


@pytest.fixture(scope='module')
def robot(start_real):
    """A node that has every output subscribed and a standing prompt."""
    graph = start_real(precision='fp32')
    graph.boxes = {
        'segmentations': graph.mailbox(SegmentationArray, 'fastsam/segmentations'),
        'prompted': graph.mailbox(SegmentationArray, 'fastsam/prompted'),
        'mask': graph.mailbox(Image, 'fastsam/mask'),
        'label_map': graph.mailbox(Image, 'fastsam/label_map'),
        'overlay': graph.mailbox(Image, 'fastsam/overlay'),
        'edges': graph.mailbox(Image, 'fastsam/edges'),
    }
    return graph


@pytest.fixture(scope='module')
def outputs(robot, photographs):
    """All outputs for one photograph, with a point prompt that stands."""
    pixels = photographs['coffee']
    first = robot.publish(pixels)
    robot.boxes['segmentations'].at(first)
    kept = robot.prompt(point((300, 200), id='cup'), point((20, 20), id='table'), keep=True)
    assert kept.success, kept.message
    robot.publish(pixels, stamp=STAMP)
    found = {name: box.at(STAMP) for name, box in robot.boxes.items()}
    robot.clear()
    return found


def masks(message: SegmentationArray) -> list[np.ndarray]:
    return [decode(s, message.height, message.width) for s in message.segmentations]


def pixels_of(message: Image, kind: type = np.uint8) -> np.ndarray:
    return np.frombuffer(message.data, kind).reshape(message.height, message.width, -1)


def grown(mask: np.ndarray) -> np.ndarray:
    """A mask and what smooth outlines touch around it."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((7, 7))).astype(bool)


def test_every_header_is_the_images_bit_for_bit(outputs):
    for name, message in outputs.items():
        assert message.header == header(STAMP), name
        assert (message.height, message.width) == (400, 600), name


def test_segments_are_those_of_the_core(robot, outputs, photographs):
    scene = robot.node.model(photographs['coffee'])
    order = np.argsort(-scene.areas, kind='stable')
    found = outputs['segmentations'].segmentations
    assert len(found) == len(scene) > 3
    np.testing.assert_array_equal(masks(outputs['segmentations']), scene.masks(order))
    np.testing.assert_allclose([s.score for s in found], scene.scores[order], rtol=1e-6)
    assert [s.area for s in found] == scene.areas[order].tolist()
    assert [s.label for s in found] == [scene.labels[i] for i in order]
    assert any(s.label for s in found)


def test_a_segments_fields_agree_with_its_mask(outputs):
    message = outputs['segmentations']
    for segment, mask in zip(message.segmentations, masks(message)):
        rows, columns = np.nonzero(mask)
        box = segment.box
        assert segment.area == len(rows) == sum(segment.counts[1::2])
        assert sum(segment.counts) == box.width * box.height
        assert (box.x_offset, box.y_offset) == (columns.min(), rows.min())
        assert (box.x_offset + box.width, box.y_offset + box.height) == (
            columns.max() + 1, rows.max() + 1)
        assert 0 < segment.score <= 1
        assert (segment.prompt_id, segment.prompt_score) == ('', 0.0)
        assert bool(segment.label) == (segment.label_score > 0)


def test_the_largest_comes_first(outputs):
    areas = [s.area for s in outputs['segmentations'].segmentations]
    assert areas == sorted(areas, reverse=True)


def test_the_label_map_is_the_segments_painted_in_their_order(outputs):
    expected = np.zeros((400, 600), np.uint16)
    for number, mask in enumerate(masks(outputs['segmentations']), 1):
        expected[mask] = number
    assert outputs['label_map'].encoding == 'mono16'
    np.testing.assert_array_equal(pixels_of(outputs['label_map'], np.uint16)[..., 0], expected)


def test_edges_are_the_scenes(outputs, robot, photographs):
    assert outputs['edges'].encoding == 'mono8'
    expected = robot.node.model(photographs['coffee']).edges() * 255
    np.testing.assert_allclose(pixels_of(outputs['edges'])[..., 0], expected, atol=0.51)
    assert expected.max() == 255


def test_prompted_segments_are_among_all_segments(outputs):
    everything = {
        s.id: mask for s, mask in zip(
            outputs['segmentations'].segmentations, masks(outputs['segmentations']))}
    prompted = outputs['prompted']
    assert {s.prompt_id for s in prompted.segmentations} == {'cup', 'table'}
    for segment, mask in zip(prompted.segmentations, masks(prompted)):
        np.testing.assert_array_equal(mask, everything[segment.id])
        assert 0 < segment.prompt_score <= 1
        x, y = {'cup': (300, 200), 'table': (20, 20)}[segment.prompt_id]
        assert mask[y, x]


def test_the_mask_is_the_union_of_what_is_prompted(outputs):
    union = np.any(masks(outputs['prompted']), axis=0)
    assert outputs['mask'].encoding == 'mono8'
    np.testing.assert_array_equal(pixels_of(outputs['mask'])[..., 0], union * np.uint8(255))


def test_the_overlay_shows_the_prompted_segments_over_the_picture(outputs, photographs):
    overlay = outputs['overlay']
    assert overlay.encoding == 'bgr8'
    drawn, plain = pixels_of(overlay)[..., ::-1], photographs['coffee']
    union = grown(np.any(masks(outputs['prompted']), axis=0))
    changed = (drawn != plain).any(axis=2)
    assert changed[union].mean() > 0.95
    assert changed[~union].mean() < 0.05  # captions


def test_ids_stay_from_frame_to_frame(robot, outputs, photographs):
    later = robot.publish(photographs['coffee'], stamp=(STAMP[0] + 1, 0))
    again = robot.boxes['segmentations'].at(later)
    assert [s.id for s in again.segmentations] == [
        s.id for s in outputs['segmentations'].segmentations]


def test_without_a_prompt_the_overlay_shows_everything(robot, outputs, photographs):
    pixels = photographs['coffee']
    stamp = robot.publish(pixels)
    union = grown(np.any(masks(robot.boxes['segmentations'].at(stamp)), axis=0))
    drawn = pixels_of(robot.boxes['overlay'].at(stamp))[..., ::-1]
    np.testing.assert_array_equal((drawn != pixels).any(axis=2) & ~union, False)
    assert (drawn != pixels).any(axis=2)[union].mean() > 0.95


@pytest.mark.parametrize('encoding, convert', [
    ('bgr8', lambda p: p[..., ::-1]),
    ('rgba8', lambda p: cv2.cvtColor(p, cv2.COLOR_RGB2RGBA)),
    ('mono16', lambda p: cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257),
    ('bayer_rggb8', lambda p: cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)),
])
def test_other_encodings_are_segmented_too(robot, photographs, encoding, convert):
    stamp = robot.publish(convert(photographs['coffee']), encoding)
    assert len(robot.boxes['segmentations'].at(stamp).segmentations) > 3


def test_compressed_images(start_real, photographs):
    graph = start_real(image_transport='compressed', precision='fp32')
    box = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    png = CompressedImage(header=header(STAMP), format='rgb8; png compressed bgr8')
    png.data = array('B', cv2.imencode('.png', photographs['coffee'][..., ::-1])[1].tobytes())
    graph.publisher(CompressedImage, 'image/compressed').publish(png)
    found = box.at(STAMP)
    scene = graph.node.model(photographs['coffee'])
    np.testing.assert_array_equal(
        masks(found), scene.masks(np.argsort(-scene.areas, kind='stable')))


def test_what_nobody_subscribes_to_is_not_computed(start_real, photographs, monkeypatch):
    from fastsam_ros.ros.topics import messages, segmentation_array

    asked = []
    for room, names in (
            (segmentation_array, ('everything', 'prompted')),
            (messages, ('label_map', 'mask', 'overlay', 'edges'))):
        for name in names:
            monkeypatch.setattr(room, name, lambda *_, name=name: asked.append(name))
    graph = start_real(precision='fp32')
    graph.publisher().publish(to_image(header(STAMP), photographs['coffee'], 'rgb8'))
    wait_until(lambda: graph.counters().processed == 1)
    assert asked == []
