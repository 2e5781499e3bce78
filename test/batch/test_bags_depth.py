# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment --depth` on bags: clouds, markers and boxes beside the segments."""

from batch_bags import START, image_message, read_bag
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media.bags.types import BagTypes
from fastsam_ros.space.points import POINT

COLOUR, DEPTH = '/camera/color/image_raw', '/camera/depth/image_rect'
STORE = get_typestore(Stores.LATEST)
TYPES = BagTypes(STORE)
SIZE = (220, 150)


def make_info(header, width, height, focal=200.0):
    info = TYPES.new('sensor_msgs/msg/CameraInfo')
    info.header, info.width, info.height = header, width, height
    info.k = np.array([focal, 0, width / 2, 0, focal, height / 2, 0, 0, 1])
    info.distortion_model, info.d = 'plumb_bob', np.zeros(5)
    return info


def make_depth(header, metres, encoding='16UC1'):
    values = np.rint(metres * 1000).astype(np.uint16) if encoding == '16UC1' \
        else metres.astype(np.float32)
    message = TYPES.new('sensor_msgs/msg/Image')
    message.header, message.encoding = header, encoding
    message.height, message.width = metres.shape
    message.step, message.data = values.strides[0], TYPES.octets(values)
    return message


def make_header(stamp, frame):
    header = TYPES.new('std_msgs/msg/Header')
    header.stamp.sec, header.stamp.nanosec = stamp.sec, stamp.nanosec
    header.frame_id = frame
    return header


def make_static(parent, child, x):
    message = TYPES.new('tf2_msgs/msg/TFMessage')
    stamped = TYPES.new('geometry_msgs/msg/TransformStamped')
    stamped.header.frame_id, stamped.child_frame_id = parent, child
    stamped.transform.translation.x, stamped.transform.rotation.w = x, 1.0
    message.transforms = [stamped]
    return message


def write_drive(path, views, *, frame='camera_optical', late=0, without=(), shift=0.0):
    """Colour and depth of a camera, `late` nanoseconds apart in their stamps."""
    with Writer(path, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        connections = {}

        def write(topic, kind, stamp, message):
            if topic in without:
                return
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=STORE)
            writer.write(connections[topic], stamp, STORE.serialize_cdr(message, kind))

        write('/tf_static', 'tf2_msgs/msg/TFMessage', START,
              make_static('camera_optical', 'depth_optical', shift))
        for number, view in enumerate(views):
            stamp = START + number * 100_000_000
            image = image_message(STORE, view, number)
            depth_header = make_header(image.header.stamp, frame)
            depth_header.stamp.nanosec += late
            metres = np.full(view.shape[:2], 1.5 + number / 10)
            write(COLOUR, 'sensor_msgs/msg/Image', stamp, image)
            write(DEPTH, 'sensor_msgs/msg/Image', stamp + 5, make_depth(depth_header, metres))
            for topic, header in ((COLOUR, image.header), (DEPTH, depth_header)):
                info = f'{topic.rpartition("/")[0]}/camera_info'
                write(info, 'sensor_msgs/msg/CameraInfo', stamp, make_info(header, *SIZE))
    return path


def read_points(message):
    return np.frombuffer(bytes(message.data), POINT)


def segment(fastsam, tmp_path, bag, *options):
    result = fastsam('segment', bag, '-o', tmp_path / 'segmented', '--depth', *options)
    return result, tmp_path / 'segmented' / 'drive_segmented'


@pytest.fixture
def views(photos):
    return [photos['coffee'][n : n + 150, 2 * n : 2 * n + 220] for n in range(3)]


def test_points_lie_under_their_masks_and_boxes_where_the_depth_says(fastsam, tmp_path, views):
    bag = write_drive(tmp_path / 'drive', views, late=3_000_000)
    result, out = segment(fastsam, tmp_path, bag)
    assert result.exit_code == 0, result.stderr
    found = read_bag(out)
    for number, (time, _, array) in enumerate(found['/fastsam/segmentations']):
        (cloud_time, _, cloud), markers, boxes = (
            found[f'/fastsam/{name}'][number] for name in ('points', 'markers', 'detections_3d'))
        assert cloud_time == time and repr(cloud.header) == repr(array.header)
        points, masks = read_points(cloud), {}
        for s in array.segmentations:
            runs = RunLengths(
                s.box.x_offset, s.box.y_offset, s.box.width, s.box.height, s.area, s.counts)
            mask = np.zeros(SIZE[::-1], bool)
            mask[runs.window] = runs.mask()
            masks[s.id] = mask
        assert len(points) == np.logical_or.reduce([*masks.values()]).sum()
        columns = np.rint(points['x'] / points['z'] * 200 + 110).astype(int)
        rows = np.rint(points['y'] / points['z'] * 200 + 75).astype(int)
        labels = points['label'].tolist()
        assert all(masks[label][y, x] for label, x, y in zip(labels, columns, rows))
        np.testing.assert_allclose(points['z'], 1.5 + number / 10, atol=1e-6)
        assert {int(d.id) for d in boxes[2].detections} <= {*masks}
        assert boxes[2].detections
        for detection in boxes[2].detections:
            assert detection.bbox.center.position.z == pytest.approx(1.5 + number / 10, abs=2e-3)
        added = [m for m in markers[2].markers if m.action == 0]
        assert len(added) == 2 * len(boxes[2].detections)


def test_answers_have_topics_of_their_own(fastsam, tmp_path, views):
    bag = write_drive(tmp_path / 'drive', views)
    result, out = segment(fastsam, tmp_path, bag, '--point', '110,75')
    assert result.exit_code == 0, result.stderr
    found = read_bag(out)
    assert '/fastsam/points' not in found
    ids = {s.id for _, _, array in found['/fastsam/prompted'] for s in array.segmentations}
    clouds = [read_points(message) for _, _, message in found['/fastsam/prompted/points']]
    assert {*np.concatenate(clouds)['label'].tolist()} == ids


def test_depth_of_another_frame_is_moved_as_tf_static_says(fastsam, tmp_path, views):
    bag = write_drive(tmp_path / 'drive', views, frame='depth_optical', shift=0.3)
    result, out = segment(fastsam, tmp_path, bag)
    assert result.exit_code == 0, result.stderr
    points = read_points(read_bag(out)['/fastsam/points'][0][2])
    # The depth camera stands 0.3 m to the right: what only the image sees there has no depth.
    assert points['x'].min() > 0.3 - 110 / 200 * 1.5 - 0.01


@pytest.mark.parametrize('changes, words', [
    ({'without': (DEPTH,)}, 'no topic holds 16UC1 or 32FC1'),
    ({'without': ('/camera/color/camera_info',)}, 'holds no /camera/color/camera_info'),
    ({'late': 300_000_000}, '3 of 3 images have segments but no place in space.*within 0.02 s'),
    ({'frame': 'lost'}, 'nothing says how lost stands to camera_optical'),
])
def test_what_is_missing_is_said(fastsam, tmp_path, views, changes, words):
    bag = write_drive(tmp_path / 'drive', views, **changes)
    result, _ = segment(fastsam, tmp_path, bag)
    assert result.exit_code == 1
    assert_words(result, words)


def test_of_several_depths_one_must_be_chosen(fastsam, tmp_path, views):
    bag = write_drive(tmp_path / 'drive', views)
    result, _ = segment(fastsam, tmp_path, bag, '--depth-topic', '/other')
    assert result.exit_code == 1
    assert_words(result, f'which depth.*{DEPTH}')


def assert_words(result, words):
    import re
    said = ' '.join((result.stdout + result.stderr).split())
    assert re.search(words, said), said
