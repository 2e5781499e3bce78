# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images of bags are read as the node reads them: any step, any encoding, nothing on trust."""

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from fastsam_ros.fastsam import FastSam

IMAGE = 'sensor_msgs/msg/Image'


@pytest.fixture
def write(tmp_path):
    """Write a bag of one image; its fields and what is cut off its end are given."""

    def write(pixels, encoding, padding=0, cut=0, **fields):
        store = get_typestore(Stores.LATEST)
        stamp = store.types['builtin_interfaces/msg/Time'](sec=1, nanosec=2)
        rows = pixels.reshape(len(pixels), -1).view(np.uint8)
        data = np.pad(rows, ((0, 0), (0, padding)), constant_values=255)
        fields = {'height': len(pixels), 'width': pixels.shape[1], 'step': data.shape[1], **fields}
        message = store.types[IMAGE](
            header=store.types['std_msgs/msg/Header'](stamp=stamp, frame_id='lens'),
            encoding=encoding, is_bigendian=0, data=data.ravel(), **fields)
        raw = bytes(store.serialize_cdr(message, IMAGE))
        with Writer(tmp_path / 'drive', version=8, storage_plugin=StoragePlugin.MCAP) as writer:
            topic = writer.add_connection('/image', IMAGE, typestore=store)
            writer.write(topic, 1_000_000_000, raw[: len(raw) - cut])
        return tmp_path / 'drive'

    return write


@pytest.fixture
def label_map(fastsam, tmp_path):
    """What the command makes of a bag's only image."""

    def label_map(bag):
        result = fastsam('segment', bag, '-f', 'labels', '-o', tmp_path / 'out')
        assert result.exit_code == 0, result.stderr
        return cv2.imread(str(tmp_path / 'out/drive_labels/000000.png'), cv2.IMREAD_UNCHANGED)

    return label_map


@pytest.mark.parametrize('padding', [0, 1, 36])
def test_rows_may_be_padded(write, label_map, photos, padding):
    view = photos['coffee']
    bag = write(np.ascontiguousarray(view[..., ::-1]), 'bgr8', padding)
    expected = FastSam(image_size=320)(view).label_map()
    assert expected.max() > 0 and np.array_equal(label_map(bag), expected)


@pytest.mark.parametrize('encoding', ['8UC1', 'mono8', '16UC1', 'mono16'])
def test_grey_of_8_and_16_bit_is_read_as_the_node_reads_it(write, label_map, photos, encoding):
    grey = np.ascontiguousarray(photos['coffee'][..., 1])
    deep = grey.astype('<u2') * 257 + np.where(grey < 255, 100, 0).astype('<u2')  # bytes differ
    bag = write(deep if '16' in encoding else grey, encoding)
    expected = FastSam(image_size=320)(np.repeat(grey[..., None], 3, 2)).label_map()
    assert expected.max() > 0 and np.array_equal(label_map(bag), expected)


@pytest.mark.parametrize('fields, words', [
    ({'step': 300}, 'step is 300, but a row of a 320x'),
    ({'cut': 1000}, 'cannot be decoded'),
    ({'height': 100_000}, 'but data has'),
    ({'encoding': '32FC1'}, "encoding '32FC1'"),
])
def test_an_image_that_contradicts_itself_is_told_in_words(
    write, fastsam, tmp_path, photos, fields, words
):
    bag = write(np.ascontiguousarray(photos['coffee']), **{'encoding': 'rgb8', **fields})
    result = fastsam('segment', bag, '-f', 'labels', '-o', tmp_path / 'out')
    assert result.exit_code == 1 and not isinstance(result.exception, ValueError)
    assert '1 of 1 images' in result.stderr and words in result.stderr
